"""Options that several commands share, and the moments of a table's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bank.cli.output import misuse

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

ModelArgument = Annotated[str, typer.Argument(help="The model's name.")]
CalendarOption = Annotated[
    list[str] | None, typer.Option("--calendar", help="A column of the calendar: never an alarm.")
]
TargetOption = Annotated[str, typer.Option(help="The column to foretell.")]
PositiveOption = Annotated[str | None, typer.Option(help="Its value that counts as 1.")]
TimeOption = Annotated[
    str | None, typer.Option("--time", help="A column of moments; none: rows are in order.")
]


def moments_of(table: pd.DataFrame, time: str) -> NDArray[np.datetime64]:
    """Return the moments of a column, in UTC. Exits with 2 where one is none."""
    import pandas as pd

    if time not in table.columns:
        raise misuse(f"There is no column {time}.")
    read: Any = pd.to_datetime(table[time], errors="coerce", utc=True, format="ISO8601")
    if read.isna().any():
        row = int(read.isna().to_numpy().argmax()) + 1
        raise misuse(f"Row {row} of column {time} is no moment, such as 2026-03-02T12:00:00Z.")
    moments: NDArray[np.datetime64] = read.dt.tz_localize(None).to_numpy("datetime64[s]")
    return moments
