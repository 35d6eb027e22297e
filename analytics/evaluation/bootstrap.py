"""Intervals: the rows are drawn again, a thousand times, and every figure computed on each draw.

    paired       model and baseline on the same draws: their difference has a narrow interval
    stratified   a draw has as many positives as the table: the base rate is not what varies
    by group     rows of a customer or a day are drawn together, since they are no news apart

A draw is a vector of weights, so figures come as vectors (see ranking.py). In pieces, so that
memory stays small whatever the table's size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.models import Floats, Labels
from bank.domain import shares

DRAWS_MOST = 1000
_DRAWS_LEAST = 60
#: Fewer draws than these have no tails to read; their spread is told instead.
_TAILS_LEAST = 400
#: Rows times draws of a whole bootstrap, and of one piece (8 bytes each).
_WORK = 100_000_000
_PIECE = 2_000_000
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the ends of its 95 % interval; NaN where there is none."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return bool(self.low > 0 or self.high < 0)

    def as_json(self) -> dict[str, Any]:
        return {key: None if np.isnan(one) else one for key, one in asdict(self).items()}


def draws_for(rows: int) -> int:
    """Return how many draws are worth their time on so many rows."""
    return int(np.clip(_WORK // max(rows, 1), _DRAWS_LEAST, DRAWS_MOST))


def draws(
    labels: Labels,
    *,
    groups: NDArray[Any] | None = None,
    count: int | None = None,
    seed: int = 7,
) -> Iterator[Floats]:
    """Yield weights in pieces, each of shape (some draws, n), `count` draws in all.

    groups: shape (n,); rows of one group get one weight, and groups are stratified by whether
    they have a positive. Each stratum's weights sum to its size in every draw.
    """
    random = np.random.default_rng(seed)
    units, strata = _units(labels, groups)
    left = draws_for(len(labels)) if count is None else count
    most = max(1, _PIECE // len(labels))
    while left > 0:
        now = min(left, most)
        weights = np.zeros((now, len(strata)))
        for stratum in np.unique(strata):
            members = np.flatnonzero(strata == stratum)
            weights[:, members] = _redrawn(random, now, len(members))
        yield weights if groups is None else weights[:, units]
        left -= now


def interval_of(value: float, drawn: Floats) -> Interval:
    """Return the percentile interval of draws around a figure; it always holds the figure.

    Of few draws, which large tables get, 1.96 standard deviations: there figures are normal.

    The calibration error of a draw lies above that of the table, being an absolute value: its
    interval leans upwards, and a figure below its draws is the low end itself.
    """
    kept = drawn[~np.isnan(drawn)]
    if len(kept) < 2 or np.isnan(value):
        return Interval(value, np.nan, np.nan)
    if len(kept) < _TAILS_LEAST:
        half = 1.96 * float(kept.std(ddof=1))
        return Interval(value, value - half, value + half)
    tail = (1 - CONFIDENCE) / 2
    low, high = (float(one) for one in np.quantile(kept, (tail, 1 - tail)))
    return Interval(value, min(low, value), max(high, value))


def difference(model: Interval, baseline: Interval, drawn: Floats) -> Interval:
    """Return model minus baseline; `drawn` are the paired differences of the draws."""
    return interval_of(model.value - baseline.value, drawn)


def wilson(hits: int, count: int) -> Interval:
    """Return a share with its 95 % Wilson interval; NaN of nothing.

    >>> [round(one, 3) for one in (wilson(0, 100).low, wilson(0, 100).high)]
    [0.0, 0.037]
    """
    if count == 0:
        return Interval(np.nan, np.nan, np.nan)
    share = hits / count
    low, high = shares.wilson(hits, count)
    return Interval(share, min(low, share), max(high, share))


def _units(
    labels: Labels, groups: NDArray[Any] | None
) -> tuple[NDArray[np.intp], NDArray[np.int8]]:
    """Return each row's unit of drawing and each unit's stratum."""
    if groups is None:
        return np.arange(len(labels)), labels
    _, codes = np.unique(groups, return_inverse=True)
    strata = np.zeros(int(codes.max()) + 1, np.int8)
    np.maximum.at(strata, codes, labels)
    return codes, strata


def _redrawn(random: np.random.Generator, count: int, size: int) -> Floats:
    """Return how often each of `size` was drawn in `size` draws, shape (count, size)."""
    taken = random.integers(0, size, (count, size), dtype=np.int64)
    taken += size * np.arange(count)[:, None]
    found = np.bincount(taken.ravel(), minlength=count * size)
    return found.reshape(count, size).astype(np.float64)
