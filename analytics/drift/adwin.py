"""ADWIN: a window over a stream of numbers in [0, 1] that drops its past when its mean changes.

    … old │ new …      cut where |mean(old) − mean(new)| ≥ ε, for any place of the cut

Bifet & Gavaldà, "Learning from time-changing data with adaptive windowing" (2007), theorem 3.1:
while the mean does not change, the chance of a cut is at most δ at each look; a change of more
than 2ε is found. ε² = (2/m) σ² ln(2/δ') + …, m the harmonic mean of the two sides, δ' = δ / ln n.
The window is kept in buckets whose sizes double, five of a size: O(log n) memory, O(log n) a look.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

#: Buckets of one size before two are joined.
_PER_SIZE = 5
#: Fewer on one side say nothing.
_SIDE_MIN = 10


@dataclass
class _Bucket:
    count: int
    total: float
    squares: float


@dataclass
class Adwin:
    """Has the rate changed? Feed alarms (0 or 1), amounts of work, losses: anything in [0, 1]."""

    delta: float = 0.002
    look_every: int = 16
    cuts_count: int = 0
    _buckets: list[_Bucket] = field(default_factory=list)  # oldest first
    _seen: int = 0

    @property
    def count(self) -> int:
        """How many numbers the window holds."""
        return sum(one.count for one in self._buckets)

    @property
    def mean(self) -> float:
        """The mean of the window; 0 of none."""
        return sum(one.total for one in self._buckets) / max(1, self.count)

    def add(self, value: float) -> bool:
        """Take one number; return whether the past was dropped because the mean has changed."""
        if not 0 <= value <= 1:
            raise ValueError(f"{value} is not in [0, 1]")
        self._buckets.append(_Bucket(1, value, value * value))
        self._join()
        self._seen += 1
        if self._seen % self.look_every:
            return False
        has_cut = False
        while self._cut():
            has_cut = True
        self.cuts_count += has_cut
        return has_cut

    def _join(self) -> None:
        size = 1
        while True:
            same = [place for place, one in enumerate(self._buckets) if one.count == size]
            if len(same) <= _PER_SIZE:
                return
            older, newer = self._buckets[same[0]], self._buckets[same[1]]
            joined = _Bucket(2 * size, older.total + newer.total, older.squares + newer.squares)
            self._buckets[same[0] : same[1] + 1] = [joined]
            size *= 2

    def _cut(self) -> bool:
        """Drop the oldest bucket if some cut shows two means. Returns whether it did."""
        count, total = self.count, sum(one.total for one in self._buckets)
        squares = sum(one.squares for one in self._buckets)
        if count < 2 * _SIDE_MIN:
            return False
        variance = max(0.0, squares / count - (total / count) ** 2)
        left_count, left_total = 0, 0.0
        for bucket in self._buckets[:-1]:
            left_count += bucket.count
            left_total += bucket.total
            right_count = count - left_count
            if left_count < _SIDE_MIN or right_count < _SIDE_MIN:
                continue
            gap = abs(left_total / left_count - (total - left_total) / right_count)
            if gap >= self._epsilon(left_count, right_count, variance):
                del self._buckets[0]
                return True
        return False

    def _epsilon(self, left: int, right: int, variance: float) -> float:
        harmonic = 1 / (1 / left + 1 / right)
        wide = math.log(2 * math.log(left + right) / self.delta)
        return math.sqrt(2 / harmonic * variance * wide) + 2 / (3 * harmonic) * wide
