"""One customer's score as staff read it: how likely, why, and how it went in the months before.

    bank ──read_books, once──▶ books ─▶ as of today ──────┐
                                   ├──▶ as of a month ago ├─▶ one table ─▶ the version that serves
                                   └──▶ …                 ┘

The months before are the same version's word on what could be known then, so the line shows how
the customer changed and not how the model did. Nothing is stored: a score is as old as the look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analytics.churn.reasons import sentence
from analytics.churn.rows import HORIZON_DAYS
from analytics.dataset import read_books
from analytics.errors import NoSuchModel
from analytics.features.books import us_of
from analytics.features.customers import WINDOW_DAYS, customer_features
from analytics.models import Model
from analytics.registry import LiveModel, Registry
from analytics.scores import Live

if TYPE_CHECKING:
    from bank.bootstrap import Bank
    from bank.ports import Store

TREND_STEPS = 5
TREND_STEP = timedelta(days=30)
REASONS_COUNT = 6
#: What adds less to the log-odds is no reason.
_ADDS_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class CustomerReason:
    """What the model looked at. `adds`: to the log-odds; above 0 it makes leaving likelier."""

    code: str
    text: str
    adds: float


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """What the version that serves says of a moment, from what could be known at it."""

    as_of_utc: datetime
    probability: float


@dataclass(frozen=True, slots=True)
class CustomerScore:
    """P(label = 1) of a customer as of a moment. `usual`: the share among the training rows.

    trend: oldest first, the score itself last; moments without an open account are left out.
    """

    model: str
    version: str
    learnt_at_utc: str
    as_of_utc: datetime
    horizon_days: int
    probability: float
    usual: float
    reasons: tuple[CustomerReason, ...]
    trend: tuple[TrendPoint, ...]


def customer_score(
    bank: Bank, customer_id: str, name: str = "churn", *, live: Live | None = None
) -> CustomerScore | None:
    """Return the customer's score by the version that serves, as of now.

    live: where the model is held already; by default it is loaded from the settings' registry.
    None: no version serves, or the customer has no open account. Raises BrokenModel,
    FeatureMismatch (the version learnt from other columns than a customer's).
    """
    try:
        served = (live or _live_of(_registry_dir(), name)).current
    except NoSuchModel:
        return None
    now_utc = bank.clock()
    moments = [now_utc - step * TREND_STEP for step in range(TREND_STEPS, -1, -1)]
    rows = _rows(bank.store, customer_id, moments)
    if not rows or rows[-1][0] != now_utc:
        return None
    table = pd.concat([row for _, row in rows], ignore_index=True)
    probability = served.model.probability(table)
    window = served.card.window
    return CustomerScore(
        model=name,
        version=served.version,
        learnt_at_utc=served.card.made_at_utc,
        as_of_utc=now_utc,
        horizon_days=HORIZON_DAYS,
        probability=float(probability[-1]),
        usual=window.positives_count / max(1, window.rows_count),
        reasons=_reasons(served.model, rows[-1][1]),
        trend=tuple(
            TrendPoint(moment, float(one))
            for (moment, _), one in zip(rows, probability, strict=True)
        ),
    )


def _rows(
    store: Store, customer_id: str, moments: Sequence[datetime]
) -> list[tuple[datetime, pd.DataFrame]]:
    """Return the customer's features at each moment at which an account was open."""
    books = read_books(
        store,
        customers=[customer_id],
        from_utc=moments[0] - timedelta(days=WINDOW_DAYS),
        to_utc=moments[-1],
    )
    found = []
    for moment in moments:
        us = us_of(moment)
        row = customer_features(books.until(us), as_of_us=us)
        if len(row):
            found.append((moment, row))
    return found


def _reasons(model: Model, row: pd.DataFrame) -> tuple[CustomerReason, ...]:
    """Return the columns that move one customer's log-odds most, either way, in words."""
    added = model.contributions(row)[0][0]
    strongest = sorted(range(len(added)), key=lambda place: -abs(added[place]))[:REASONS_COUNT]
    columns = model.schema.columns
    return tuple(
        CustomerReason(
            columns[place].name,
            sentence(columns[place], float(row[columns[place].name].iloc[0])),
            float(added[place]),
        )
        for place in strongest
        if abs(added[place]) >= _ADDS_LEAST
    )


def _registry_dir() -> Path:
    from bank.settings import load_settings  # noqa: PLC0415  only where nobody brought the model

    return load_settings().registry_dir


@cache
def _live_of(folder: Path, name: str) -> Live:
    return LiveModel(Registry(folder), name)
