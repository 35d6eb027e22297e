"""Whose time is believed: a clock that no single line can turn far.

    within an hour back, five minutes ahead   as it is
    further ahead                             only when three lines in a row agree
    further back                              counts as now

One forged line from the year 2099 must not make all that follows look like one burst, and a machine
whose clock is two hours late must not escape: it counts as of now. `skewed_count` tells how often.
"""

from __future__ import annotations

from collections.abc import Callable

_BACK_MOST_S = 3_600.0
_AHEAD_MOST_S = 300.0
_AGREE = 3


class Clock:
    """now_s: the time of this machine, where lines are live; None for files of the past."""

    def __init__(self, now_s: Callable[[], float] | None = None) -> None:
        self._now_s = now_s
        self._clock_s: float | None = None
        self._candidate_s = 0.0
        self._agreeing = 0
        self.skewed_count = 0

    def believed(self, at_s: float) -> float:
        """Return the time to count a line at."""
        if self._now_s is not None:
            now_s = self._now_s()
            if -_BACK_MOST_S <= at_s - now_s <= _AHEAD_MOST_S:
                return at_s
            self.skewed_count += 1
            return now_s
        clock_s = self._clock_s
        if clock_s is None:
            self._clock_s = at_s
            return at_s
        if at_s - clock_s > _AHEAD_MOST_S:
            return self._ahead(at_s, clock_s)
        self._agreeing = 0
        if clock_s - at_s > _BACK_MOST_S:
            self.skewed_count += 1
            return clock_s
        self._clock_s = max(clock_s, at_s)
        return at_s

    def _ahead(self, at_s: float, clock_s: float) -> float:
        if self._agreeing and abs(at_s - self._candidate_s) <= _AHEAD_MOST_S:
            self._agreeing += 1
        else:
            self._agreeing = 1
        self._candidate_s = at_s
        if self._agreeing >= _AGREE:
            self._clock_s, self._agreeing = at_s, 0
            return at_s
        self.skewed_count += 1
        return clock_s
