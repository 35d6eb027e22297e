"""When somebody leaves: the curve of a group, and a month with an interval for one customer.

    Kaplan-Meier   S(t) = Π (1 - left / there) over months, log(-log) intervals by Greenwood
    Hazards        P(leaves in month k | there) = σ(w·x + a + b·log k + c·k), k = 1 … 12

The hazards are one ridge regression over person-months (Allison 1982): every row counts once for
each month it is known to have been there, so customers who have not left yet teach as long as
they were seen. Fitted by Newton steps; a dozen numbers a feature are saved, as JSON.

A "when" is told in months of 30 days. Most customers never leave within the year that the curve
knows; then it says so instead of inventing a month.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from analytics.churn.rows import ChurnRows
from analytics.errors import CannotLearn
from analytics.features.customers import SCHEMA
from analytics.models import Floats, Labels

MONTHS = 12
_RIDGE = 5.0
_NEWTON_STEPS = 12
_CLIP = 4.0
#: Fewer who left, and a curve of forty features says nothing.
_LEFT_MIN = 20


@dataclass(frozen=True, slots=True)
class Curve:
    """Share still here after `months`, with 95 % intervals. Shapes (k,)."""

    months: Floats
    stays: Floats
    low: Floats
    high: Floats
    count: int


@dataclass(frozen=True, slots=True)
class When:
    """When a customer leaves, in months from now; None: not within MONTHS.

    median: the month by which half of such customers are gone; early and late: a tenth and nine
    tenths. stays: P(still here after month k), shape (MONTHS,).
    """

    early: int | None
    median: int | None
    late: int | None
    stays: tuple[float, ...]

    def sentence(self) -> str:
        """Return it in words."""
        if self.early is None:
            return f"Nine of ten customers like this one stay for {MONTHS} months and longer."
        begins = f"One in ten customers like this one leaves within {_months(self.early)}"
        if self.median is None:
            return f"{begins}; more than half stay longer than {MONTHS} months."
        ends = _months(self.late) if self.late is not None else f"more than {MONTHS} months"
        return f"{begins}, half within {_months(self.median)}, nine of ten within {ends}."


def kaplan_meier(months: Floats, left: Labels, *, horizon: int = MONTHS) -> Curve:
    """Return the share that stays, month by month. months: how long each was seen; left: 0 or 1."""
    at = np.arange(horizon + 1, dtype=np.float64)
    whole = np.floor(months) + 1  # somebody who leaves on day 10 leaves in month 1
    there = np.array([(months >= month - 1).sum() for month in at[1:]], np.float64)
    gone = np.array([((whole == month) & (left == 1)).sum() for month in at[1:]], np.float64)
    # Whoever's time ran out within a month was there for half of it (actuarial estimate).
    lost = np.array([((whole == month) & (left == 0)).sum() for month in at[1:]], np.float64)
    exposed = np.maximum(there - lost / 2, 1e-9)
    stays = np.concatenate([[1.0], np.cumprod(1 - np.minimum(gone / exposed, 1.0))])
    spread = np.cumsum(gone / np.maximum(exposed * (exposed - gone), 1e-9))
    inner = np.clip(stays[1:], 1e-12, 1 - 1e-12)
    half = np.minimum(1.96 * np.sqrt(spread) / np.abs(np.log(inner)), 50.0)
    low = np.concatenate([[1.0], inner ** np.exp(half)])
    high = np.concatenate([[1.0], inner ** np.exp(-half)])
    return Curve(at, stays, np.minimum(low, stays), np.maximum(high, stays), len(months))


def by_group(months: Floats, left: Labels, groups: pd.Series) -> dict[str, Curve]:
    """Return one curve a group, in the order of names."""
    names = groups.astype("str").to_numpy()
    return {
        str(name): kaplan_meier(months[names == name], left[names == name])
        for name in np.unique(names)
    }


@dataclass(frozen=True, slots=True)
class Hazards:
    """Hazards by month. Shapes (features,) of SCHEMA, and weights (features + 3,)."""

    medians: Floats
    means: Floats
    scales: Floats
    weights: Floats

    @classmethod
    def fit(cls, rows: ChurnRows) -> Self:
        """Learn from rows with `months_seen` and `left_later`. Raises CannotLearn."""
        if int(rows.left_later.sum()) < _LEFT_MIN:
            raise CannotLearn(
                f"{int(rows.left_later.sum())} rows of customers who left: too few for hazards."
            )
        raw = rows.table[list(SCHEMA.names)].to_numpy(np.float64)
        medians = np.nan_to_num(np.nanmedian(_compressed(raw), axis=0))
        filled = np.where(np.isnan(raw), medians, _compressed(raw))
        means, scales = filled.mean(axis=0), filled.std(axis=0)
        scales = np.where(scales > 0, scales, 1.0)
        plain = cls(medians, means, scales, np.zeros(raw.shape[1] + 3))
        inputs = plain._inputs(raw)
        matrix, target = _person_months(inputs, rows)
        with threadpool_limits(1):  # small matrices: threads would only wait for each other
            weights = _ridge_logistic(matrix, target)
        return cls(medians, means, scales, weights)

    def hazards(self, table: pd.DataFrame) -> Floats:
        """Return P(leaves in month k | there until then), shape (n, MONTHS)."""
        inputs = self._inputs(table[list(SCHEMA.names)].to_numpy(np.float64))
        features = inputs.shape[1]
        months = np.arange(1, MONTHS + 1)
        size = (inputs @ self.weights[:features])[:, None] + _of_month(months) @ self.weights[
            features:
        ]
        return np.asarray(1 / (1 + np.exp(-size)))

    def stays(self, table: pd.DataFrame) -> Floats:
        """Return P(still here after month k), shape (n, MONTHS)."""
        return np.asarray(np.cumprod(1 - self.hazards(table), axis=1))

    def when(self, table: pd.DataFrame) -> list[When]:
        """Return when each customer leaves."""

        def first(gone: Floats, share: float) -> int | None:
            reached = np.flatnonzero(gone >= share)
            return int(reached[0]) + 1 if len(reached) else None

        return [
            When(
                early=first(1 - one, 0.1),
                median=first(1 - one, 0.5),
                late=first(1 - one, 0.9),
                stays=tuple(map(float, one)),
            )
            for one in self.stays(table)
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "features": list(SCHEMA.names),
            **{name: getattr(self, name).tolist() for name in self.__slots__},
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        """Read it back. Raises KeyError, ValueError: not ours, or of other features."""
        if tuple(written["features"]) != SCHEMA.names:
            raise ValueError("hazards of other features")
        return cls(*(np.array(written[name], np.float64) for name in cls.__slots__))

    def _inputs(self, raw: Floats) -> Floats:
        filled = np.where(np.isnan(raw), self.medians, _compressed(raw))
        return np.clip((filled - self.means) / self.scales, -_CLIP, _CLIP)


def _compressed(raw: Floats) -> Floats:
    """Return money and counts in a scale on which doubling is a step."""
    return np.sign(raw) * np.log1p(np.abs(raw))


def _of_month(months: np.ndarray) -> Floats:
    k = np.asarray(months, np.float64)
    return np.column_stack([np.ones(len(k)), np.log(k), k / MONTHS])


def _person_months(inputs: Floats, rows: ChurnRows) -> tuple[Floats, Floats]:
    """Return one line a row and whole month seen, and whether the customer left in it."""
    seen = np.minimum(np.floor(rows.months_seen), MONTHS).astype(np.intp)
    leaves = (rows.left_later == 1) & (rows.months_seen < MONTHS)
    count = seen + leaves
    row = np.repeat(np.arange(len(count)), count)
    month = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + 1
    target = (leaves[row] & (month == count[row])).astype(np.float64)
    return np.column_stack([inputs[row], _of_month(month)]), target


def _ridge_logistic(matrix: Floats, target: Floats) -> Floats:
    """Return the weights of a logistic regression with a ridge on all but the last three."""
    ridge = np.full(matrix.shape[1], _RIDGE)
    ridge[-3:] = 1e-3
    weights = np.zeros(matrix.shape[1])
    weights[-3] = np.log(max(target.mean(), 1e-6))
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(matrix @ weights, -30, 30)))
        slope = matrix.T @ (target - chance) - ridge * weights
        bend = (matrix * (chance * (1 - chance))[:, None]).T @ matrix + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-6:
            break
    return np.asarray(weights)


def _months(count: int) -> str:
    return "a month" if count == 1 else f"{count} months"
