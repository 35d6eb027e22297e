"""Value at risk of one day, and what is lost on average beyond it; four ways, one default.

    historical    the quantile of what was seen              slow to notice that times changed
    gaussian      mean and deviation, normal tails           too hopeful at 99 %
    monte_carlo   draws from a Student-t fitted to the data  with the interval of its draws
    filtered      residuals of garch.py × tomorrow's sigma   ours: passes its backtests

VaR and CVaR are shares of the money, positive is a loss: 0.02 at level 0.99 says that on one day
in a hundred more than 2 % is lost. Inputs are log returns (t,). An interval says how well so many
days (or draws) tell the quantile, from the order statistics; it knows nothing of a new world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special, stats

from analytics.models import Floats
from analytics.portfolio.garch import filtered

#: Of so many newest residuals the quantile is read (chosen before 2005, see the card).
WINDOW_DAYS = 1000
HISTORY_DAYS = 500
DRAWS = 20_000
_FREEDOM_LEAST, _FREEDOM_MOST = 3.0, 60.0


class Method(StrEnum):
    HISTORICAL = "historical"
    GAUSSIAN = "gaussian"
    MONTE_CARLO = "monte_carlo"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class AtRisk:
    """One day's value at risk at a level, the mean loss beyond it, VaR's 95 % interval."""

    method: Method
    level: float
    var: float
    cvar: float
    low: float
    high: float


def value_at_risk(
    returns: Floats, *, level: float, method: Method = Method.FILTERED, seed: int = 7
) -> AtRisk:
    """Return tomorrow's value at risk. level: 0.95 or 0.99, say."""
    assert 0.5 < level < 1, level
    if not returns.any():
        return AtRisk(method, level, 0.0, 0.0, 0.0, 0.0)
    return _METHODS[method](returns, level, seed)


def _historical(returns: Floats, level: float, seed: int) -> AtRisk:
    del seed
    return _of_sample(Method.HISTORICAL, returns[-HISTORY_DAYS:], level)


def _filtered(returns: Floats, level: float, seed: int) -> AtRisk:
    del seed
    run = filtered(returns)
    return _of_sample(Method.FILTERED, run.residuals[-WINDOW_DAYS:] * run.tomorrow, level)


def _monte_carlo(returns: Floats, level: float, seed: int) -> AtRisk:
    mean, scale, freedom = student_of(returns[-HISTORY_DAYS:])
    rng = np.random.default_rng(seed)
    drawn = mean + scale * rng.standard_t(freedom, DRAWS)
    return _of_sample(Method.MONTE_CARLO, drawn, level)


def _gaussian(returns: Floats, level: float, seed: int) -> AtRisk:
    del seed
    seen = returns[-HISTORY_DAYS:]
    mean, spread = float(seen.mean()), float(seen.std(ddof=1))
    z = float(special.ndtri(1 - level))
    beyond = mean - spread * float(stats.norm.pdf(z)) / (1 - level)
    # The quantile's deviation: that of the mean and of the spread (both normal), independent.
    half = 1.96 * spread * float(np.sqrt((1 + z * z / 2) / len(seen)))
    at = mean + z * spread
    var, low, high = (float(-np.expm1(one)) for one in (at, at + half, at - half))
    return AtRisk(Method.GAUSSIAN, level, var, float(-np.expm1(beyond)), low, high)


def _of_sample(method: Method, sample: Floats, level: float) -> AtRisk:
    """Return the figures of a sample of log returns, its interval from order statistics."""
    ordered = np.sort(sample)
    quantile = tail_quantile(ordered, 1 - level)
    tail = ordered[ordered <= quantile]
    ranks = stats.binom.ppf((0.025, 0.975), len(ordered), 1 - level).astype(int)
    low, high = ordered[np.clip(ranks, 0, len(ordered) - 1)]
    var, most, least = (float(-np.expm1(one)) for one in (quantile, low, high))
    cvar = float(-np.expm1(tail).mean()) if len(tail) else var
    return AtRisk(method, level, var, cvar, min(least, var), max(most, var))


def tail_quantile(sample: Floats, chance: float) -> float:
    """Return the value under which a next draw falls with this chance, by Weibull's positions.

    The common ways to read a quantile lie too far inside: of 1,000 days at 1 % a next day would
    exceed theirs with a chance of 1.1 %.
    """
    return float(np.quantile(sample, chance, method="weibull"))


def student_of(returns: Floats) -> tuple[float, float, float]:
    """Return mean, scale and degrees of freedom of a Student-t by its moments."""
    excess = float(stats.kurtosis(returns)) if returns.std() > 0 else 0.0
    freedom = 4 + 6 / excess if excess > 0 else _FREEDOM_MOST
    freedom = float(np.clip(freedom, _FREEDOM_LEAST, _FREEDOM_MOST))
    scale = float(returns.std(ddof=1)) * float(np.sqrt((freedom - 2) / freedom))
    return float(returns.mean()), scale, freedom


_METHODS: dict[Method, Callable[[Floats, float, int], AtRisk]] = {
    Method.HISTORICAL: _historical,
    Method.GAUSSIAN: _gaussian,
    Method.MONTE_CARLO: _monte_carlo,
    Method.FILTERED: _filtered,
}
