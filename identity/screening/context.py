"""Context: what birth dates, countries and the list itself add to a name's score.

    same day      +    the year fits  +    a day off, day and month swapped   −
    other year   −−    other country  −    a name the list itself doubts      −

A name alone never proves a person: a birth date that fits lifts a doubtful name over the
threshold, one that contradicts pushes it under, except for rare names that agree entirely.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from identity.screening.entries import BirthDate, Entry, NameQuality
from identity.screening.features import Reason, reason_of

SAME_DAY = 0.06
SAME_YEAR = 0.02
SWAPPED_DAY = 0.0
NEAR_YEAR = -0.03
OTHER_DAY = -0.06
OTHER_YEAR = -0.16
SAME_COUNTRY = 0.02
OTHER_COUNTRY = -0.05
WEAK_NAME = -0.06
COMMON_WORDS = -0.08
#: Years a doubtful ("circa") date may be off.
CIRCA_YEARS = 2


def birth_date_agrees(days: str) -> Reason:
    """Born on the same day"""
    return reason_of(birth_date_agrees, SAME_DAY, days)


def birth_year_agrees(days: str) -> Reason:
    """Born in the year or years the list gives"""
    return reason_of(birth_year_agrees, SAME_YEAR, days)


def birth_date_swapped(days: str) -> Reason:
    """Day and month are exchanged"""
    return reason_of(birth_date_swapped, SWAPPED_DAY, days)


def birth_date_differs(days: str) -> Reason:
    """Born in the same year on another day"""
    return reason_of(birth_date_differs, OTHER_DAY, days)


def birth_year_near(days: str) -> Reason:
    """Born within a year of what the list gives"""
    return reason_of(birth_year_near, NEAR_YEAR, days)


def birth_date_contradicts(days: str) -> Reason:
    """Born in another year"""
    return reason_of(birth_date_contradicts, OTHER_YEAR, days)


def country_agrees(codes: str) -> Reason:
    """The country is among those of the list"""
    return reason_of(country_agrees, SAME_COUNTRY, codes)


def country_contradicts(codes: str) -> Reason:
    """The list knows other countries"""
    return reason_of(country_contradicts, OTHER_COUNTRY, codes)


def weak_name(name: str) -> Reason:
    """The list itself calls this name weak or former"""
    return reason_of(weak_name, WEAK_NAME, name)


def common_words(name: str, share: float) -> Reason:
    """All its words are common in the lists"""
    return reason_of(common_words, COMMON_WORDS * share, name)


def judge_birth(born: date, listed: Sequence[BirthDate]) -> Reason | None:
    """Return the kindest judgement over the listed dates, None where the list gives none."""
    found = [_judge_one(born, one) for one in listed]
    return max(found, key=lambda reason: reason.score) if found else None


def _judge_one(born: date, one: BirthDate) -> Reason:
    days = f"{born.isoformat()}, listed {one.text}"
    slack = CIRCA_YEARS if one.is_circa else 0
    if one.earliest == one.latest and not slack:
        if born == one.earliest:
            return birth_date_agrees(days)
        if (born.month, born.day) == (one.earliest.day, one.earliest.month) and (
            born.year == one.earliest.year
        ):
            return birth_date_swapped(days)
        if born.year == one.earliest.year:
            return birth_date_differs(days)
    elif one.earliest.year - slack <= born.year <= one.latest.year + slack:
        return birth_year_agrees(days)
    if one.earliest.year - slack - 1 <= born.year <= one.latest.year + slack + 1:
        return birth_year_near(days)
    return birth_date_contradicts(days)


def judge_country(country: str, entry: Entry) -> Reason | None:
    """Return what the country says, None where the list names none."""
    code = country.upper()
    if not entry.countries:
        return None
    listed = ", ".join(sorted(entry.countries))
    if code in entry.countries:
        return country_agrees(code)
    return country_contradicts(f"{code}, listed {listed}")


def judge_quality(name: str, quality: NameQuality) -> Reason | None:
    """Return what the list's own doubt costs."""
    return weak_name(name) if quality is NameQuality.WEAK else None
