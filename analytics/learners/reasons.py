"""Reasons: the features that moved a row's log-odds most, as the sentences a person reads.

    contributions, values ──▶ the k strongest ──▶ "0 logins in 30 days (raises it)"
                                                  "Contract is Month-to-month (raises it)"

A reason says what the model used, not what would change the outcome. Money kept in minor units
is shown in major ones. A column's phrase is the sentence; without one its name is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.models import Floats, Model
from analytics.tables.columns import Column, Kind
from analytics.tables.values import flags_of, numbers_of, texts_of
from bank.domain.money import digits_of

#: What adds less than this to the log-odds moves a probability by less than a quarter percent.
ADDS_LEAST = 0.01
_MINOR_UNIT = re.compile(r"^(?P<currency>[A-Z]{3})[ _]minor(?: units)?$")


@dataclass(frozen=True, slots=True)
class Reason:
    """One feature's part in a score. `adds`: to the log-odds; above 0 raises the probability."""

    column: str
    adds: float
    sentence: str


def reasons_of(model: Model, table: pd.DataFrame, *, count: int = 3) -> list[tuple[Reason, ...]]:
    """Return at most `count` reasons per row, the strongest first.

    Raises FeatureMismatch: a column of the model is absent.
    """
    added, _ = model.contributions(table)
    return told(model.schema.columns, table, added, count=count)


def told(
    columns: Sequence[Column], table: pd.DataFrame, added: Floats, *, count: int
) -> list[tuple[Reason, ...]]:
    """Return the reasons of contributions that are known already, shape (n, columns)."""
    count = min(count, len(columns))
    if not len(added) or count == 0:
        return [()] * len(added)
    strongest = np.argsort(-np.abs(added), axis=1, kind="stable")[:, :count]
    cells = {place: _cells(columns[place], table) for place in np.unique(strongest)}
    return [
        tuple(
            Reason(
                columns[place].name,
                float(added[row, place]),
                sentence(columns[place], cells[place][row], float(added[row, place])),
            )
            for place in chosen
            if abs(added[row, place]) >= ADDS_LEAST
        )
        for row, chosen in enumerate(strongest)
    ]


def sentence(column: Column, value: float | str | None, adds: float) -> str:
    """Return a reason as a person reads it.

    >>> sentence(Column("logins", Kind.NUMBER, phrase="{value} logins in 30 days"), 0.0, 0.8)
    '0 logins in 30 days (raises it)'
    >>> sentence(Column("balance_minor", Kind.NUMBER, "EUR minor units"), 124_990.0, -0.2)
    'balance_minor is 1,249.90 EUR (lowers it)'
    >>> sentence(Column("age", Kind.NUMBER, "years"), None, -0.2)
    'age is not known (lowers it)'
    """
    way = "raises it" if adds > 0 else "lowers it"
    shown = _shown(column, value)
    if shown is None:
        return f"{column.name} is not known ({way})"
    if column.phrase:
        return f"{column.phrase.replace('{value}', shown)} ({way})"
    is_money = _MINOR_UNIT.match(column.unit)
    unit = f" {column.unit}" if column.unit and not is_money else ""
    return f"{column.name} is {shown}{unit} ({way})"


def _shown(column: Column, value: float | str | None) -> str | None:
    """Return a value in its unit; None: it is unknown."""
    if value is None or value == "" or value != value:  # noqa: PLR0124  # NaN is not itself
        return None
    if isinstance(value, str):
        return value
    if column.kind is Kind.FLAG:
        return "yes" if value else "no"
    money = _MINOR_UNIT.match(column.unit)
    if money:
        digits = digits_of(money["currency"])
        return f"{value / 10**digits:,.{digits}f} {money['currency']}"
    whole = float(value).is_integer() or abs(value) >= 1_000
    return f"{value:,.0f}" if whole else f"{value:.3g}"


def _cells(column: Column, table: pd.DataFrame) -> Sequence[float | str]:
    read = {Kind.NUMBER: numbers_of, Kind.FLAG: flags_of, Kind.CATEGORY: texts_of}[column.kind]
    cells: Sequence[float | str] = read(table[column.name]).tolist()
    return cells
