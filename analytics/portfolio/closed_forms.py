"""Weights by formula, where one exists: exact, a millisecond, no solver to load.

    inverse_variance    every covariance, also one that cannot be inverted
    min_variance        Σ⁻¹1 / 1'Σ⁻¹1, bounds by active sets
    risk_budget         each holding brings its budget of the risk: cyclical descent
    capped              any wish brought under limits: what is cut off goes to the others

A conversation uses these; optimising.py has what needs a solver, and tests hold both together.
All weights are 0 or more and sum to 1. Spinu 2013; Griveau-Billion, Richard and Roncalli 2013.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf

from analytics.models import Floats
from analytics.portfolio.measures import DAYS_A_YEAR

#: Below this share of the mean variance an eigenvalue counts as none.
SINGULAR_SHARE = 1e-12
_ROUNDS_MOST = 500
_CLOSE = 1e-12


def shrunk_covariance(returns: Floats) -> Floats:
    """Return the yearly covariance (n, n) of log returns (t, n), shrunk by Ledoit and Wolf."""
    if returns.shape[1] == 1:
        return np.array([[float(returns.var()) * DAYS_A_YEAR]])
    # Shrunk as correlations: money market and shares differ too much to share one mean variance.
    spread = returns.std(axis=0)
    scaled = np.divide(returns, spread, out=np.zeros_like(returns), where=spread > 0)
    covariance, _ = ledoit_wolf(scaled)
    np.fill_diagonal(covariance, 1.0)
    return np.asarray(covariance * np.outer(spread, spread) * DAYS_A_YEAR, np.float64)


def is_singular(covariance: Floats) -> bool:
    """Whether some mix has no variance at all, so that a minimum is no single point."""
    values = np.linalg.eigvalsh(covariance)
    return bool(values[0] <= SINGULAR_SHARE * max(float(values.mean()), 0.0))


def inverse_variance(covariance: Floats) -> Floats:
    """Return weights by one over the variance; what never moves shares all alike."""
    variance = np.diag(covariance)
    still = variance <= SINGULAR_SHARE * max(float(variance.mean()), 0.0)
    raw = still.astype(np.float64) if still.any() else 1 / variance
    return np.asarray(raw / raw.sum(), np.float64)


def min_variance(covariance: Floats, caps: Floats | None = None) -> Floats:
    """Return the weights of least variance between 0 and `caps`; caps must sum to 1 or more.

    Active sets: solve for the free, hold who leaves the bounds, free who pulls away from one.
    """
    count = len(covariance)
    caps = np.ones(count) if caps is None else caps
    if count == 1:
        return np.ones(1)
    if is_singular(covariance):
        return capped(inverse_variance(covariance), caps)
    weights = capped(np.full(count, 1 / count), caps)
    held = np.zeros(count, np.int8)  # -1 at zero, 1 at its cap
    for _ in range(_ROUNDS_MOST):
        wish = _solved(covariance, weights, held)
        step, blocked = _step(weights, wish, caps, held)
        weights = weights + step * (wish - weights)
        if blocked is not None:
            held[blocked] = 1 if wish[blocked] > weights[blocked] else -1
            continue
        pull = covariance @ weights
        free = held == 0
        level = pull[free].mean() if free.any() else float(pull @ weights)
        # At zero a smaller pull than the level wants in; at the cap a larger one wants out.
        wrong = (pull - level) * held
        worst = int(np.argmax(wrong))
        if wrong[worst] <= _CLOSE * abs(level):
            break
        held[worst] = 0
    return np.asarray(np.clip(weights, 0, caps), np.float64)


def _solved(covariance: Floats, weights: Floats, held: NDArray[np.int8]) -> Floats:
    """Return the best weights of the free ones while the held stay; may leave the bounds."""
    free = held == 0
    if not free.any():
        return weights
    wish = weights.copy()
    inner = np.linalg.inv(covariance[np.ix_(free, free)])
    pushed = inner @ (covariance[np.ix_(free, ~free)] @ weights[~free])
    ones = inner.sum(axis=1)
    left = 1 - weights[~free].sum() + pushed.sum()
    wish[free] = ones * (left / ones.sum()) - pushed
    return wish


def _step(
    weights: Floats, wish: Floats, caps: Floats, held: NDArray[np.int8]
) -> tuple[float, int | None]:
    """Return how far one may go towards the wish, and who stops it."""
    way = wish - weights
    room = np.where(way > 0, caps - weights, weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where((held == 0) & (np.abs(way) > _CLOSE), room / np.abs(way), np.inf)
    first = int(np.argmin(steps))
    return (float(max(steps[first], 0.0)), first) if steps[first] < 1 else (1.0, None)


def risk_budget(covariance: Floats, budgets: Floats | None = None) -> Floats:
    """Return weights with which each brings its budget of the variance; equal ones: risk parity.

    budgets: above 0, in any unit. Without an inverse, weights by one over the variance.
    """
    count = len(covariance)
    shares = np.full(count, 1 / count) if budgets is None else budgets / budgets.sum()
    if count == 1:
        return np.ones(1)
    if is_singular(covariance):
        return inverse_variance(covariance)
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    found = np.sqrt(shares)
    for _ in range(_ROUNDS_MOST):
        before = found.copy()
        for one in range(count):  # the root of x² + p·x = budget, in units of own deviation
            pull = float(correlation[one] @ found) - found[one]
            found[one] = (np.sqrt(pull * pull + 4 * shares[one]) - pull) / 2
        if np.abs(found - before).max() < _CLOSE:
            break
    weights = found / spread
    return np.asarray(weights / weights.sum(), np.float64)


def capped(weights: Floats, caps: Floats) -> Floats:
    """Return weights under their caps that sum to 1; what is cut off goes to the others in
    proportion, or evenly to their room where they have no weight. caps must sum to 1 or more.
    """
    assert caps.sum() >= 1 - 1e-9, caps
    found = np.minimum(weights, caps)
    for _ in range(len(caps) + 1):
        missing = 1 - float(found.sum())
        room = caps - found
        open_ = room > _CLOSE
        if missing <= _CLOSE or not open_.any():
            break
        base = np.where(open_, found, 0.0)
        base = base if base.sum() > _CLOSE else np.where(open_, room, 0.0)
        found = np.minimum(found + missing * base / base.sum(), caps)
    return np.asarray(found, np.float64)
