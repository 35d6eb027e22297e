"""Does a value at risk hold? Each day's forecast against what the day brought.

    forecasts ──▶ exceeded[day] ──▶ kupiec        as many as promised?          Kupiec 1995
                                └─▶ independence  or do they come in clusters?  Christoffersen 1998

Each gives the chance of data as odd as these if the model were right: under 0.05 it fails. A
perfect model fails each test one time in twenty, so of four tests (two levels) some 15 % of
perfect models fail at least one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from analytics.models import Floats
from analytics.portfolio.garch import MEMORIES, Memory, filtered
from analytics.portfolio.var import HISTORY_DAYS, WINDOW_DAYS, Method, student_of

PASS_P = 0.05
#: Parameters of a fitted tail are renewed after so many days.
_REFIT_DAYS = 21


@dataclass(frozen=True, slots=True)
class Backtest:
    """Days tested, those on which more was lost than the VaR said, and the tests' p values."""

    level: float
    days: int
    exceeded: int
    kupiec_p: float
    independence_p: float

    @property
    def share(self) -> float:
        return self.exceeded / self.days if self.days else float("nan")

    @property
    def passes(self) -> bool:
        return self.kupiec_p > PASS_P and self.independence_p > PASS_P


def backtest(returns: Floats, forecasts: Floats, *, level: float) -> Backtest:
    """Return the test of forecasts (t,), as log returns of the quantile; NaN where there is none.

    Both tests are likelihood ratios with one degree of freedom.
    """
    known = ~np.isnan(forecasts)
    exceeded = returns[known] < forecasts[known]
    return Backtest(
        level, int(known.sum()), int(exceeded.sum()),
        kupiec_p(int(exceeded.sum()), int(known.sum()), 1 - level), independence_p(exceeded),
    )  # fmt: skip


def kupiec_p(exceeded: int, days: int, chance: float) -> float:
    """Return the p value of `exceeded` of `days` when each day has this chance.

    >>> round(kupiec_p(10, 1000, 0.01), 3), round(kupiec_p(20, 1000, 0.01), 4)
    (1.0, 0.0051)
    """
    if days == 0:
        return float("nan")
    ratio = _log_likelihood(exceeded, days, exceeded / days)
    return float(stats.chi2.sf(2 * (ratio - _log_likelihood(exceeded, days, chance)), 1))


def independence_p(exceeded: NDArray[np.bool_]) -> float:
    """Return the p value of: after an exceedance one is as likely as on any other day."""
    if len(exceeded) < 2:
        return float("nan")
    before, after = exceeded[:-1], exceeded[1:]
    counts = [(int((after & (before == was)).sum()), int((before == was).sum())) for was in (0, 1)]
    apart = sum(_log_likelihood(hits, days, hits / days) for hits, days in counts if days)
    hits, days = (sum(column) for column in zip(*counts, strict=True))
    return float(stats.chi2.sf(max(0.0, 2 * (apart - _log_likelihood(hits, days, hits / days))), 1))


def _log_likelihood(hits: int, days: int, chance: float) -> float:
    return float(special.xlogy(hits, chance) + special.xlogy(days - hits, 1 - chance))


def forecasts_of(
    returns: Floats,
    method: Method,
    *,
    level: float,
    memories: Sequence[Memory] = MEMORIES,
    window_days: int = WINDOW_DAYS,
) -> Floats:
    """Return each day's quantile as a log return, made from the days before it; NaN at first.

    The same numbers as `var.value_at_risk` day by day, in one pass (a test compares).
    """
    if method is Method.FILTERED:
        run = filtered(returns, memories)
        return _rolling(run.residuals, window_days, 1 - level) * run.sigma
    if method is Method.HISTORICAL:
        return _rolling(returns, HISTORY_DAYS, 1 - level)
    series = pd.Series(returns).rolling(HISTORY_DAYS)
    mean, spread = (one.shift(1).to_numpy() for one in (series.mean(), series.std()))
    if method is Method.GAUSSIAN:
        return np.asarray(mean + special.ndtri(1 - level) * spread, np.float64)
    return _student(returns, level)


def _rolling(values: Floats, window: int, chance: float) -> Floats:
    """Return the `tail_quantile` of the `window` days before each."""
    place = ((window + 1) * chance - 1) / (window - 1)  # Weibull's position, as pandas counts
    rolled = pd.Series(values).rolling(window).quantile(place, interpolation="linear")
    return np.asarray(rolled.shift(1), np.float64)


def _student(returns: Floats, level: float) -> Floats:
    """Return the quantile of the Student-t of each window: what its draws have in the limit."""
    found = np.full(len(returns), np.nan)
    for day in range(HISTORY_DAYS, len(returns), _REFIT_DAYS):
        mean, scale, freedom = student_of(returns[day - HISTORY_DAYS : day])
        found[day : day + _REFIT_DAYS] = mean + scale * float(special.stdtrit(freedom, 1 - level))
    return found
