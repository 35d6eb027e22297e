"""Dates as the visual zone prints them, read into one day.

    12.01.1985   12/01/85   12 01 1985   1985-01-12   12JAN/JAN 85   13 LIP/JUL 2016   JAN 12 1985

A day comes before a month unless the document is American or the figures say otherwise. A year of
two figures is the last such year before today for births and issues, the next ones for expiry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel import Locale

from identity.document.words import fold

_LANGUAGES = (
    "en", "fr", "de", "es", "it", "pt", "pl", "nl", "sv", "da", "nb", "fi", "cs", "sk", "sl", "hr",
    "hu", "ro", "lv", "lt", "et", "tr", "sq", "is", "lb",
)  # fmt: skip
_GAP = r"\s*[./,\-–·: ]\s*"
_NUMERIC = re.compile(
    rf"(?<![0-9])(\d{{1,2}}|\d{{4}}){_GAP}(\d{{1,2}}){_GAP}(\d{{4}}|\d{{2}})(?![0-9])"
)
_SOLID = re.compile(r"(?<![0-9A-Z])(\d{2} ?\d{2} ?\d{4}|\d{4} ?\d{2} ?\d{2})(?![0-9A-Z])")
_WORDED = re.compile(
    r"(?<![0-9])(\d{1,2})[\s./,\-]*([A-Z][A-Z\s./\-]{1,24}?)[\s./,\-]*(\d{4}|\d{2})(?![0-9])"
)
_MONTH_FIRST = re.compile(r"(?<![A-Z])([A-Z]{3,9})[\s./\-]*(\d{1,2})[\s.,/\-]+(\d{4})(?![0-9])")
#: Letters readers see where figures are.
_FIGURES = str.maketrans("OQDILSBZ", "00011582")


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A day as printed. `start` and `end` tell where in the folded text it stands."""

    day: date
    start: int
    end: int
    sure: bool  # whether day and month cannot be taken for each other


def find_dates(
    text: str, *, today: date, ahead: bool = False, month_first: bool = False
) -> list[PrintedDate]:
    """Return the dates of a line, from left to right.

    `ahead`: a year of two figures may lie in the future (expiry). Impossible days are left out.

    >>> [str(one.day) for one in find_dates("12 JAN/JAN 85", today=date(2026, 1, 1))]
    ['1985-01-12']
    >>> [str(one.day) for one in find_dates("17.10.03-09.05.2013", today=date(2026, 1, 1))]
    ['2003-10-17', '2013-05-09']
    """
    plain = _with_figures(fold(text))
    found: list[PrintedDate] = []
    for one in _candidates(plain, today=today, ahead=ahead, month_first=month_first):
        if all(one.end <= other.start or one.start >= other.end for other in found):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def _candidates(
    plain: str, *, today: date, ahead: bool, month_first: bool
) -> Iterator[PrintedDate]:
    for match in _WORDED.finditer(plain):
        month = month_of(match[2])
        if month:
            yield from _made(
                match, (match[3], month, match[1]), today=today, ahead=ahead, sure=True
            )
    for match in _MONTH_FIRST.finditer(plain):
        month = month_of(match[1])
        if month:
            yield from _made(
                match, (match[3], month, match[2]), today=today, ahead=ahead, sure=True
            )
    for match in _NUMERIC.finditer(plain):
        first, second, third = match.groups()
        if len(first) == 4:
            if len(third) == 2:
                yield from _made(match, (first, second, third), today=today, ahead=ahead, sure=True)
            continue
        ways = [(third, second, first), (third, first, second)]
        yield from _first_possible(
            match, ways[::-1] if month_first else ways, today=today, ahead=ahead
        )
    for match in _SOLID.finditer(plain):
        solid = match[1].replace(" ", "")
        ways = [
            (solid[4:], solid[2:4], solid[:2]), (solid[:4], solid[4:6], solid[6:]),
            (solid[4:], solid[:2], solid[2:4]),
        ]  # fmt: skip
        yield from _first_possible(
            match, ways[::-1] if month_first else ways, today=today, ahead=ahead
        )


def _first_possible(
    match: re.Match[str], ways: list[tuple[str, str, str]], *, today: date, ahead: bool
) -> Iterator[PrintedDate]:
    possible = [
        one for way in ways for one in _made(match, way, today=today, ahead=ahead, sure=True)
    ]
    days = {one.day for one in possible}
    if possible:
        yield PrintedDate(possible[0].day, match.start(), match.end(), sure=len(days) == 1)


def month_of(words: str) -> int | None:
    """Return the month that one or two names mean ("LIP/JUL"), None where they mean none or two.

    >>> month_of("AUGUST/AOUT"), month_of("MAI"), month_of("HORSE")
    (8, 5, None)
    """
    agreed: frozenset[int] | None = None
    for word in re.findall(r"[A-Z]{3,}", words):
        months = _months().get(word[:4]) or _months().get(word[:3])
        if months is None:
            months = _nearly(word)
        if months is None:
            continue
        agreed = months if agreed is None or not agreed & months else agreed & months
    return next(iter(agreed)) if agreed and len(agreed) == 1 else None


def _nearly(word: str) -> frozenset[int] | None:
    """Return the months of an English or two-letters-off name: readers lose a stroke."""
    close = [
        months for start, months in _months().items()
        if len(start) == 3 and sum(a != b for a, b in zip(start, word[:3], strict=True)) == 1
        and start in _ENGLISH
    ]  # fmt: skip
    return close[0] if len(close) == 1 else None


_ENGLISH = frozenset("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split())


def _made(
    match: re.Match[str], parts: tuple[str, int | str, str], *, today: date, ahead: bool, sure: bool
) -> Iterator[PrintedDate]:
    year_text, month, day = parts
    year = int(year_text)
    if len(year_text) == 2:
        year += 2000
        if year > today.year + (50 if ahead else 0):
            year -= 100
    if not 1900 <= year <= 2100:
        return
    try:
        yield PrintedDate(date(year, int(month), int(day)), match.start(), match.end(), sure)
    except ValueError:
        return


def _with_figures(plain: str) -> str:
    """Return the text with letters read as figures inside what else are figures."""

    def mended(match: re.Match[str]) -> str:
        piece = match[0]
        figures = sum(one.isdigit() for one in piece)
        return piece.translate(_FIGURES) if figures * 2 >= len(piece) else piece

    return re.sub(r"(?<![A-Z])[0-9OQDILSBZ]{2,}(?=[^A-Z]|$)", mended, plain)


@cache
def _months() -> dict[str, frozenset[int]]:
    """Return months by the first four and, where that is short, three letters of their names."""
    found: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        for width in ("abbreviated", "wide"):
            for form in ("format", "stand-alone"):
                for month, name in Locale(language).months[form][width].items():
                    plain = re.sub(r"[^A-Z]", "", fold(name))
                    for length in (3, 4):
                        if len(plain) >= length:
                            found.setdefault(plain[:length], set()).add(month)
    # English and French wherever another language uses the same three letters for another month.
    english = Locale("en").months["format"]["abbreviated"]
    for month, name in english.items():
        found[fold(name)[:3]] = {month}
    return {start: frozenset(months) for start, months in found.items()}
