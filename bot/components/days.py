"""Arithmetic of days, months and periods; pure, `today` is given.

A period is `[from, to)`: the day in `to` is not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Optional

MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|"
        "september sep sept|october oct|november nov|december dec".split("|"),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        "monday mon mondays|tuesday tue tues tuesdays|wednesday wed wednesdays|"
        "thursday thu thur thurs thursdays|friday fri fridays|saturday sat saturdays|"
        "sunday sun sundays".split("|")
    )
    for name in names.split()
}


@dataclass(frozen=True)
class Period:
    """Days `[start, end)`; `since` names an event the bank knows the date of (payday)."""

    start: Optional[date]
    end: date
    grain: str
    since: Optional[str] = None

    def as_json(self) -> dict[str, Any]:
        """Return the value the actions read: from, to (exclusive), grain, and since when set."""
        value: dict[str, Any] = {
            "from": self.start.isoformat() if self.start else None,
            "to": self.end.isoformat(),
            "grain": self.grain,
        }
        return {**value, "since": self.since} if self.since else value


#: Looking back and looking ahead; None where the words make no date.
Reading = Optional[tuple[Period, Period]]


def day(of: date) -> Period:
    """Return the one-day period."""
    return Period(of, of + timedelta(days=1), "day")


def week(of: date) -> Period:
    """Return Monday to Sunday around a day (ISO 8601 weeks)."""
    monday = of - timedelta(days=of.weekday())
    return Period(monday, monday + timedelta(days=7), "week")


def weekend(of: date) -> Period:
    """Return Saturday and Sunday of the ISO week of a day."""
    saturday = week(of).start + timedelta(days=5)  # type: ignore[operator]
    return Period(saturday, saturday + timedelta(days=2), "weekend")


def month(year: int, number: int) -> Period:
    """Return a calendar month; numbers beyond 1-12 run into other years."""
    start = first_of_month(year, number)
    return Period(start, first_of_month(start.year, start.month + 1), "month")


def quarter(year: int, number: int) -> Period:
    """Return a calendar quarter, 1-4 (others run into other years)."""
    start = first_of_month(year, (number - 1) * 3 + 1)
    return Period(start, first_of_month(start.year, start.month + 3), "quarter")


def year(number: int) -> Period:
    """Return a calendar year."""
    return Period(date(number, 1, 1), date(number + 1, 1, 1), "year")


def first_of_month(year_number: int, month_number: int) -> date:
    """Return the first day; month 0 is December before, 13 January after."""
    carried, index = divmod(month_number - 1, 12)
    return date(year_number + carried, index + 1, 1)


def add_months(of: date, count: int) -> date:
    """Return the same day of another month, or its last day when shorter."""
    first = first_of_month(of.year, of.month + count)
    last = first_of_month(first.year, first.month + 1) - timedelta(days=1)
    return min(first + timedelta(days=of.day - 1), last)


def past_month(number: int, today: date) -> Period:
    """Return the latest month of this number that has begun ("in March")."""
    return month(today.year if number <= today.month else today.year - 1, number)


def past_weekday(number: int, today: date) -> date:
    """Return the latest such weekday before today."""
    return today - timedelta(days=(today.weekday() - number - 1) % 7 + 1)


def next_weekday(number: int, today: date) -> date:
    """Return the first such weekday after today."""
    return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)


def day_in_month(number: int, today: date, *, future: bool) -> Optional[date]:
    """Return "the 5th": the latest one up to today, or the first one from today on."""
    step = 1 if future else -1
    for months in range(0, step * 13, step):
        first = first_of_month(today.year, today.month + months)
        if number <= (first_of_month(first.year, first.month + 1) - first).days:
            candidate = first + timedelta(days=number - 1)
            if (candidate >= today) if future else (candidate <= today):
                return candidate
    return None


def not_before(one: Period, other: Period) -> Period:
    """Return `other`, a year later where it would end before `one` begins."""
    if one.start and other.end <= one.start:
        return Period(other.start, add_months(other.end, 12), other.grain)
    return other


def both_days(number: int, month: int, year: Optional[int], today: date) -> Reading:
    """Return a day of a month: in that year, or the latest one and the next one."""
    try:
        if year is not None:
            one = day(date(year, month, number))
            return one, one
        this = date(today.year, month, number)
        past = this if this <= today else date(today.year - 1, month, number)
        future = this if this >= today else date(today.year + 1, month, number)
    except ValueError:  # 30 February; 29 February of a common year
        return None
    return day(past), day(future)


def ranged(first: Reading, last: Reading) -> Reading:
    """Return the range from the first to the last, looking back and looking ahead."""
    if first is None or last is None:
        return None
    return (Period(first[0].start, not_before(first[0], last[0]).end, "range"),
            Period(first[1].start, not_before(first[1], last[1]).end, "range"))  # fmt: skip
