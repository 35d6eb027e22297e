"""Rows as JSON has them, turned into a table of a model's columns: all that is wrong, at once.

| in a row                               | what happens                                       |
|----------------------------------------|----------------------------------------------------|
| null                                   | unknown; the model has learnt what unknown means   |
| a column absent, or one too many       | refused                                            |
| another type, infinite, NaN            | refused                                            |
| out of the range of the training rows  | read, and noted                                    |
| a level nobody saw in training         | read as unknown, and noted                         |

JSON has types, so nothing is guessed: "12" is no number. No value is ever part of a problem. For a
row or a few hundred; whole files go through reading.py and checking.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import BadTable, TableProblem
from analytics.models import Floats
from analytics.tables.columns import Column, Kind, Schema

Row: TypeAlias = Mapping[str, Any]
Cells: TypeAlias = NDArray[Any]

_ROWS_SHOWN = 10
#: A name the model does not know is the sender's own text: it is cut short.
_NAME_SHOWN_CHARS = 40
_ABSENT = object()
#: From so many rows on, numpy reads a column faster than a loop.
_MANY = 64


def read_rows(rows: Sequence[Row], schema: Schema) -> tuple[pd.DataFrame, tuple[TableProblem, ...]]:
    """Return rows as a table of the schema's columns, and notes on how they were read.

    Raises BadTable: everything wrong with all rows.
    """
    columns, notes = read_columns(rows, schema)
    return pd.DataFrame(columns, copy=False), notes


def read_columns(
    rows: Sequence[Row], schema: Schema
) -> tuple[dict[str, Cells], tuple[TableProblem, ...]]:
    """Return the same without a frame, which costs more than a score: arrays by column.

    Numbers and flags are float64 with NaN for unknown, categories texts or None; shape (n,) each.
    """
    if not rows:
        raise BadTable((TableProblem("empty", "", "There are no rows."),))
    problems = list(_extra(rows, schema))
    notes: list[TableProblem] = []
    columns: dict[str, Cells] = {}
    for column in schema.columns:
        cells = [row.get(column.name, _ABSENT) for row in rows]
        absent = [place for place, cell in enumerate(cells) if cell is _ABSENT]
        if absent:
            problems.append(_problem("missing_column", column, absent, len(rows)))
            continue
        read = _texts if column.kind is Kind.CATEGORY else _numbers
        columns[column.name], found = read(column, cells)
        for code, places in found.items():
            kept = notes if code in _NOTED else problems
            kept.append(_problem(code, column, places, len(rows)))
    if problems:
        raise BadTable(tuple(problems))
    return columns, tuple(notes)


_NOTED = ("out_of_range", "unknown_level")
#: What was found in a column: code → places.
Found: TypeAlias = dict[str, list[int]]


def _numbers(column: Column, cells: Sequence[Any]) -> tuple[Floats, Found]:
    if len(cells) >= _MANY:
        at_once = _plain_numbers(column, cells)
        if at_once is not None:
            return at_once
    out, found = np.empty(len(cells)), Found()
    for place, cell in enumerate(cells):
        number = _number(column.kind, cell)
        out[place] = math.nan if number is None else number
        if number is None:
            found.setdefault("wrong_type", []).append(place)
        elif cell is not None and not math.isfinite(number):
            found.setdefault("not_finite", []).append(place)
        elif not _inside(column, number):
            found.setdefault("out_of_range", []).append(place)
    return out, found


def _plain_numbers(column: Column, cells: Sequence[Any]) -> tuple[Floats, Found] | None:
    """Read a long column at once; None: something is unusual, and is looked at cell by cell."""
    flags, is_flag = (bool, int, type(None)), column.kind is Kind.FLAG
    if not set(map(type, cells)).issubset(flags if is_flag else (float, int, type(None))):
        return None
    try:
        out = np.array(cells, dtype=np.float64)
    except OverflowError:
        return None
    known = out[~np.isnan(out)]
    if len(known) != len(cells) - cells.count(None) or np.isinf(known).any():
        return None
    if is_flag and not np.isin(known, (0.0, 1.0)).all():
        return None
    low = -math.inf if column.low is None else column.low
    high = math.inf if column.high is None else column.high
    outside = np.flatnonzero((out < low) | (out > high)).tolist()
    return out, Found(out_of_range=outside) if outside else Found()


def _inside(column: Column, number: float) -> bool:
    """Whether a number lies in the range; what is unknown does."""
    is_low = column.low is not None and number < column.low
    return not is_low and not (column.high is not None and number > column.high)


def _number(kind: Kind, cell: object) -> float | None:
    """Return a number or a flag, NaN for unknown; None: the cell is neither."""
    if cell is None:
        return math.nan
    if kind is Kind.FLAG:
        return float(cell) if isinstance(cell, bool | int | float) and cell in (0, 1) else None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    try:
        return float(cell)
    except OverflowError:  # JSON knows no largest integer
        return math.inf


def _texts(column: Column, cells: Sequence[Any]) -> tuple[NDArray[np.object_], Found]:
    found, known = Found(), frozenset(column.levels)
    out = np.full(len(cells), None, dtype=object)
    for place, cell in enumerate(cells):
        if cell is None:
            continue
        if isinstance(cell, bool) or not isinstance(cell, str | int):
            found.setdefault("wrong_type", []).append(place)
            continue
        text = str(cell).strip()
        if known and text and text not in known:
            found.setdefault("unknown_level", []).append(place)
        elif text:
            out[place] = text
    return out, found


def _extra(rows: Sequence[Row], schema: Schema) -> Iterator[TableProblem]:
    names = frozenset(schema.names)
    found: Found = {}
    for place, row in enumerate(rows):
        for name in row.keys() - names:
            found.setdefault(name, []).append(place)
    for name in sorted(found)[:_ROWS_SHOWN]:
        shown = "".join(char for char in name if char.isprintable())[:_NAME_SHOWN_CHARS]
        yield _problem("extra_column", Column(shown, Kind.NUMBER), found[name], len(rows))


def _problem(code: str, column: Column, places: list[int], rows_count: int) -> TableProblem:
    told = {
        "missing_column": f"{column.name} is missing",
        "extra_column": f"{column.name} is none of the model's columns",
        "wrong_type": f"{column.name} is not a {column.kind}",
        "not_finite": f"{column.name} is not finite",
        "out_of_range": f"{column.name} lies outside what the model learnt from",
        "unknown_level": f"{column.name} has a value the model has not learnt; read as unknown",
    }[code]
    rows = tuple(place + 1 for place in places[:_ROWS_SHOWN])
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    where = f" (row {rows[0]}{more})" if rows_count > 1 else ""
    return TableProblem(code, column.name, f"{told}{where}.", rows, len(places))
