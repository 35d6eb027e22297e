"""Counts and sums over the last hours and days, in hour buckets kept only where something happened.

    now ─┐
    ──▮──▮─────▮──▮▮────────▮──   buckets: hour, count, sum, sum of squares
      └24 h┘   │   │        │
      └──── 7 d ───┘        │     one start per window; rolling forward subtracts what left
      └──────── 30 d ───────┘

Why buckets and not decayed counters: a window of whole numbers is exact after any number of
steps, reads as a sentence ("3 payments in 24 hours"), and comes back equal from a snapshot; a
decayed float does none of that. Why not every single event: a busy payee would remember a month
of them; here it remembers at most one bucket an hour. Each bucket is added once and leaves each
window once, so a step is O(1) amortised. The edge of a window is as sharp as an hour: it covers
the running hour and the whole hours before it.

Time never runs back: what arrives late counts in the newest hour, the hour it became known in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

#: Buckets that left the longest window are cut off when there are this many.
_TRIM_AT = 32


class HourWindows:
    """Totals of three whole numbers over several windows.

    spans_hours: ascending. `totals[i]` is [count, first, second] of window i after `roll`.
    """

    __slots__ = ("_buckets", "_hour", "_starts", "spans_hours", "totals")

    def __init__(self, spans_hours: Sequence[int]) -> None:
        self.spans_hours = tuple(spans_hours)
        self.totals: list[list[int]] = [[0, 0, 0] for _ in self.spans_hours]
        self._buckets: list[list[int]] = []
        self._starts = [0] * len(self.spans_hours)
        self._hour = -(1 << 40)

    def roll(self, hour: int) -> list[list[int]]:
        """Move to this hour, or stay where a later one was seen; return the totals."""
        if hour <= self._hour:
            return self.totals
        self._hour = hour
        buckets, starts = self._buckets, self._starts
        end = len(buckets)
        for which, span in enumerate(self.spans_hours):
            start = starts[which]
            if start == end or buckets[start][0] > hour - span:
                continue
            total = self.totals[which]
            while start < end and buckets[start][0] <= hour - span:
                _, count, first, second = buckets[start]
                total[0] -= count
                total[1] -= first
                total[2] -= second
                start += 1
            starts[which] = start
        gone = starts[-1]
        if gone > _TRIM_AT:
            del buckets[:gone]
            self._starts = [start - gone for start in starts]
        return self.totals

    def add(self, hour: int, first: int = 0, second: int = 0) -> None:
        """Count one event with two numbers of its own."""
        self.roll(hour)
        buckets = self._buckets
        if buckets and buckets[-1][0] == self._hour:
            bucket = buckets[-1]
            bucket[1] += 1
            bucket[2] += first
            bucket[3] += second
        else:
            buckets.append([self._hour, 1, first, second])
        for total in self.totals:
            total[0] += 1
            total[1] += first
            total[2] += second

    def as_json(self) -> list[Any]:
        return [self._hour, self._starts, self.totals, self._buckets]

    @classmethod
    def from_json(cls, spans_hours: Sequence[int], written: list[Any]) -> Self:
        made = cls(spans_hours)
        made._hour, made._starts, made.totals, made._buckets = written
        return made


class Peak:
    """The largest number of the last `span_hours`: a falling queue, O(1) amortised."""

    __slots__ = ("_falling", "span_hours")

    def __init__(self, span_hours: int) -> None:
        self.span_hours = span_hours
        #: [hour, value], values strictly falling: what came before a larger one can never be it.
        self._falling: list[list[int]] = []

    def at(self, hour: int) -> int:
        """Return the largest value, 0 where there is none."""
        falling = self._falling
        while falling and falling[0][0] <= hour - self.span_hours:
            falling.pop(0)
        return falling[0][1] if falling else 0

    def add(self, hour: int, value: int) -> None:
        falling = self._falling
        while falling and falling[-1][1] <= value:
            falling.pop()
        falling.append([hour, value])

    def as_json(self) -> list[Any]:
        return self._falling

    @classmethod
    def from_json(cls, span_hours: int, written: list[Any]) -> Self:
        made = cls(span_hours)
        made._falling = written
        return made
