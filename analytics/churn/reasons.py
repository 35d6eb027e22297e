"""Why a customer may leave: the strongest contributions, as sentences a person reads.

A number alone says little ("login trend -1.9"), so each kind of unit has its words: money with
its currency, days as days, a change of a rhythm as how much of the usual is left. A contribution
says what the model looked at, never what would change the customer's mind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.models import Model
from analytics.tables.columns import Column, Kind

#: What an unknown value means, where that is a reason in itself.
_UNKNOWN = {
    "salary_age_days": "no pay in the last 180 days",
    "payment_age_days": "no payment in the last 180 days",
    "login_age_days": "no login in the last 180 days",
    "complaint_age_days": "no complaint in the last 180 days",
    "savings_share": "no money on the accounts",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One feature. `log_odds`: what it adds; above zero it makes leaving likelier."""

    feature: str
    sentence: str
    log_odds: float


def reasons_of(model: Model, table: pd.DataFrame, *, most: int = 4) -> list[tuple[Reason, ...]]:
    """Return for each row what makes leaving likelier, the strongest first, at most `most`."""
    added, _ = model.contributions(table)
    columns = model.schema.columns
    values = table[list(model.schema.names)].to_numpy(np.float64)
    return [
        tuple(
            Reason(
                columns[place].name,
                sentence(columns[place], float(values[row, place])),
                float(added[row, place]),
            )
            for place in np.argsort(-added[row], kind="stable")[:most].tolist()
            if added[row, place] > 0
        )
        for row in range(len(table))
    ]


def sentence(column: Column, value: float) -> str:
    """Return a feature's value in words.

    >>> sentence(Column("x", Kind.NUMBER, "EUR minor units", phrase="{value} sent"), 123_450)
    '1,234.50 EUR sent'
    >>> sentence(Column("x", Kind.NUMBER, "log ratio", phrase="logins: {value}"), -0.7)
    'logins: 50 % of the usual'
    """
    if math.isnan(value):
        return _UNKNOWN.get(column.name, f"{column.name} is unknown")
    if column.kind is Kind.FLAG:
        return column.phrase.format(value="yes" if value else "no")
    return column.phrase.format(value=_told(column.unit, value))


def _told(unit: str, value: float) -> str:
    if unit == "EUR minor units":
        return f"{value / 100:,.2f} EUR"
    if unit == "log ratio":
        return f"{100 * math.exp(min(value, 5)):.0f} % of the usual"
    if unit == "share":
        return f"{100 * value:.0f} %"
    return f"{value:,.0f}"
