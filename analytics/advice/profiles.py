"""An investor as one row of numbers: what they told, what comes in, what they hold.

    InvestorProfile ─┐
    monthly income  ─┼─▶ row_of ─▶ float32, shape (COLUMNS_COUNT,), each column within [0, weight]
    what is held    ─┘

Mixed types on one scale: steps are spread evenly over [0, 1], amounts and counts by their
logarithm between fixed ends, a wish is 0 or 1. Then each column is multiplied by its weight, so
that plain Euclidean distance compares people. The ends are fixed and not learnt from rows: a row
means the same in every version, and one person can be scored without the others.

Country, sex and age are no columns. What an age rightly changes, how long money may stay and what
it is for, people tell themselves as horizon and goal; the rest would be judging by birth date.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bank.domain.instruments import RISK_CLASS_MAX, RISK_CLASS_MIN, Instrument
from bank.domain.investors import Goal, InvestorProfile, Knowledge

Rows: TypeAlias = NDArray[np.float32]

#: Interests that are columns; another is heeded by content and reasons only.
INTERESTS = ("technology", "health", "climate", "europe", "emerging")
_GOALS = (Goal.PRESERVE, Goal.PURCHASE, Goal.INCOME, Goal.RETIREMENT, Goal.GROWTH)
_KNOWLEDGE = tuple(Knowledge)
_HORIZON_YEARS_MAX, _RESERVE_MONTHS_MAX = 10, 6
_EXCLUSIONS_MAX = 5
#: A month's income below and above which no difference is made, in minor units.
_INCOME_MINOR = (50_000, 2_000_000)
_HOLDINGS_MAX = 20


class Column(NamedTuple):
    """One column: what it is, and how much it counts in a distance."""

    name: str
    weight: float


COLUMNS = (
    Column("ability", 1.0),
    Column("willingness", 1.2),
    Column("horizon", 0.6),
    Column("reserve", 0.3),
    Column("knowledge", 0.8),
    Column("goal", 0.4),
    Column("wants_esg", 0.8),
    Column("exclusions", 0.6),
    *(Column(f"likes_{one}", 0.9) for one in INTERESTS),
    Column("income", 0.4),
    Column("holdings_count", 0.4),
    Column("holdings_risk", 1.2),
)
COLUMNS_COUNT = len(COLUMNS)
#: Columns before this one are told by the person; the rest follow from what they hold, so a model
#: that foretells holdings must not be given them.
TOLD_COUNT = COLUMNS_COUNT - 2
_WEIGHTS = np.array([one.weight for one in COLUMNS], np.float32)


def row_of(
    profile: InvestorProfile, *, income_month_minor: int | None, held: Sequence[Instrument]
) -> Rows:
    """Return a person's row, shape (COLUMNS_COUNT,).

    income_month_minor: what comes in a month; None, unknown, lies in the middle. held: what they
    hold; who holds nothing lies where their tolerance would put them.
    """
    risk = float(np.mean([one.risk_class for one in held])) if held else profile.tolerance
    values = (
        _class_share(profile.ability),
        _class_share(profile.willingness),
        _log_share(profile.horizon_years, 0, _HORIZON_YEARS_MAX),
        _log_share(profile.reserve_months, 0, _RESERVE_MONTHS_MAX),
        _KNOWLEDGE.index(profile.knowledge) / (len(_KNOWLEDGE) - 1),
        _GOALS.index(profile.goal) / (len(_GOALS) - 1),
        float(profile.wants_esg),
        min(1.0, len(profile.exclusions) / _EXCLUSIONS_MAX),
        *(float(one in profile.interests) for one in INTERESTS),
        0.5 if income_month_minor is None else _income_share(income_month_minor),
        _log_share(len(held), 0, _HOLDINGS_MAX),
        _class_share(risk),
    )
    row: Rows = np.array(values, np.float32) * _WEIGHTS
    return row


def with_holdings(rows: Rows, counts: NDArray[np.int64], risks: NDArray[np.float64]) -> Rows:
    """Return rows with the columns of what is held; as `row_of`, many at once.

    rows: of people as if they held nothing. counts: how many they hold; risks: their mean risk
    class, heeded where the count is above zero. Both of shape (people,).
    """
    found = rows.copy()
    share = np.minimum(1.0, np.log1p(counts) / math.log1p(_HOLDINGS_MAX))
    found[:, -2] = share * _WEIGHTS[-2]
    holds = counts > 0
    spread = RISK_CLASS_MAX - RISK_CLASS_MIN
    found[holds, -1] = (risks[holds] - RISK_CLASS_MIN) / spread * _WEIGHTS[-1]
    return found


def _class_share(risk_class: float) -> float:
    return (risk_class - RISK_CLASS_MIN) / (RISK_CLASS_MAX - RISK_CLASS_MIN)


def _income_share(income_minor: int) -> float:
    low, high = (math.log(one) for one in _INCOME_MINOR)
    return min(1.0, max(0.0, (math.log(max(1, income_minor)) - low) / (high - low)))


def _log_share(value: float, low: float, high: float) -> float:
    """Return where a count lies between two ends, on a logarithmic scale from 0 to 1.

    >>> _log_share(0, 0, 10), _log_share(10, 0, 10), _log_share(99, 0, 10)
    (0.0, 1.0, 1.0)
    """
    share = math.log1p(max(0.0, value - low)) / math.log1p(high - low)
    return min(1.0, share)
