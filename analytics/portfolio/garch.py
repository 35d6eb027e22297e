"""Volatility that remembers, a while and for long: the mean of two GJR-GARCH filters.

    h[t+1] = w + (a + g·[r[t] < 0])·r[t]² + b·h[t]        twice: slow and fast
    z[t]   = r[t] / sqrt(mean of both h[t])

    returns ──filtered──▶ sigma of each day, known the evening before ──▶ residuals z ──▶ quantiles

A fall moves it more than a rise. The numbers are fixed, not fitted for each series: with some
years of daily returns a fit is noise, and a fixed filter is linear in r², so it runs over decades
in one pass. w aims at the average square so far, so nothing looks ahead. Glosten, Jagannathan and
Runkle 1993; filtered historical simulation: Barone-Adesi, Giannopoulos and Vosper 1999.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from analytics.models import Floats

#: How many days stand for the start, before which nothing is known.
WARM_DAYS = 100


@dataclass(frozen=True, slots=True)
class Memory:
    """The filter's numbers. a + b + g/2 < 1: shocks die out."""

    shock: float  # a
    fall: float  # g, of a fall beside it
    stay: float  # b

    @property
    def lasting(self) -> float:
        """Return how much of a day's excess variance is still there a day later."""
        return self.shock + self.stay + self.fall / 2


#: Chosen on data before 2005 by backtests passed, then quantile loss (docs/cards/portfolio.md).
SLOW, FAST = Memory(shock=0.01, fall=0.06, stay=0.95), Memory(shock=0.05, fall=0.22, stay=0.80)
MEMORIES = (SLOW, FAST)


@dataclass(frozen=True, slots=True)
class Filtered:
    """sigma: (t,), of each day as known before it. residuals: (t,). tomorrow: the next sigma."""

    sigma: Floats
    residuals: Floats
    tomorrow: float


def filtered(returns: Floats, memories: Sequence[Memory] = MEMORIES) -> Filtered:
    """Return the filter's run over daily returns, shape (t,), oldest first.

    A series that never moves has residuals of 0 and no risk.
    """
    squares = returns * returns
    if not squares.any():
        return Filtered(np.zeros_like(returns), np.zeros_like(returns), 0.0)
    aims = np.cumsum(squares) / np.arange(1, len(squares) + 1)
    first = float(squares[:WARM_DAYS].mean()) or float(squares.mean())
    aims[:WARM_DAYS] = np.maximum(aims[:WARM_DAYS], first * 0.25)
    variance = np.mean([_variances(returns, aims, first, one) for one in memories], axis=0)
    sigma = np.sqrt(variance)
    return Filtered(sigma[:-1], returns / sigma[:-1], float(sigma[-1]))


def _variances(returns: Floats, aims: Floats, first: float, memory: Memory) -> Floats:
    """Return each day's variance and the next's, shape (t + 1,)."""
    pushes = (1 - memory.lasting) * aims
    pushes += (memory.shock + memory.fall * (returns < 0)) * returns * returns
    later, _ = lfilter([1.0], [1.0, -memory.stay], pushes, zi=[memory.stay * first])
    return np.concatenate(([first], later))
