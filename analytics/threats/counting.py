"""Counting without end in a fixed amount of memory.

    Burst      a count that fades: half is gone after `half_life_s`
    Distinct   how many different things lately; exact up to a cap, then "at least"
    Book       key → one of these, for so many keys and no more

A book forgets first who came once. Somebody who came twice is moved to a part that one-time
visitors cannot push out, so a flood of invented addresses does not make us forget the attacker
(segmented LRU: Karedla, Love, Wherry 1994).

Time may run back (clocks of several machines differ): what is late counts as if it came now.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Held = TypeVar("Held")

#: A burst that has faded below this has ended: its whole-number count begins anew.
_ENDED = 0.5


class Burst:
    """A fading level, and how many events it rests on since it began.

    >>> burst = Burst()
    >>> [round(burst.add(at_s, half_life_s=60), 2) for at_s in (0, 60, 60)]
    [1.0, 1.5, 2.5]
    >>> burst.count
    3
    """

    __slots__ = ("_at_s", "began_s", "count", "level")

    def __init__(self) -> None:
        self.level = 0.0
        self.count = 0
        self.began_s = self._at_s = 0.0

    def add(self, at_s: float, *, half_life_s: float) -> float:
        """Count one event; return the level."""
        level = self.now(at_s, half_life_s=half_life_s)
        if level < _ENDED:
            self.count, self.began_s = 0, at_s
        self.level = level + 1.0
        self.count += 1
        self._at_s = max(at_s, self._at_s)
        return self.level

    def now(self, at_s: float, *, half_life_s: float) -> float:
        """Return the level at a moment."""
        gone_s = at_s - self._at_s
        if self.level == 0.0 or gone_s <= 0:
            return self.level
        # Beyond 60 half-lives nothing is left, and a wild clock must not overflow.
        return self.level * float(0.5 ** min(gone_s / half_life_s, 60.0))


class Distinct:
    """The different things of the last `span_s` seconds, each with its newest time.

    >>> ports = Distinct(most=3)
    >>> [ports.add(port, at_s, span_s=10) for at_s, port in enumerate((22, 80, 22, 443, 25))]
    [1, 2, 2, 3, 3]
    >>> ports.is_full
    True
    """

    __slots__ = ("_clock_s", "_most", "_seen")

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._clock_s = 0.0
        self._seen: dict[str | int, float] = {}

    def add(self, thing: str | int, at_s: float, *, span_s: float) -> int:
        """Meet one thing; return how many there are."""
        clock_s = self._clock_s = max(at_s, self._clock_s)
        seen = self._seen
        seen.pop(thing, None)  # met again: it becomes the newest
        seen[thing] = clock_s
        if len(seen) > self._most:
            del seen[next(iter(seen))]
        oldest = next(iter(seen))
        while seen[oldest] <= clock_s - span_s:
            del seen[oldest]
            oldest = next(iter(seen))
        return len(seen)

    def __contains__(self, thing: str | int) -> bool:
        return thing in self._seen

    def __len__(self) -> int:
        return len(self._seen)

    @property
    def is_full(self) -> bool:
        """Whether there may have been more than are counted."""
        return len(self._seen) >= self._most

    def some(self, count: int) -> list[str]:
        """Return up to so many of them as text, the newest last."""
        return [str(thing) for thing in list(self._seen)[-count:]]


class Book(Generic[Held]):
    """One `Held` per key, for at most `most` keys; `forgotten_count` keys have been dropped."""

    def __init__(self, make: Callable[[], Held], *, most: int) -> None:
        assert most >= 2, most
        self._make = make
        self._most = most
        self._once: dict[str, Held] = {}
        self._again: dict[str, Held] = {}
        self.forgotten_count = 0

    def at(self, key: str) -> Held:
        """Return what is held of a key; made where it is new."""
        held = self._again.pop(key, None)
        if held is None:
            held = self._once.pop(key, None)
            if held is None:
                held = self._once[key] = self._make()
                self._forget()
                return held
        self._again[key] = held
        if len(self._again) > self._most * 4 // 5:
            # Back to where one-time visitors wait, as the newest of them.
            oldest = next(iter(self._again))
            self._once[oldest] = self._again.pop(oldest)
        return held

    def find(self, key: str) -> Held | None:
        """Return what is held, without making or moving it."""
        held = self._again.get(key)
        return held if held is not None else self._once.get(key)

    def __len__(self) -> int:
        return len(self._once) + len(self._again)

    def _forget(self) -> None:
        while len(self) > self._most:
            part = self._once if len(self._once) > 1 else self._again
            del part[next(iter(part))]
            self.forgotten_count += 1
