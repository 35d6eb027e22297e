"""May this table be used? Everything wrong with it at once, by column and row, in our words.

    table, schema ──▶ pandera (lazy) ──▶ problems ──▶ BadTable, all of them
                                    └──▶ notes: what is read, and how

| found                              | strict  | not strict (scoring)          |
|------------------------------------|---------|-------------------------------|
| missing column, wrong type,        | problem | problem                       |
| infinity, duplicate id, future     |         |                               |
| out of range, extra column         | problem | note                          |
| category nobody saw in training    | note    | note: it is read as unknown   |

A range guessed from training rows is no law, so scoring only notes what lies outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray
from pandera.errors import SchemaErrors

from analytics.errors import BadTable, CannotLearn, TableProblem
from analytics.models import Labels
from analytics.tables.columns import Column, Kind, Schema
from analytics.tables.values import flags_of, numbers_of, texts_of

_YES = ("1", "true", "yes")
_VALUES_SHOWN = 5
_ROWS_SHOWN = 10
#: What pandera calls the things we have words for.
_CODES = {
    "column_in_dataframe": "missing_column",
    "column_in_schema": "extra_column",
    "field_uniqueness": "duplicate_id",
}
_LENIENT = ("out_of_range", "extra_column")


def check(
    table: pd.DataFrame,
    schema: Schema,
    *,
    strict: bool = True,
    id_column: str | None = None,
    time_column: str | None = None,
    now_utc: datetime | None = None,
    others: tuple[str, ...] = (),
) -> tuple[TableProblem, ...]:
    """Return the notes about a table that may be used.

    The index, where it counts on from an earlier piece, says which rows these are.
    id_column: no two rows may share its value. time_column: no moment after `now_utc`, which
    then must be given. others: columns that are no features and allowed, such as the target.
    Raises BadTable: with every problem found.
    """
    if not len(table):
        raise BadTable((TableProblem("empty", "", "The table has no rows."),))
    assert time_column is None or now_utc is not None, "a moment is in the future of what?"
    allowed = {name for name in (id_column, time_column, *others) if name}
    rules = pa.DataFrameSchema(
        {
            **{name: pa.Column(required=False, nullable=True) for name in allowed},
            **{column.name: _rule(column) for column in schema.columns},
            **({id_column: pa.Column(unique=True, nullable=True)} if id_column else {}),
            **({time_column: _moment_rule(now_utc)} if time_column and now_utc else {}),
        },
        strict=True,
    )
    found = sorted(_failures(table, rules), key=_order(schema))
    lenient = () if strict else _LENIENT
    problems = tuple(one for one in found if one.code not in (*lenient, "unknown_level"))
    if problems:
        raise BadTable(problems)
    return tuple(one for one in found if one.code in (*lenient, "unknown_level"))


def labels_of(table: pd.DataFrame, target: str, positive: str | None = None) -> Labels:
    """Return 1 where `target` is `positive`, else 0, shape (n,).

    positive: as the table writes it; None: the one of "1", "true", "yes" that occurs.
    Raises BadTable: no such column, unknown labels, `positive` does not occur.
    CannotLearn: nothing but `positive` occurs.
    """
    if target not in table.columns:
        raise _refused("missing_column", target, f"There is no column {target}.")
    texts = texts_of(table[target])
    unknown = np.flatnonzero(texts == "")
    if len(unknown):
        rows = tuple(int(row) + 1 for row in unknown)
        told = f"{len(rows)} rows have no label in column {target}, the first is row {rows[0]}."
        raise _refused("target", target, told, rows)
    values = pd.Series(texts).value_counts().index.tolist()
    shown = ", ".join(str(value) for value in values[:_VALUES_SHOWN])
    wanted = [positive] if positive is not None else list(_YES)
    hits = [value for value in values if value in wanted or str(value).lower() in wanted]
    if len(hits) != 1 or (positive is None and len(values) > 2):
        ask = f"{positive} does not occur" if positive is not None else "say which value is meant"
        more = "" if len(values) <= _VALUES_SHOWN else f" and {len(values) - _VALUES_SHOWN} more"
        raise _refused("target", target, f"Column {target}: {ask}; there are {shown}{more}.")
    if len(values) == 1:
        raise CannotLearn(f"Column {target} has one class only: every row is {shown}.")
    return np.asarray(texts == hits[0], dtype=np.int8)


def _rule(column: Column) -> pa.Column:
    tests: dict[str, Callable[[pd.Series], NDArray[np.bool_]]] = {}
    if column.kind is Kind.NUMBER:
        tests["wrong_type"] = lambda cells: ~np.isnan(numbers_of(cells))
        tests["not_finite"] = lambda cells: ~np.isinf(numbers_of(cells))
        if not (column.low is None and column.high is None):
            tests["out_of_range"] = lambda cells: _inside(cells, column)
    elif column.kind is Kind.FLAG:
        tests["wrong_type"] = lambda cells: ~np.isnan(flags_of(cells))
    elif column.levels:
        tests["unknown_level"] = lambda cells: np.isin(
            texts_of(cells).astype(str), np.array(column.levels)
        )
    return pa.Column(checks=[_as_check(code, test) for code, test in tests.items()], nullable=True)


def _as_check(code: str, test: Callable[[pd.Series], NDArray[np.bool_]]) -> pa.Check:
    return pa.Check(lambda cells: pd.Series(test(cells), index=cells.index), error=code)


def _inside(cells: pd.Series, column: Column) -> NDArray[np.bool_]:
    """Return where a number lies within the range; what is no finite number is not judged here."""
    numbers = numbers_of(cells)
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    return np.asarray(~np.isfinite(numbers) | ((numbers >= low) & (numbers <= high)))


def _moment_rule(now_utc: datetime) -> pa.Column:
    now = pd.Timestamp(now_utc.astimezone(UTC))

    def moments(cells: pd.Series) -> pd.Series:
        return pd.to_datetime(cells, utc=True, errors="coerce", format="mixed")

    return pa.Column(
        checks=[
            pa.Check(lambda cells: moments(cells).notna(), error="wrong_type"),
            pa.Check(lambda cells: ~(moments(cells) > now), error="future_time"),
        ],
        nullable=True,
    )


def _failures(table: pd.DataFrame, rules: pa.DataFrameSchema) -> Iterator[TableProblem]:
    """Yield what pandera finds, one problem per column and kind of fault."""
    # Blank text is "unknown" as NaN is; the index becomes the row a person counts.
    blank = {
        name: table[name].mask(table[name].astype("str").str.strip() == "")
        for name in rules.columns
        if name in table.columns and not pd.api.types.is_numeric_dtype(table[name].dtype)
    }
    first = int(table.index[0]) + 1 if isinstance(table.index, pd.RangeIndex) else 1
    numbered = table.assign(**blank).set_axis(pd.RangeIndex(first, first + len(table)))
    try:
        rules.validate(numbered, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return
    for (column, fault), group in cases.groupby(["column", "check"], sort=False, dropna=False):
        code = _CODES.get(str(fault), str(fault))
        if code in {"missing_column", "extra_column"}:
            for name in group["failure_case"]:
                yield TableProblem(code, str(name), _sentence(code, str(name)))
            continue
        rows = tuple(sorted({int(row) for row in group["index"]}))
        told = _sentence(code, str(column), rows)
        yield TableProblem(code, str(column), told, rows[:_ROWS_SHOWN], len(rows))


def noted(code: str, column: str, rows_count: int) -> str:
    """Return a note about many rows, such as those of several pieces of one table."""
    return f"{_told(code, column)}: {rows_count} rows." if rows_count else f"{_told(code, column)}."


def _sentence(code: str, name: str, rows: tuple[int, ...] = ()) -> str:
    told = _told(code, name)
    if not rows:
        return f"{told}."
    return f"{told}: row {rows[0]}" + (f" and {len(rows) - 1} more." if len(rows) > 1 else ".")


def _told(code: str, name: str) -> str:
    return {
        "missing_column": f"There is no column {name}",
        "extra_column": f"Column {name} is not one of the model's",
        "wrong_type": f"Column {name} holds something else than its kind allows",
        "not_finite": f"Column {name} is infinite",
        "out_of_range": f"Column {name} is out of its range",
        "unknown_level": f"Column {name} has values nobody saw in training, read as unknown",
        "duplicate_id": f"Column {name} has the same value more than once",
        "future_time": f"Column {name} lies in the future",
    }[code]


def _order(schema: Schema) -> Callable[[TableProblem], int]:
    names = list(schema.names)
    return lambda one: names.index(one.column) if one.column in names else len(names)


def _refused(code: str, column: str, told: str, rows: tuple[int, ...] = ()) -> BadTable:
    return BadTable((TableProblem(code, column, told, rows[:_ROWS_SHOWN], len(rows)),))
