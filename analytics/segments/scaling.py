"""Robust scaling: logs of what is skewed, then the middle half of the customers is one wide.

    x ──log1p(x / unit)──▶ (x − median) / spread ──▶ cut at ±CUT

One millionaire moves nobody: median and quartiles do not see how far away the farthest are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.models import Floats

#: Beyond so many spreads a customer counts as being at the edge.
CUT = 4.0
#: Quartiles of a normal are 1.349 standard deviations apart.
_QUARTILES_SD = 1.349


@dataclass(frozen=True, slots=True)
class Scaling:
    """unit, middle, spread: shape (features,). Unit 0: no logarithm."""

    unit: Floats
    middle: Floats
    spread: Floats

    def of(self, values: Floats) -> Floats:
        """Return values (n, features) as rows in spreads from the middle, in [-CUT, CUT]."""
        scaled = (straightened(values, self.unit) - self.middle) / self.spread
        return np.clip(scaled, -CUT, CUT)


def learn_scaling(values: Floats, unit: Floats) -> Scaling:
    """Return the scaling of a table; values: (n, features), finite, n at least 1."""
    plain = straightened(values, unit)
    low, middle, high = np.quantile(plain, (0.25, 0.5, 0.75), axis=0)
    spread = (high - low) / _QUARTILES_SD
    # More than half the customers have the same: the standard deviation is all there is to go by.
    spread = np.where(spread > 1e-9, spread, plain.std(axis=0))
    return Scaling(unit, middle, np.where(spread > 1e-9, spread, 1.0))


def straightened(values: Floats, unit: Floats) -> Floats:
    """Return log1p(value / unit), with its sign; the value itself where the unit is 0."""
    is_log = unit > 0
    safe = np.where(is_log, unit, 1.0)
    return np.where(is_log, np.sign(values) * np.log1p(np.abs(values) / safe), values)
