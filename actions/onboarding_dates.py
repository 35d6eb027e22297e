"""A birth date as people write it; where day and month could be swapped, both are returned.

    1990-05-03 · 19900503        the year stands first: clear
    3 May 1990 · May 3rd, 90     the month has a name: clear
    03.05.1990                   dots: the day stands first
    3/5/1990                     3 May or 5 March: it is asked

Pure: `today` is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale

#: Languages whose names of months are understood.
MONTH_LOCALES = ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "sv", "tr")
#: Two digits of a year mean the latest year in which the applicant would be at least this old.
AGE_LEAST_YEARS = 12
CENTURY = 100

_NUMERIC = re.compile(
    r"(?<!\d)(?P<a>\d{1,4})\s?(?P<between>[./\-])\s?(?P<b>\d{1,2})\s?(?P=between)\s?(?P<c>\d{1,4})"
    r"(?!\d)"
)
_SPACED = re.compile(r"(?<!\d)(?P<a>\d{1,2})\s+(?P<b>\d{1,2})\s+(?P<c>\d{4})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{8})(?!\d)")
_WORDS = re.compile(r"[^\W\d_]{3,}", re.UNICODE)
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.|º|er)?(?![\d])", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)((?:18|19|20)\d{2})(?!\d)|['’](\d{2})(?!\d)")
_ORDINALS = {
    name: number
    for number, name in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth "
        "twentieth".split(),
        start=1,
    )
} | {"thirtieth": 30}
_SPOKEN = {
    name: number
    for number, name in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split(),
        start=1,
    )
} | {
    name: number * 10
    for number, name in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
#: "nineteen ninety one", "two thousand and three".
_SPOKEN_YEAR = re.compile(
    r"\b(?P<century>nineteen|two thousand(?: and)?)\b"
    rf"(?:[\s-]+(?P<tens>twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|{_TEENS}))?"
    rf"(?:[\s-]+(?:oh[\s-]+)?(?P<ones>{_ONES}))?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Born:
    """One day; or, where it is unclear, the day-first and the month-first reading."""

    day: date | None = None
    either: tuple[date, date] | None = None


def read_birth_date(text: str, *, today: date) -> Born | None:
    """Return the day in a message, or None when there is none.

    >>> read_birth_date("I was born on the 3rd of May, 1990", today=date(2026, 1, 1)).day
    datetime.date(1990, 5, 3)
    >>> read_birth_date("03/05/1990", today=date(2026, 1, 1)).either
    (datetime.date(1990, 5, 3), datetime.date(1990, 3, 5))
    >>> read_birth_date("31 February 1990", today=date(2026, 1, 1)) is None
    True
    """
    for pattern in (_NUMERIC, _SPACED):
        if found := pattern.search(text):
            return _from_numbers(found, today)
    if found := _COMPACT.search(text):
        return _from_digits(found[1])
    return _from_words(text, today)


def _from_numbers(found: re.Match[str], today: date) -> Born | None:
    parts = (found["a"], found["b"], found["c"])
    if len(parts[0]) == 4:
        return _born(_date(int(parts[0]), int(parts[1]), int(parts[2])))
    if len(parts[0]) > 2 or len(parts[2]) == 3:
        return None
    first, second = int(parts[0]), int(parts[1])
    year = _full_year(int(parts[2]), today) if len(parts[2]) <= 2 else int(parts[2])
    day_first, month_first = _date(year, second, first), _date(year, first, second)
    if "between" in found.groupdict() and found["between"] == "." and day_first:
        return Born(day_first)
    if day_first and month_first and day_first != month_first:
        return Born(either=(day_first, month_first))
    return _born(day_first or month_first)


def _from_digits(digits: str) -> Born | None:
    year_first = _date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    if year_first and digits[:2] in ("18", "19", "20"):
        return Born(year_first)
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    day_first, month_first = _date(year, month, day), _date(year, day, month)
    if day_first and month_first and day_first != month_first:
        return Born(either=(day_first, month_first))
    return _born(day_first or month_first)


def _from_words(text: str, today: date) -> Born | None:
    words = [word.casefold() for word in _WORDS.findall(text)]
    month = next((_months()[word] for word in words if word in _months()), None)
    if month is None:
        return None
    year, rest = _year_in(text, today)
    if year is None:
        return None
    found = _DAY.search(rest)
    day = int(found[1]) if found else _ordinal_in(words)
    return _born(_date(year, month, day)) if day else None


def _year_in(text: str, today: date) -> tuple[int | None, str]:
    """Return the year, and the text without it."""
    if found := _SPOKEN_YEAR.search(text):
        tens, ones = (_SPOKEN.get((found[n] or "").lower(), 0) for n in ("tens", "ones"))
        century = 1900 if found["century"].lower() == "nineteen" else 2000
        return century + tens + ones, text[: found.start()] + " " + text[found.end() :]
    if found := _YEAR.search(text):
        year = int(found[1]) if found[1] else _full_year(int(found[2]), today)
        return year, text[: found.start()] + " " + text[found.end() :]
    numbers = list(re.finditer(r"(?<!\d)\d{2}(?!\d)", text))
    if len(list(re.finditer(r"\d+", text))) == 2 and numbers:
        last = numbers[-1]
        return _full_year(int(last[0]), today), text[: last.start()] + " " + text[last.end() :]
    return None, text


def _ordinal_in(words: list[str]) -> int | None:
    tens = 20 if "twenty" in words else 30 if "thirty" in words else 0
    number = next((_ORDINALS[word] for word in words if word in _ORDINALS), None)
    return number + tens if number is not None else None


def _full_year(short: int, today: date) -> int:
    """Return the year two digits mean.

    >>> _full_year(90, date(2026, 1, 1)), _full_year(5, date(2026, 1, 1))
    (1990, 2005)
    """
    year = today.year - today.year % CENTURY + short
    return year if year <= today.year - AGE_LEAST_YEARS else year - CENTURY


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _born(day: date | None) -> Born | None:
    return Born(day) if day else None


def month_names(month: int) -> set[str]:
    """Return what a month is called, in MONTH_LOCALES.

    >>> {"may", "mayo", "mai"} <= month_names(5)
    True
    """
    return {name for name, number in _months().items() if number == month}


@cache
def _months() -> dict[str, int]:
    """Return the names of months, long and short, in MONTH_LOCALES; English wins."""
    names: dict[str, int] = {"sept": 9}
    for code in MONTH_LOCALES:
        months = Locale(code).months
        for style in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[style][width].items():
                    names.setdefault(name.casefold().rstrip("."), int(number))
    return names
