"""`florin audit verify`: is the chain of audit records whole?"""

from __future__ import annotations

from dataclasses import asdict

import typer

from bank.bootstrap import open_bank
from bank.cli.output import Json, out, print_json
from bank.settings import load_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _audit() -> None:
    """Keep `verify` a sub-command while it is the only one."""


@app.command()
def verify(*, as_json: Json = False) -> None:
    """Recompute every link and compare the head with its anchor."""
    report = open_bank(load_settings()).audit.verify()
    if as_json:
        print_json(asdict(report))
    else:
        out.print(str(report))
    raise typer.Exit(0 if report.is_whole else 1)
