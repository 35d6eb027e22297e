"""Periods: half-open stretches of time, `[from_utc, to_utc)`, and walking through months.

    month_start        2026-03-17T12:00Z → 2026-03-01T00:00Z
    add_months         31 January + 1    → 28 (or 29) February: a day that is not there is the last

Days and months are those of UTC; the bank states its day in UTC everywhere.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from bank.domain.errors import InvalidInput


class Cadence(StrEnum):
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


#: Months in one step, of the cadences that are counted in months.
MONTHS = {Cadence.MONTHLY: 1, Cadence.QUARTERLY: 3, Cadence.YEARLY: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """From `from_utc`, up to but without `to_utc`. Raises InvalidInput when it is empty."""

    from_utc: datetime
    to_utc: datetime

    def __post_init__(self) -> None:
        if self.from_utc >= self.to_utc:
            raise InvalidInput(field="period")

    def __contains__(self, moment: datetime) -> bool:
        return self.from_utc <= moment < self.to_utc


def day_start(moment: datetime) -> datetime:
    """Return midnight UTC of that day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def month_start(moment: datetime) -> datetime:
    """Return midnight UTC of the first of that month."""
    return day_start(moment).replace(day=1)


def start_of(day: date) -> datetime:
    """Return midnight UTC of a calendar day."""
    return datetime.combine(day, time(), UTC)


def month_of(moment: datetime) -> Period:
    """Return the calendar month that holds `moment`."""
    start = month_start(moment)
    return Period(start, start_of(add_months(start.date(), 1)))


def add_months(day: date, months: int, *, anchor_day: int | None = None) -> date:
    """Return the same day `months` later; a day that month lacks becomes its last.

    >>> add_months(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)

    `anchor_day` keeps a series that began on the 31st from sliding to the 28th for ever.

    >>> add_months(date(2026, 2, 28), 1, anchor_day=31)
    datetime.date(2026, 3, 31)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    wanted = anchor_day or day.day
    return date(year, month + 1, min(wanted, monthrange(year, month + 1)[1]))


def next_date(day: date, cadence: Cadence, *, anchor_day: int | None = None) -> date:
    """Return the date one step of the cadence later."""
    if cadence is Cadence.WEEKLY:
        return day + timedelta(days=7)
    return add_months(day, MONTHS[cadence], anchor_day=anchor_day)


def period_before(period: Period) -> Period:
    """Return the period to compare with: the months before whole months, else the same length.

    March 2026 is compared with February; 10 to 17 March with 3 to 10 March.
    """
    start, end = period.from_utc, period.to_utc
    if start == month_start(start) and end == month_start(end):
        months = (end.year - start.year) * 12 + end.month - start.month
        return Period(start_of(add_months(start.date(), -months)), start)
    return Period(start - (end - start), start)
