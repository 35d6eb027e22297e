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
        print_json({**asdict(report), "ok": report.ok})
    else:
        out.print(f"{report.entries_count:,} entries, anchored up to {report.anchored_number:,}")
        for fault in report.faults:
            out.print(f"fault: {fault}", style="red", markup=False)
        out.print("the chain is whole" if report.ok else "the chain is NOT whole")
    raise typer.Exit(0 if report.ok else 1)
