"""What commands print: tables and bars for people, one JSON object for machines."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, for machines.")]


def print_json(value: Any) -> None:
    """Print one JSON object on one line of standard output."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def complain(sentence: str) -> None:
    """Print what was wrong, for the reader, on standard error."""
    err.print(sentence, style="red", markup=False)


def refuse(sentence: str) -> typer.Exit:
    """Print why not and return the exit (code 1) to raise."""
    complain(sentence)
    return typer.Exit(1)


def misuse(sentence: str) -> typer.Exit:
    """Print what the call lacks and return the exit (code 2) to raise."""
    complain(sentence)
    return typer.Exit(2)


def bars() -> Progress:
    """Return progress bars on standard error: work, percentage, time so far."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=err,
    )
