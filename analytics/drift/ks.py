"""KS, the Kolmogorov-Smirnov distance: the largest gap of two cumulative distributions.

The reference keeps 257 points of its quantile function and no rows, so the distance is known to a
256th; the p-value is the exact one of Marsaglia et al. (scipy's kstwo) at the effective number of
rows nm/(n+m). With ties, as in counts, the true p-value is smaller: it errs towards calm.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analytics.drift.reference import QUANTILES_COUNT, Shape, numbers_of


def ks(shape: Shape, values: pd.Series) -> tuple[float, float]:
    """Return (distance in [0, 1], p-value) of new numbers; (0, 1) where nothing is known."""
    new = np.sort(numbers_of(values))
    if not new.size or not shape.quantiles:
        return 0.0, 1.0
    quantiles = np.array(shape.quantiles)
    points = np.unique(np.concatenate([quantiles, new]))
    # Both sides of each point: a step of one may lie where the other is flat.
    gaps = [
        np.abs(_cumulative(quantiles, points, side) - np.searchsorted(new, points, side) / new.size)
        for side in ("left", "right")
    ]
    distance = float(max(gap.max() for gap in gaps))
    distance = max(0.0, distance - 1 / (QUANTILES_COUNT - 1))
    rows = new.size * shape.known_count / (new.size + shape.known_count)
    return distance, float(stats.kstwo.sf(distance, max(1, round(rows))))


def _cumulative(
    quantiles: np.ndarray[tuple[int], np.dtype[np.float64]],
    points: np.ndarray[tuple[int], np.dtype[np.float64]],
    side: str,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the reference's cumulative distribution at the points, between its quantiles linear.

    Where a run of quantiles is one value, the distribution steps there: `side` says which end.
    """
    unique, first = np.unique(quantiles, return_index=True)
    last = np.append(first[1:], len(quantiles)) - 1
    ends = last if side == "right" else first
    return np.interp(points, unique, ends / (len(quantiles) - 1), left=0.0, right=1.0)
