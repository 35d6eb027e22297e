"""What the state remembers of one customer, one payee, one device: a fixed amount each.

    customer   windows of amounts, peak, habit, own quantiles, last times, payees, devices, centre
    payee      windows of amounts, usual amount, surprising payments, confirmations
    device     windows, customers seen on it, confirmations

The habit is a mean that a single large amount cannot move: an amount counts for at most
SURPRISE times the habit. A *surprise* is an amount above that: no label says so, and a customer
or a terminal with several of them is worth a look before the first label comes.
"""

from __future__ import annotations

from math import cos, hypot, log2, radians
from typing import Any, Self

from analytics.fraud.confirmations import Confirmations
from analytics.fraud.events import HOUR_S, Place
from analytics.fraud.windows import HourWindows, Peak

_AMOUNT_SPANS_HOURS = (24, 7 * 24, 30 * 24)
_SURPRISE_SPANS_HOURS = (24, 7 * 24, 14 * 24)
_PEAK_SPAN_HOURS = 30 * 24

#: An amount this many times the habit surprises; the habit itself moves by no more.
SURPRISE = 2.5
BIG_SURPRISE = 4.0
#: Payments of the last tenths below this limit look cut to stay under a report: 10 000 units.
REPORT_LIMIT_MINOR = 1_000_000
_BELOW_LIMIT_FROM = 0.8
#: Payments before the habit is trusted, and after which it forgets.
_HABIT_FROM, _HABIT_LENGTH = 5, 60
#: Amounts fall into quarter octaves: 1, 1.19, 1.41, 1.68, 2 … minor units, up to 2^32.
_STEPS_PER_OCTAVE, _STEPS = 4, 128
#: A customer's payees and devices, a device's customers: the oldest of more is forgotten.
_PARTNERS_MAX = 256
_TIMES_KEPT = 5
_KM_PER_DEGREE = 111.2


def amount_step(amount_minor: int) -> int:
    """Return which quarter octave an amount falls into, in [0, 127]."""
    if amount_minor < 1:
        return 0
    return min(_STEPS - 1, int(_STEPS_PER_OCTAVE * log2(amount_minor)))


def is_below_limit(amount_minor: int) -> bool:
    """Tell whether an amount lies closely below the report limit."""
    return _BELOW_LIMIT_FROM * REPORT_LIMIT_MINOR <= amount_minor < REPORT_LIMIT_MINOR


def distance_km(one: Place, other: Place) -> float:
    """Return the distance on a flat map: exact enough for cities, fast enough for each payment."""
    east = (one.longitude - other.longitude) * cos(radians((one.latitude + other.latitude) / 2))
    return _KM_PER_DEGREE * hypot(one.latitude - other.latitude, east)


def remember(partners: dict[str, list[int]], partner: str, at_s: int) -> None:
    """Count a meeting: partner → [times, last time], the partner met last at the end."""
    met = partners.pop(partner, None)
    if met is None:
        met = [0, at_s]
        if len(partners) >= _PARTNERS_MAX:
            del partners[next(iter(partners))]
    met[0] += 1
    met[1] = at_s
    partners[partner] = met


class Customer:
    """One customer's own habit."""

    __slots__ = (
        "below_limit", "centre", "clock_s", "confirmed", "count", "devices", "habit",
        "last_place", "payees", "peak", "steps", "surprises", "times", "windows",
    )  # fmt: skip

    def __init__(self) -> None:
        self.clock_s = self.count = 0
        self.windows = HourWindows(_AMOUNT_SPANS_HOURS)
        self.surprises = HourWindows(_SURPRISE_SPANS_HOURS)
        self.below_limit = HourWindows(_AMOUNT_SPANS_HOURS)
        self.peak = Peak(_PEAK_SPAN_HOURS)
        self.confirmed = Confirmations()
        self.habit = 0.0
        self.steps = [0] * _STEPS
        #: The last five times, oldest first.
        self.times: list[int] = []
        self.payees: dict[str, list[int]] = {}
        self.devices: dict[str, list[int]] = {}
        self.centre: Place | None = None
        self.last_place: Place | None = None

    def is_surprising(self, amount_minor: int, times: float = SURPRISE) -> bool:
        """Tell whether an amount is far above the customer's habit."""
        return self.count >= _HABIT_FROM and amount_minor > times * self.habit

    def rank(self, amount_minor: int) -> float:
        """Return the share of own payments that were about this large or larger, in [0, 1]."""
        if self.count == 0:
            return 1.0
        return sum(self.steps[amount_step(amount_minor) :]) / self.count

    def add(self, at_s: int, amount_minor: int) -> None:
        """Take in one payment's time and amount; meetings and places are added by the state."""
        hour = at_s // HOUR_S
        self.windows.add(hour, amount_minor, amount_minor * amount_minor)
        self.peak.add(hour, amount_minor)
        if self.is_surprising(amount_minor):
            self.surprises.add(hour, int(self.is_surprising(amount_minor, BIG_SURPRISE)))
        if is_below_limit(amount_minor):
            self.below_limit.add(hour)
        self.count += 1
        counted = float(amount_minor)
        if self.count > 1:
            counted = min(counted, SURPRISE * self.habit)
        self.habit += (counted - self.habit) / min(self.count, _HABIT_LENGTH)
        self.steps[amount_step(amount_minor)] += 1
        self.times.append(at_s)
        if len(self.times) > _TIMES_KEPT:
            del self.times[0]
        self.clock_s = at_s

    def be_at(self, place: Place) -> None:
        """Move the centre a little towards here."""
        if self.centre is None:
            self.centre = place
        else:
            share = 1 / min(max(self.count, 1), _HABIT_LENGTH)
            self.centre = Place(
                self.centre.latitude + share * (place.latitude - self.centre.latitude),
                self.centre.longitude + share * (place.longitude - self.centre.longitude),
            )
        self.last_place = place

    def as_json(self) -> list[Any]:
        return [
            self.clock_s, self.count, self.habit, self.steps, self.times, self.payees,
            self.devices, _place_json(self.centre), _place_json(self.last_place),
            self.windows.as_json(), self.surprises.as_json(), self.peak.as_json(),
            self.confirmed.as_json(), self.below_limit.as_json(),
        ]  # fmt: skip

    @classmethod
    def from_json(cls, written: list[Any]) -> Self:
        made = cls()
        made.clock_s, made.count, made.habit, made.steps, made.times = written[:5]
        made.payees, made.devices = written[5:7]
        made.centre, made.last_place = _place_of(written[7]), _place_of(written[8])
        made.windows = HourWindows.from_json(_AMOUNT_SPANS_HOURS, written[9])
        made.surprises = HourWindows.from_json(_SURPRISE_SPANS_HOURS, written[10])
        made.peak = Peak.from_json(_PEAK_SPAN_HOURS, written[11])
        made.confirmed = Confirmations.from_json(written[12])
        made.below_limit = HourWindows.from_json(_AMOUNT_SPANS_HOURS, written[13])
        return made


class Payee:
    """One payee, terminal or device: who pays here, how much, and what became known of it."""

    __slots__ = (
        "clock_s", "confirmed", "count", "customers", "first_s", "surprises", "usual", "windows",
    )  # fmt: skip

    def __init__(self) -> None:
        self.clock_s = self.count = 0
        self.first_s = -1
        self.usual = 0.0
        self.windows = HourWindows(_AMOUNT_SPANS_HOURS)
        self.surprises = HourWindows(_SURPRISE_SPANS_HOURS)
        self.confirmed = Confirmations()
        self.customers: dict[str, list[int]] = {}

    def add(self, at_s: int, amount_minor: int, *, is_surprise: bool, is_big: bool) -> None:
        hour = at_s // HOUR_S
        self.windows.add(hour, amount_minor)
        if is_surprise:
            self.surprises.add(hour, int(is_big))
        self.count += 1
        self.usual += (amount_minor - self.usual) / min(self.count, _HABIT_LENGTH)
        if self.first_s < 0:
            self.first_s = at_s
        self.clock_s = at_s

    def as_json(self) -> list[Any]:
        return [
            self.clock_s, self.count, self.first_s, self.usual, self.customers,
            self.windows.as_json(), self.surprises.as_json(), self.confirmed.as_json(),
        ]  # fmt: skip

    @classmethod
    def from_json(cls, written: list[Any]) -> Self:
        made = cls()
        made.clock_s, made.count, made.first_s, made.usual, made.customers = written[:5]
        made.windows = HourWindows.from_json(_AMOUNT_SPANS_HOURS, written[5])
        made.surprises = HourWindows.from_json(_SURPRISE_SPANS_HOURS, written[6])
        made.confirmed = Confirmations.from_json(written[7])
        return made


def _place_json(place: Place | None) -> list[float] | None:
    return None if place is None else [place.latitude, place.longitude]


def _place_of(written: list[float] | None) -> Place | None:
    return None if written is None else Place(*written)
