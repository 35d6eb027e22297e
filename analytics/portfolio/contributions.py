"""Who brings the risk: Euler's split, whose parts sum to the whole.

volatility   part_i = w_i · (Σw)_i / σ          CVaR   part_i = mean loss of i in the mix's tail
"""

from __future__ import annotations

import numpy as np

from analytics.models import Floats


def volatility_shares(weights: Floats, covariance: Floats) -> Floats:
    """Return each holding's share of the volatility, (n,); sums to 1, a hedge's is negative.

    A mix without any risk gives each its weight.
    """
    pushed = covariance @ weights
    variance = float(weights @ pushed)
    if variance <= 0:
        return np.asarray(weights / weights.sum(), np.float64)
    return np.asarray(weights * pushed / variance, np.float64)


def tail_shares(weights: Floats, returns: Floats, *, level: float = 0.95) -> Floats:
    """Return each holding's share of the mean loss on the worst days; returns: log, (t, n)."""
    parts = np.expm1(returns) * weights
    total = parts.sum(axis=1)
    worst = total <= np.quantile(total, 1 - level)
    lost = -parts[worst].mean(axis=0)
    if lost.sum() <= 0:
        return np.asarray(weights / weights.sum(), np.float64)
    return np.asarray(lost / lost.sum(), np.float64)
