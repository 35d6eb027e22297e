"""PSI, the population stability index: how far a distribution has moved over fixed bins.

    Σ (new − old) · ln(new / old)        below 0.1 steady · from 0.1 look · from 0.2 act

Of n new and m old rows that come from one and the same distribution, PSI · nm/(n+m) is about
chi-squared with bins − 1 degrees of freedom, so a small window shows "drift" by chance alone:
`p_value` is the chance of as much, and who looks at both is not woken by a Monday.
Lin, "Examining distributional shifts by using PSI for model validation" (2017);
Yurdakul, "Statistical properties of PSI" (2018), for its distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analytics.drift.reference import (
    Shape,
    level_shares,
    levels_of,
    numbers_of,
    shares_in,
)
from analytics.models import Floats

WARN, ACT = 0.1, 0.2
#: A bin nobody was in counts as half a row: the logarithm needs something.
_HALF_A_ROW = 0.5


@dataclass(frozen=True, slots=True)
class Moved:
    """How a column moved: its index, the chance of as much without drift, what is unknown now.

    `bin` is where the most of the index comes from, in words: "above 3.2" or a level's name.
    """

    psi: float
    p_value: float
    missing_share: float
    rows_count: int
    bin: str


def psi(shape: Shape, values: pd.Series) -> Moved:
    """Return how the new values of a column lie over the reference's bins.

    Unknown ones are no bin: their share is a figure of its own.
    """
    if shape.levels:
        known = levels_of(values)
        new, known_count = level_shares(known, shape.levels), known.size
    else:
        numbers = numbers_of(values)
        new, known_count = shares_in(numbers, np.array(shape.edges)), numbers.size
    missing_share = 1 - known_count / len(values) if len(values) else 0.0
    if not known_count or not shape.known_count:
        return Moved(0.0, 1.0, missing_share, len(values), "")
    parts = _parts(np.array(shape.shares), new, shape.known_count, known_count)
    index = float(parts.sum())
    weight = known_count * shape.known_count / (known_count + shape.known_count)
    used = int(np.sum((np.array(shape.shares) > 0) | (new > 0)))
    chance = float(stats.chi2.sf(index * weight, max(1, used - 1)))
    return Moved(index, chance, missing_share, len(values), _bin(shape, int(parts.argmax())))


def _parts(old: Floats, new: Floats, old_count: int, new_count: int) -> Floats:
    low = np.maximum(old, _HALF_A_ROW / old_count)
    high = np.maximum(new, _HALF_A_ROW / new_count)
    both = (old == 0) & (new == 0)
    return np.where(both, 0.0, (high - low) * np.log(high / low))


def _bin(shape: Shape, place: int) -> str:
    if shape.levels:
        return shape.levels[place]
    if not shape.edges:
        return "all"
    if place == 0:
        return f"up to {shape.edges[0]:g}"
    if place == len(shape.edges):
        return f"above {shape.edges[-1]:g}"
    return f"{shape.edges[place - 1]:g} to {shape.edges[place]:g}"
