"""Optimisers: weights by a solver, on shrunk covariances, under limits (skfolio, ADR 22).

    equal          1/n, what everything has to beat
    min_variance   the calmest mix
    max_sharpe     the most past return for its risk: ex-post winners, beware
    risk_parity    each brings as much risk
    cvar           the smallest mean loss on the worst days
    hrp            by a tree of correlations, no inverse; limits, but no turnover limit

One asset, or a covariance without inverse, never reaches a solver: closed_forms.py has an answer.
A solver that fails raises CannotAllocate ("solver").
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analytics.models import Floats
from analytics.portfolio.closed_forms import (
    capped,
    inverse_variance,
    is_singular,
    shrunk_covariance,
)
from analytics.portfolio.errors import CannotAllocate


class Optimiser(StrEnum):
    EQUAL = "equal"
    MIN_VARIANCE = "min_variance"
    MAX_SHARPE = "max_sharpe"
    RISK_PARITY = "risk_parity"
    CVAR = "cvar"
    HRP = "hrp"


@dataclass(frozen=True, slots=True)
class Bounds:
    """weight_max: of any one, 0-1. turnover_max: sum of all changes against `previous`, 0-2."""

    weight_max: float = 1.0
    turnover_max: float | None = None
    previous: Floats | None = None


def optimise(kind: Optimiser, returns: Floats, bounds: Bounds | None = None) -> Floats:
    """Return weights (n,) of 0 or more that sum to 1; returns: simple, of a day, (t, n).

    Risk parity and HRP know no turnover limit: their step is cut to it on the way from `previous`.
    Raises CannotAllocate: weight_max · n < 1 ("limits"), the solver found nothing ("solver").
    """
    bounds = bounds or Bounds()
    count = returns.shape[1]
    if bounds.weight_max * count < 1 - 1e-9:
        raise CannotAllocate("limits", f"{count} times {bounds.weight_max:.0%} is less than all.")
    caps = np.full(count, bounds.weight_max)
    if count == 1:
        return np.ones(1)
    if kind is Optimiser.EQUAL:
        return np.full(count, 1 / count)
    covariance = shrunk_covariance(np.log1p(returns))
    if is_singular(covariance) or not returns.std(axis=0).all():
        return capped(inverse_variance(covariance), caps)
    if kind is Optimiser.MAX_SHARPE and (returns.mean(axis=0) <= 0).all():
        kind = Optimiser.MIN_VARIANCE  # nothing gained: the least loss for its risk is no aim
    from analytics.portfolio.solvers import solved  # noqa: PLC0415  4 s of import, only here

    weights = solved(kind, returns, bounds)
    return _within_turnover(capped(np.clip(weights, 0, None) / weights.sum(), caps), bounds)


def _within_turnover(weights: Floats, bounds: Bounds) -> Floats:
    """Return weights no further from the previous ones than the limit, on the straight way."""
    if bounds.previous is None or bounds.turnover_max is None:
        return weights
    change = float(np.abs(weights - bounds.previous).sum())
    if change <= bounds.turnover_max:
        return weights
    way = (weights - bounds.previous) * (bounds.turnover_max / change)
    return np.asarray(bounds.previous + way, np.float64)
