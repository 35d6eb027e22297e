"""What a way of saying a date means: the named groups of a pattern and today → two periods.

    UNIT {which: last, u: month}, 20 November 2026   →   October 2026, looking back and ahead

Each reading returns the period looking back and the one looking ahead, equal where only one is
meant, or None where the words make no date (31/02/2026). Pure: `today` is given.
"""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from typing import Optional

from bot.components import days as cal
from bot.components.days import MONTHS, WEEKDAYS, Period, Reading
from bot.components.numerals import NUMBER_WORDS, ORDINALS, parse_words
from bot.components.period_patterns import FIXED, HOLIDAYS, UNIT_MONTHS, UNITS

_BACK = ("last", "previous", "past")
_AHEAD = ("next", "coming", "que viene", "q viene")
#: The groups that matched: name → words.
_Said = dict[str, str]


def _same(period: Period) -> Reading:
    return period, period


def _number(said: _Said, name: str = "d") -> int:
    """Return a day of the month, in figures or as an ordinal ("twenty first")."""
    if name in said:
        return int(said[name])
    words = said[f"{name}o"].replace("- ", "").split()
    if words == ["uno"]:
        return 1
    tens = {"twenty": 20, "thirty": 30}.get(words[0], 0)
    return tens + ORDINALS[words[-1]]


def _year(said: _Said, today: date) -> Optional[int]:
    if "y" in said:
        return int(said["y"])
    return today.year - 1 if "lasty" in said or "lasty2" in said else None


def _read_date(said: _Said, _today: date) -> Reading:
    parts = [int(part) for part in re.split(r"[-/.]", said["date"])]
    year, month, number = (
        parts if parts[0] > 31 or len(said["date"].split("-")[0]) == 4 else parts[::-1]
    )
    try:
        return _same(cal.day(date(year + 2000 if year < 100 else year, month, number)))
    except ValueError:  # 31/02/2026 is no date, and says so by not being one
        return None


def _read_fixed(said: _Said, today: date) -> Reading:
    return _same(cal.day(today + timedelta(days=FIXED[said["day"]])))


def _read_day_month(said: _Said, today: date) -> Reading:
    return cal.both_days(_number(said), MONTHS[said["m"]], _year(said, today), today)


def _read_slashed(said: _Said, today: date) -> Reading:
    return cal.both_days(int(said["d"]), int(said["m"]), None, today)


def _read_days_of_month(said: _Said, today: date) -> Reading:
    month, year = MONTHS[said["m"]], _year(said, today)
    first = cal.both_days(int(said["d"]), month, year, today)
    return cal.ranged(first, cal.both_days(int(said["d2"]), month, year, today))


def _read_nth_to_nth(said: _Said, today: date) -> Reading:
    """Return "from the 3rd to the 9th": both days of the month in which the first one lies."""
    first, last = int(said["d"]), int(said["d2"])
    if "which" in said:
        month = cal.month(today.year, today.month + _shift(said["which"])).start
        assert month is not None
        return cal.ranged(
            *(cal.both_days(number, month.month, month.year, today) for number in (first, last))
        )
    ranges = []
    for future in (False, True):
        start = cal.day_in_month(first, today, future=future)
        if start is None:
            return None
        end = cal.day_in_month(last, start, future=True)
        if end is None:
            return None
        ranges.append(Period(start, end + timedelta(days=1), "range"))
    return ranges[0], ranges[1]


def _read_month(said: _Said, today: date) -> Reading:
    number = MONTHS[said["m"]]
    year = _year(said, today)
    if year is not None:
        return _same(cal.month(year, number))
    past = cal.past_month(number, today)
    future = cal.month(today.year if number >= today.month else today.year + 1, number)
    which = said.get("which")
    if which in _BACK:
        return _same(past if number != today.month else cal.month(today.year - 1, number))
    if which in _AHEAD:
        return _same(future if number != today.month else cal.month(today.year + 1, number))
    return past, future


def _read_months(said: _Said, today: date) -> Reading:
    first, last = ({"m": said[name], **{k: said[k] for k in ("y", "lasty", "lasty2") if k in said}}
                   for name in ("m", "m2"))  # fmt: skip
    return cal.ranged(_read_month(first, today), _read_month(last, today))


def _read_the_nth(said: _Said, today: date) -> Reading:
    past = cal.day_in_month(int(said["d"]), today, future=False)
    future = cal.day_in_month(int(said["d"]), today, future=True)
    return None if past is None or future is None else (cal.day(past), cal.day(future))


def _read_nth_of_month(said: _Said, today: date) -> Reading:
    number = _number(said)
    which = said.get("which", "")
    if which:
        month = cal.month(today.year, today.month + _shift(which))
        assert month.start is not None
        chosen = month.start + timedelta(days=number - 1)
        return _same(cal.day(chosen)) if chosen < month.end else None
    return _read_the_nth({"d": str(number)}, today) if 1 <= number <= 31 else None


def _read_weekday(said: _Said, today: date) -> Reading:
    number = WEEKDAYS[said["w"]]
    past, future = cal.past_weekday(number, today), cal.next_weekday(number, today)
    which = said.get("which")
    if which in _BACK:
        return _same(cal.day(past))
    if which in _AHEAD:
        return _same(cal.day(future))
    return cal.day(past), cal.day(future)


def _read_weekday_of_week(said: _Said, today: date) -> Reading:
    monday = cal.week(today + timedelta(days=7 * _shift(said["which"]))).start
    assert monday is not None
    return _same(cal.day(monday + timedelta(days=WEEKDAYS[said["w"]])))


def _read_weekdays_of_week(said: _Said, today: date) -> Reading:
    """Return "Monday to Friday last week"."""
    first = _read_weekday_of_week(said, today)
    return cal.ranged(first, _read_weekday_of_week({**said, "w": said["w2"]}, today))


def _read_weekdays(said: _Said, today: date) -> Reading:
    """Return "from Monday to Friday": the latest such days that have begun, and the next ones."""
    first, length = WEEKDAYS[said["w"]], (WEEKDAYS[said["w2"]] - WEEKDAYS[said["w"]]) % 7
    starts = cal.past_weekday(first, today), cal.next_weekday(first, today)
    past, future = (Period(s, s + timedelta(days=length + 1), "range") for s in starts)
    return past, future


def _read_week_on(said: _Said, today: date) -> Reading:
    """Return "a week on Monday": the Monday after the coming one."""
    coming = cal.next_weekday(WEEKDAYS[said["w"]], today)
    return _same(cal.day(coming + timedelta(days=7)))


def _read_weekdays_ago(said: _Said, today: date) -> Reading:
    latest = cal.past_weekday(WEEKDAYS[said["w"]], today)
    return _same(cal.day(latest - timedelta(days=7 * (_count(said) - 1))))


def _read_holiday(said: _Said, today: date) -> Reading:
    number, month = HOLIDAYS[said["holiday"]]
    both = cal.both_days(number, month, None, today)
    which = said.get("which")
    if both is None or which is None or which == "this":
        return both
    return _same(both[0] if which in _BACK else both[1])


def _shift(which: str) -> int:
    return 1 if which in _AHEAD else 0 if which in ("this", "current") else -1


def _read_unit(said: _Said, today: date) -> Reading:
    unit = said["u"].replace("fin de week", "weekend")
    which = said.get("which", "last")
    shift = -2 if which == "before last" else _shift(which)
    return _same(_shifted(unit, shift, today))


def _shifted(unit: str, shift: int, today: date) -> Period:
    if unit == "week":
        return cal.week(today + timedelta(days=7 * shift))
    if unit == "weekend":
        return cal.weekend(today + timedelta(days=7 * shift))
    if unit == "month":
        return cal.month(today.year, today.month + shift)
    if unit == "quarter":
        return cal.quarter(today.year, (today.month - 1) // 3 + 1 + shift)
    return cal.year(today.year + shift)


def _read_so_far(said: _Said, today: date) -> Reading:
    unit = said["u"].replace("fin de week", "weekend")
    return _same(Period(_shifted(unit, 0, today).start, today + timedelta(days=1), "range"))


def _count(said: _Said) -> int:
    text = said.get("n", "1")
    if text.isdecimal():
        return int(text)
    words = text.split()
    if "couple" in words or "par" in words:
        return 2
    if "few" in words:
        return 3
    number = parse_words([w for w in words if w in NUMBER_WORDS])
    return int(number) if number is not None else 1


def _moved(said: _Said, today: date, *, sign: int) -> date:
    """Return the day so many units before (-1) or after (+1) today."""
    unit = said["u"]
    count = min(_count(said), 1200)
    if "half" in said:
        return cal.add_months(today, sign * 6)
    if unit in UNIT_MONTHS:
        return cal.add_months(today, sign * count * UNIT_MONTHS[unit])
    return today + timedelta(days=sign * math.ceil(count * UNITS[unit]))


def _read_last_n(said: _Said, today: date) -> Reading:
    start = today - timedelta(days=30) if "lately" in said else _moved(said, today, sign=-1)
    return _same(Period(start, today + timedelta(days=1), "range"))


def _read_ago(said: _Said, today: date) -> Reading:
    return _same(cal.day(_moved(said, today, sign=-1)))


def _read_ahead(said: _Said, today: date) -> Reading:
    return _same(cal.day(_moved(said, today, sign=1)))


def _read_year(said: _Said, _today: date) -> Reading:
    return _same(cal.year(int(said["y"])))


def _read_years(said: _Said, _today: date) -> Reading:
    first, last = cal.year(int(said["y"])), cal.year(int(said["y2"]))
    return _same(Period(first.start, max(first.end, last.end), "range"))


def _read_half(said: _Said, _today: date) -> Reading:
    start = cal.first_of_month(int(said["y"]), 1 if said["which"] == "first" else 7)
    return _same(Period(start, cal.add_months(start, 6), "range"))


def _read_quarter(said: _Said, today: date) -> Reading:
    number = int(said["q"]) if "q" in said else ORDINALS[said["qo"]] if "qo" in said else 4
    if "y" in said:
        return _same(cal.quarter(int(said["y"]), number))
    past = cal.quarter(today.year, number)
    if past.start is not None and past.start > today:
        past = cal.quarter(today.year - 1, number)
    return _same(past)


def _read_edge(said: _Said, today: date) -> Reading:
    """Return the first or the last day of a week, a month, a year."""
    shift = _shift(said.get("which") or said.get("which2") or "this")
    unit = _shifted(said["u"], shift, today)
    assert unit.start is not None
    starts = said["edge"] in ("start", "beginning", "principio", "principios", "inicio")
    return _same(cal.day(unit.start if starts else unit.end - timedelta(days=1)))


def _read_payday(_said: _Said, today: date) -> Reading:
    return _same(Period(None, today + timedelta(days=1), "range", since="payday"))


READERS = {
    "DATE": _read_date, "FIXED": _read_fixed, "DAY_MONTH": _read_day_month,
    "DAYS_OF_MONTH": _read_days_of_month, "NTH_TO_NTH": _read_nth_to_nth, "SLASHED": _read_slashed,
    "MONTH": _read_month, "MONTH_TO_MONTH": _read_months, "THE_NTH": _read_the_nth,
    "NTH_OF_MONTH": _read_nth_of_month, "WEEKDAY": _read_weekday,
    "WEEKDAY_OF_WEEK": _read_weekday_of_week, "WEEKDAYS_OF_WEEK": _read_weekdays_of_week,
    "WEEK_ON": _read_week_on, "WEEKDAYS_AGO": _read_weekdays_ago, "WEEKDAYS": _read_weekdays,
    "HOLIDAY": _read_holiday, "UNIT": _read_unit, "SO_FAR": _read_so_far, "LAST_N": _read_last_n,
    "AGO": _read_ago, "AHEAD": _read_ahead, "YEAR": _read_year, "YEARS": _read_years,
    "HALF": _read_half, "QUARTER": _read_quarter, "EDGE": _read_edge, "PAYDAY": _read_payday,
}  # fmt: skip
