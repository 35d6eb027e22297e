"""What segments may know of a customer, as of a moment.

    Books.until(moment) ──without cases and complaints──▶ customer_features ─┐
                        └──counts of 180 days ───────────────────────────────┴▶ FEATURES in order

Recency, frequency, money; product mix; channel; stage of life as far as money tells it (how long
here, paid here, fixed costs). Not known, so never inferred: age, sex, country, language, name,
merchants or what was bought (health, faith, party, union), cases, complaints, alerts, findings.
The wall is proven by a test of imports and by one of data (tests/analytics/segments).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from analytics.dataset import read_books
from analytics.features.books import DAY_US, Books, Moments, us_of
from analytics.features.customers import WINDOW_DAYS, customer_features
from analytics.models import Floats
from bank.ports import Store

Group = Literal["recency", "frequency", "money", "products", "channel", "stage"]
_NONE = Moments(*(np.zeros(0, np.int64) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Feature:
    """A column. unit: what one step of log1p is measured in; 0: the number is taken as it is.

    is_learnt: groups are looked for in it; otherwise it only describes them, and rules may use it.
    A count of two or three values would give every value a group of its own.
    """

    name: str
    group: Group
    unit: float = 1.0
    is_learnt: bool = True


_MONEY = 10_000.0  # 100 EUR: below it differences matter little
#: Order matters: it is the order of the arrays of a kept version.
FEATURES = (
    Feature("payment_age_days", "recency", is_learnt=False),
    Feature("login_age_days", "recency", is_learnt=False),
    Feature("payments_a_month", "frequency"),
    Feature("spent_minor_a_month", "money", _MONEY),
    Feature("received_minor_a_month", "money", _MONEY),
    Feature("balance_minor_p50_90d", "money", _MONEY),
    Feature("savings_share", "products", 0.0, is_learnt=False),
    Feature("accounts_count", "products", 0.0, is_learnt=False),
    Feature("cards_count", "products", 0.0, is_learnt=False),
    Feature("has_other_currency", "products", 0.0, is_learnt=False),
    Feature("login_days_a_month", "channel"),
    Feature("transfers_a_month", "channel"),
    Feature("tenure_days", "stage", 30.0, is_learnt=False),
    Feature("salary_minor_a_month", "stage", _MONEY, is_learnt=False),
    Feature("fixed_costs_a_month", "stage", is_learnt=False),
)
NAMES = tuple(one.name for one in FEATURES)
LEARNT = tuple(one.name for one in FEATURES if one.is_learnt)
_MONTH_DAYS = 30.0
#: What is told by the month: from which column, and over how many days it was counted.
_MONTHLY = {
    "payments_a_month": ("payments_180d_count", WINDOW_DAYS),
    "transfers_a_month": ("transfers_180d_count", WINDOW_DAYS),
    "fixed_costs_a_month": ("fixed_costs_180d_count", WINDOW_DAYS),
    "login_days_a_month": ("login_days_180d_count", WINDOW_DAYS),
    "spent_minor_a_month": ("spent_minor_90d", 90),
    "received_minor_a_month": ("received_minor_90d", 90),
    "salary_minor_a_month": ("salary_minor_90d", 90),
}
#: How much is taken where there is nothing to measure: never seen is as long ago as we look.
_WITHOUT = {
    "payment_age_days": float(WINDOW_DAYS),
    "login_age_days": float(WINDOW_DAYS),
    "savings_share": 0.0,
}


def segments_table(
    store: Store, as_of_utc: datetime, *, customers: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return one row a customer with an open account at the moment, columns NAMES, no NaN."""
    since = as_of_utc - timedelta(days=WINDOW_DAYS)
    books = read_books(store, customers=customers, from_utc=since, to_utc=as_of_utc)
    us = us_of(as_of_utc)
    return segment_features(books.until(us), as_of_us=us)


def segment_features(books: Books, *, as_of_us: int) -> pd.DataFrame:
    """Return the features of everybody with an open account, indexed by customer id.

    books: as they stood at the moment (`Books.until`). Raises LooksAhead.
    """
    # Cases and complaints are taken away here, so that no later column can come to know them.
    blind = replace(books, cases=_NONE, complaints=_NONE)
    base = customer_features(blind, as_of_us=as_of_us)
    counts = pd.DataFrame(
        _counts(blind, as_of_us), index=pd.Index(blind.customers, name="customer_id", dtype="str")
    )
    table = base.join(counts)
    # Who came last month has had a month to pay in, not half a year: by the time they were here.
    for name, (column, window_days) in _MONTHLY.items():
        here_days = base["tenure_days"].clip(_MONTH_DAYS, window_days)
        table[name] = table[column] * _MONTH_DAYS / here_days
    table["savings_share"] = table["savings_share"].clip(0.0, 1.0)
    return table[list(NAMES)].fillna(_WITHOUT)


def learnt_columns() -> list[int]:
    """Return the places in FEATURES of what groups are looked for in."""
    return [place for place, one in enumerate(FEATURES) if one.is_learnt]


def _counts(books: Books, as_of_us: int) -> dict[str, Floats]:
    lines, count = books.postings, len(books.customers)
    who = books.accounts.customer[lines.account]
    lately = as_of_us - lines.at_us < WINDOW_DAYS * DAY_US
    out = lately & (lines.amount_minor < 0) & ~lines.is_own & books.accounts.is_euro[lines.account]
    days = books.login_days
    seen = days.weight * (as_of_us - days.at_us < WINDOW_DAYS * DAY_US)

    def number(rows: np.ndarray, of: np.ndarray = who) -> Floats:
        return np.bincount(of, weights=rows, minlength=count).astype(np.float64)

    return {
        "payments_180d_count": number(out & ~lines.is_fixed & ~lines.is_fee & ~lines.is_transfer),
        "transfers_180d_count": number(out & lines.is_transfer),
        "fixed_costs_180d_count": number(out & lines.is_fixed),
        "login_days_180d_count": number(seen, days.customer),
    }
