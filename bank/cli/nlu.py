"""`florin nlu evaluate`: the assistant's own pipeline on any table of sentences and intents."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from bank.cli.output import Json, misuse, out, print_json, refuse
from bank.cli.places import BOT_PYTHON, ROOT

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _nlu() -> None:
    """Keep `evaluate` a sub-command while it is the only one."""


@app.command()
def evaluate(
    *,
    train: Annotated[Path, typer.Option(help="CSV with columns text,category (may be .gz).")],
    test: Annotated[Path, typer.Option(help="CSV with columns text,category.")],
    as_json: Json = False,
) -> None:
    """Train config.yml's pipeline on one table and measure it on another."""
    for path in (train, test):
        if not path.is_file():
            raise misuse(f"There is no file {path}. It needs the columns text,category.")
    done = subprocess.run(
        [str(BOT_PYTHON), "-m", "bot.evaluate", "--train", str(train.resolve()),
         "--test", str(test.resolve())],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise refuse(f"The evaluation stopped: {lines[-1]}")
    figures = json.loads(done.stdout[done.stdout.index("{") :])
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        out.print(f"{name:24} {value:.4f}" if isinstance(value, float) else f"{name:24} {value}")
