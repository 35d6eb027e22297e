"""A first schema for a table nobody has described: what each column is, and what is left out.

    column ──▶ flag      0 and 1, true and false
           ├─▶ number    numbers, or text that is nearly all numbers
           ├─▶ category  text with few levels
           └─▶ left out  an id, a constant, a date, text with too many levels; a note says why

A guess is for a person to read: the notes go into the model's card. Levels and ranges are those
of the rows given, so give the training rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.errors import BadTable, CannotLearn, TableProblem
from analytics.tables.columns import Column, Kind, Schema
from analytics.tables.values import numbers_of, texts_of

#: Text of which this share of the known cells are numbers is read as numbers.
_NUMBERS_SHARE = 0.95
_LEVELS_MOST = 50
#: A level needs this many rows on average, or the column is a name rather than a category.
_ROWS_PER_LEVEL = 20
_ID_NAME = re.compile(
    r"(?i:(?:^|[_\s-])(?:id|no|nr|key|index|number)$)|[a-z](?:Id|ID|No|Number|Key)$"
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A schema, and one sentence for each column that was left out or read unlike it is written."""

    schema: Schema
    notes: tuple[str, ...]


def schema_of(table: pd.DataFrame, *, target: str, ignore: Sequence[str] = ()) -> Schema:
    """Return the guessed schema alone: see `guess`."""
    return guess(table, target=target, ignore=ignore).schema


def guess(table: pd.DataFrame, *, target: str, ignore: Sequence[str] = ()) -> Guess:
    """Return what each column seems to be; `target` and `ignore` are never features.

    Raises BadTable: no column `target`. CannotLearn: no column is left to learn from.
    """
    missing = [name for name in (target, *ignore) if name not in table.columns]
    if missing:
        raise BadTable(
            tuple(
                TableProblem("missing_column", name, f"There is no column {name}.")
                for name in missing
            )
        )
    columns, notes = [], []
    for name in (str(one) for one in table.columns):
        if name == target or name in ignore:
            continue
        column, note = _column(name, table[name])
        if column is not None:
            columns.append(column)
        if note:
            notes.append(note)
    if not columns:
        raise CannotLearn("No column is left to learn from. " + " ".join(notes))
    return Guess(Schema(tuple(columns)), tuple(notes))


def _column(name: str, cells: pd.Series) -> tuple[Column | None, str]:
    known = cells.dropna()
    if known.nunique() < 2:
        return None, f"{name} is left out: it has one value only."
    if pd.api.types.is_bool_dtype(known.dtype):
        return Column(name, Kind.FLAG), ""
    if pd.api.types.is_datetime64_any_dtype(known.dtype):
        return None, f"{name} is left out: a moment is no feature; use the days since it."
    if pd.api.types.is_numeric_dtype(known.dtype):
        return _number(name, known.to_numpy(np.float64), whole=_is_whole(known))
    return _text(name, cells)


def _number(name: str, known: np.ndarray, *, whole: bool) -> tuple[Column | None, str]:
    if set(np.unique(known)) == {0.0, 1.0}:
        return Column(name, Kind.FLAG), ""
    if whole and len(np.unique(known)) == len(known) and _counts_rows(name, known):
        return None, f"{name} is left out: another number in every row, so an id."
    finite = known[np.isfinite(known)]
    if not len(finite):
        return None, f"{name} is left out: it has no finite value."
    return Column(name, Kind.NUMBER, low=float(finite.min()), high=float(finite.max())), ""


def _text(name: str, cells: pd.Series) -> tuple[Column | None, str]:
    texts = texts_of(cells)
    known = texts[texts != ""]
    numbers = numbers_of(pd.Series(known))
    share = float(np.mean(~np.isnan(numbers))) if len(known) else 0.0
    if share >= _NUMBERS_SHARE:
        column, note = _number(name, numbers[~np.isnan(numbers)], whole=False)
        unread = int(np.isnan(numbers).sum())
        told = f"{name} is text and read as numbers; {unread} cells are not and become unknown."
        return column, note or told
    levels, counts = np.unique(known.astype(str), return_counts=True)
    reason = _why_no_category(levels, known)
    if reason:
        return None, f"{name} is left out: {reason}"
    kept = sorted(str(levels[one]) for one in np.argsort(-counts, kind="stable")[:_LEVELS_MOST])
    more = f"{name} has {len(levels)} levels; the {_LEVELS_MOST} most frequent are known."
    note = more if len(levels) > len(kept) else ""
    return Column(name, Kind.CATEGORY, levels=tuple(kept)), note


def _why_no_category(levels: np.ndarray, known: np.ndarray) -> str:
    """Return why texts are no category, "" if they are one."""
    if len(levels) < 2:
        return "it has one value only."
    if _are_dates(known):
        return "it holds dates; use the days since them."
    if len(levels) == len(known):
        return "another text in every row, so an id."
    if len(levels) > _LEVELS_MOST and len(known) < _ROWS_PER_LEVEL * len(levels):
        return (
            f"{len(levels)} different texts, {len(known) / len(levels):.0f} rows each, are names "
            "rather than categories."
        )
    return ""


def _counts_rows(name: str, known: np.ndarray) -> bool:
    """Return whether whole numbers, no two alike, are ids rather than, say, amounts in cents."""
    dense = float(known.max()) - float(known.min()) < 2 * len(known)
    return dense or _ID_NAME.search(name) is not None


def _is_whole(known: pd.Series) -> bool:
    return bool(pd.api.types.is_integer_dtype(known.dtype))


def _are_dates(known: np.ndarray) -> bool:
    sample = pd.Series(known[:200])
    if not sample.str.contains(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", regex=True).all():
        return False
    read = pd.to_datetime(sample, errors="coerce", format="mixed", dayfirst=True)
    return bool(read.notna().mean() > _NUMBERS_SHARE)
