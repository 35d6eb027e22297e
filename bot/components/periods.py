"""Dates and periods in a sentence: "last Friday", "since payday", "from 3 to 17 August".

    find_periods("in March", today)  →  period {from: 2026-03-01, to: 2026-04-01, grain: month}

Statements look back, orders look ahead: a month or weekday without a year is given in both
directions. `period` holds the past reading (and `future` the coming one where it differs); `date`
is the coming day, which is what a first payment or a journey needs.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Optional

from spacy.matcher import Matcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from bot.components import days as cal
from bot.components.days import MONTHS, WEEKDAYS, Period
from bot.components.found import Found
from bot.components.lexer import blank_english, lowers
from bot.components.numerals import NUMBER_WORDS, parse_words

_UNITS = {"day": 1, "days": 1, "week": 7, "weeks": 7, "fortnight": 14, "fortnights": 14,
          "month": 0, "months": 0, "quarter": 0, "quarters": 0, "year": 0, "years": 0,
          "yr": 0, "yrs": 0}  # fmt: skip
_MONTHS_IN = {"month": 1, "months": 1, "quarter": 3, "quarters": 3, "year": 12, "years": 12,
              "yr": 12, "yrs": 12}  # fmt: skip
_FIXED = {"today": 0, "yesterday": -1, "tomorrow": 1, "tonight": 0, "tmrw": 1, "tomorow": 1}
_PAYDAY = ("payday", "salary", "paycheck", "paycheque", "wages")
_QUARTER_WORDS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_SUFFIX = ["st", "nd", "rd", "th"]
#: "may", "mar", "sun" … are words too: a short month stands alone only after a preposition.
_CLEAR_MONTHS = sorted(m for m in MONTHS if m not in ("may", "mar", "jan", "dec", "sep", "jun"))


def _patterns() -> dict[str, list[list[dict[str, Any]]]]:
    number = {"TEXT": {"REGEX": r"^\d{1,3}$"}}
    day_number = {"TEXT": {"REGEX": r"^(0?[1-9]|[12]\d|3[01])$"}}
    year = {"TEXT": {"REGEX": r"^20\d\d$"}}
    month = {"LOWER": {"IN": sorted(MONTHS)}}
    clear_month = {"LOWER": {"IN": _CLEAR_MONTHS}}
    weekday = {
        "LOWER": {"IN": sorted(w for w in WEEKDAYS if w not in ("sun", "sat", "mon", "wed"))}
    }
    suffix = {"LOWER": {"IN": _SUFFIX}, "OP": "?"}
    the = {"LOWER": "the", "OP": "?"}
    of = {"LOWER": "of", "OP": "?"}
    count = {"LOWER": {"IN": sorted(NUMBER_WORDS | {"a", "couple", "few"})}}
    unit = {"LOWER": {"IN": sorted(_UNITS)}}
    plain_unit = {"LOWER": {"IN": ["week", "month", "year", "quarter", "weekend"]}}
    back = {"LOWER": {"IN": ["last", "past", "previous"]}}
    which = {"LOWER": {"IN": ["this", "last", "previous", "past", "next", "coming", "current"]}}
    onto = {"LOWER": {"IN": ["in", "during", "for", "since", "until", "till", "of", "from", "to",
                             "before", "after", "and", "about"]}}  # fmt: skip
    return {
        "DATE": [[{"TEXT": {"REGEX": r"^(\d{4}-|\d{1,2}[/.]\d{1,2}[/.])"}}]],
        "FIXED": [[{"LOWER": {"IN": sorted(_FIXED)}}],
                  [the, {"LOWER": "day"}, {"LOWER": {"IN": ["before", "after"]}},
                   {"LOWER": {"IN": ["yesterday", "tomorrow"]}}]],
        "DAY_MONTH": [[the, day_number, suffix, of, month, {**year, "OP": "?"}],
                      [month, the, day_number, suffix, {**year, "OP": "?"}],
                      [month, the, day_number, suffix, {"TEXT": ","}, year]],
        "MONTH": [[clear_month], [month, year], [which, month], [onto, month],
                  [onto, month, year], [onto, which, month]],
        "THE_NTH": [[{"LOWER": {"IN": ["on", "since", "from", "until", "by", "the"]}}, the,
                     day_number, {"LOWER": {"IN": _SUFFIX}}]],
        "WEEKDAY": [[weekday], [which, {"LOWER": {"IN": sorted(WEEKDAYS)}}],
                    [{"LOWER": "on"}, {"LOWER": {"IN": sorted(WEEKDAYS)}}]],
        "UNIT": [[which, plain_unit], [the, which, plain_unit]],
        "SO_FAR": [[{"LOWER": "year"}, {"LOWER": "to"}, {"LOWER": "date"}],
                   [{"LOWER": "this"}, plain_unit, {"LOWER": "so"}, {"LOWER": "far"}]],
        "LAST_N": [[the, back, number, unit], [the, back, count, unit],
                   [the, back, {"LOWER": "couple"}, {"LOWER": "of"}, unit],
                   [the, back, {"LOWER": {"IN": ["day", "fortnight"]}}],
                   [{"LOWER": {"IN": ["lately", "recently"]}}]],
        "AGO": [[number, unit, {"LOWER": "ago"}], [count, unit, {"LOWER": "ago"}],
                [{"LOWER": "a"}, {"LOWER": "couple"}, {"LOWER": "of"}, unit, {"LOWER": "ago"}]],
        "AHEAD": [[{"LOWER": "in"}, number, unit], [{"LOWER": "in"}, count, unit],
                  [{"LOWER": "in"}, {"LOWER": "a"}, {"LOWER": "couple"}, {"LOWER": "of"}, unit]],
        "YEAR": [[{"LOWER": {"IN": ["in", "during", "for", "of", "since", "year", "from"]}}, year]],
        "QUARTER": [[{"LOWER": "q"}, {"TEXT": {"REGEX": "^[1-4]$"}}, {**year, "OP": "?"}],
                    [the, {"LOWER": {"IN": sorted(_QUARTER_WORDS)}}, {"LOWER": "quarter"}, of,
                     {**year, "OP": "?"}]],
        "PAYDAY": [[{"LOWER": {"IN": ["since", "after", "from"]}},
                    {"LOWER": {"IN": ["my", "last", "the"]}, "OP": "*"},
                    {"LOWER": {"IN": list(_PAYDAY)}}],
                   [{"LOWER": "since"}, {"LOWER": "i"}, {"LOWER": {"IN": ["got", "was"]}},
                    {"LOWER": "paid"}]],
        "DAYS_OF_MONTH": [[{"LOWER": {"IN": ["from", "between"]}, "OP": "?"}, the, day_number,
                           suffix, {"LOWER": {"IN": ["to", "and", "until", "-", "–", "till"]}},
                           the, day_number, suffix, of, month, {**year, "OP": "?"}]],
    }  # fmt: skip


_MATCHER: dict[str, Matcher] = {}


def _matcher() -> Matcher:
    if "it" not in _MATCHER:
        matcher = Matcher(blank_english().vocab)
        for label, patterns in _patterns().items():
            matcher.add(label, patterns)
        _MATCHER["it"] = matcher
    return _MATCHER["it"]


def find_periods(doc: Doc, today: date) -> list[Found]:
    """Return the period of a sentence, and its date where one day is meant.

    Two periods joined by from…to, between…and, or "since X" become one range.
    """
    spans = [Span(doc, start, end, label=label) for label, start, end in _matcher()(doc)]
    # Of equal lengths the first found wins: order the precise ones before the plain ones.
    parts = []
    for span in filter_spans(spans):
        reading = _READERS[span.label_](lowers(span), today)
        if reading is not None:
            parts.append((span, *reading))
    found = []
    position = 0
    while position < len(parts):
        span, past, future = parts[position]
        follower = parts[position + 1] if position + 1 < len(parts) else None
        if follower is not None and _joined(doc, span, follower[0]):
            later = follower[2] if past.start and (follower[1].end <= past.start) else follower[1]
            span = doc[span.start : follower[0].end]
            past = Period(past.start, later.end, "range")
            future = Period(future.start, _not_before(future, follower[2]).end, "range")
            position += 1
        past, future = _bounded(doc, span, past, today), _bounded(doc, span, future, today)
        if future.start is not None and future.start >= future.end:  # "since" looks back only
            future = past
        found.append(Found.of("period", span, _with_future(past, future)))
        first = future.start
        if first is not None and (future.grain == "day" or first >= today):
            found.append(Found.of("date", span, first.isoformat()))
        position += 1
    return found


def _with_future(past: Period, future: Period) -> dict[str, Any]:
    value = past.as_json()
    return value if future == past else {**value, "future": future.as_json()}


def _joined(doc: Doc, one: Span, other: Span) -> bool:
    between = [t.lower_ for t in doc[one.end : other.start] if not t.is_space]
    before = doc[one.start - 1].lower_ if one.start else ""
    opens = lowers(one)[0] in ("from", "between") or before in ("from", "between")
    joint = between or lowers(other)[:1]
    return len(between) <= 1 and joint in (["to"], ["and"], ["until"], ["till"], ["-"], ["–"]) and (
        opens or joint != ["and"]
    )  # fmt: skip


def _not_before(one: Period, other: Period) -> Period:
    if one.start and other.end <= one.start:
        return Period(other.start, cal.add_months(other.end, 12), other.grain)
    return other


def _bounded(doc: Doc, span: Span, period: Period, today: date) -> Period:
    """Read "since X" and "until X" around a period."""
    words = lowers(span)[:1] + ([doc[span.start - 1].lower_] if span.start else [])
    if period.since or period.grain == "range":
        return period
    if "since" in words and period.start is not None:
        return Period(period.start, max(today + timedelta(days=1), period.start), "range")
    if {"until", "till", "before"} & set(words) and period.start is not None:
        end = period.start if "before" in words else period.end
        return Period(None, end, "range")
    return period


_Reading = Optional[tuple[Period, Period]]


def _same(period: Period) -> _Reading:
    return period, period


def _read_date(words: list[str], _today: date) -> _Reading:
    text = words[0]
    try:
        if "-" in text:
            return _same(cal.day(date.fromisoformat("-".join(p.zfill(2) for p in text.split("-")))))
        day, month, year = (int(part) for part in text.replace(".", "/").split("/"))
        return _same(cal.day(date(year + 2000 if year < 100 else year, month, day)))
    except ValueError:  # 31/02/2026 is no date, and says so by not being one
        return None


def _read_fixed(words: list[str], today: date) -> _Reading:
    shift = _FIXED[words[-1]]
    if len(words) > 1:
        shift += -1 if "before" in words else 1
    return _same(cal.day(today + timedelta(days=shift)))


def _read_day_month(words: list[str], today: date) -> _Reading:
    number = next(int(w) for w in words if w.isdecimal() and len(w) <= 2)
    month = next(MONTHS[w] for w in words if w in MONTHS)
    years = [int(w) for w in words if w.isdecimal() and len(w) == 4]
    try:
        if years:
            return _same(cal.day(date(years[0], month, number)))
        this = date(today.year, month, number)
        past = this if this <= today else date(today.year - 1, month, number)
        future = this if this >= today else date(today.year + 1, month, number)
    except ValueError:  # 30 February; 29 February of a common year
        return None
    return cal.day(past), cal.day(future)


def _read_month(words: list[str], today: date) -> _Reading:
    number = next(MONTHS[w] for w in words if w in MONTHS)
    years = [int(w) for w in words if w.isdecimal()]
    if years:
        return _same(cal.month(years[0], number))
    past = cal.past_month(number, today)
    future = cal.month(today.year if number >= today.month else today.year + 1, number)
    if {"last", "previous", "past"} & set(words):
        past = past if number != today.month else cal.month(today.year - 1, number)
        return _same(past)
    if "next" in words:
        return _same(future if number != today.month else cal.month(today.year + 1, number))
    return past, future


def _read_the_nth(words: list[str], today: date) -> _Reading:
    number = next(int(w) for w in words if w.isdecimal())
    past = cal.day_in_month(number, today, future=False)
    future = cal.day_in_month(number, today, future=True)
    return None if past is None or future is None else (cal.day(past), cal.day(future))


def _read_weekday(words: list[str], today: date) -> _Reading:
    number = WEEKDAYS[words[-1]]
    past, future = cal.past_weekday(number, today), cal.next_weekday(number, today)
    if {"last", "previous", "past"} & set(words):
        return _same(cal.day(past))
    if {"next", "coming"} & set(words):
        return _same(cal.day(future))
    return cal.day(past), cal.day(future)


def _read_unit(words: list[str], today: date) -> _Reading:
    unit = words[-1]
    which = next(w for w in words if w != "the")
    shift = 1 if which in ("next", "coming") else 0 if which in ("this", "current") else -1
    if unit == "weekend" and which in ("past", "last", "previous") and today.weekday() >= 5:
        shift = -1
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


def _read_so_far(words: list[str], today: date) -> _Reading:
    unit = "year" if words[0] == "year" else words[1]
    start = _shifted(unit, 0, today).start
    return _same(Period(start, today + timedelta(days=1), "range"))


def _count(words: list[str]) -> int:
    for word in words:
        if word.isdecimal():
            return int(word)
        if word in ("couple", "few"):
            return 2 if word == "couple" else 3
    number = parse_words([w for w in words if w in NUMBER_WORDS])
    return int(number) if number is not None else 1


def _back(words: list[str], today: date) -> date:
    unit = next(w for w in words if w in _UNITS)
    count = min(_count(words), 1200)
    if unit in _MONTHS_IN:
        return cal.add_months(today, -count * _MONTHS_IN[unit])
    return today - timedelta(days=count * _UNITS[unit])


def _read_last_n(words: list[str], today: date) -> _Reading:
    if words[-1] in ("lately", "recently"):
        return _same(Period(today - timedelta(days=30), today + timedelta(days=1), "range"))
    return _same(Period(_back(words, today), today + timedelta(days=1), "range"))


def _read_ago(words: list[str], today: date) -> _Reading:
    return _same(cal.day(_back(words, today)))


def _read_ahead(words: list[str], today: date) -> _Reading:
    unit = next(w for w in words if w in _UNITS)
    count = min(_count(words), 1200)
    if unit in _MONTHS_IN:
        return _same(cal.day(cal.add_months(today, count * _MONTHS_IN[unit])))
    return _same(cal.day(today + timedelta(days=count * _UNITS[unit])))


def _read_year(words: list[str], _today: date) -> _Reading:
    return _same(cal.year(int(words[-1])))


def _read_quarter(words: list[str], today: date) -> _Reading:
    years = [int(w) for w in words if w.isdecimal() and len(w) == 4]
    if words[:2] == ["last", "quarter"] or words[:3] == ["the", "last", "quarter"]:
        return _read_unit(["last", "quarter"], today)
    number = next((int(w) for w in words if w.isdecimal() and len(w) == 1), 0) or next(
        _QUARTER_WORDS[w] for w in words if w in _QUARTER_WORDS
    )
    past = cal.quarter(years[0] if years else today.year, number)
    if not years and past.start is not None and past.start > today:
        past = cal.quarter(today.year - 1, number)
    return _same(past)


def _read_payday(_words: list[str], today: date) -> _Reading:
    return _same(Period(None, today + timedelta(days=1), "range", since="payday"))


def _read_days_of_month(words: list[str], today: date) -> _Reading:
    numbers = [int(w) for w in words if w.isdecimal() and len(w) <= 2]
    years = [w for w in words if w.isdecimal() and len(w) == 4]
    month = next(w for w in words if w in MONTHS)
    first = _read_day_month([str(numbers[0]), month, *years], today)
    last = _read_day_month([str(numbers[1]), month, *years], today)
    if first is None or last is None:
        return None
    return (Period(first[0].start, last[0].end, "range"),
            Period(first[1].start, _not_before(first[1], last[1]).end, "range"))  # fmt: skip


_READERS = {
    "DATE": _read_date, "FIXED": _read_fixed, "DAY_MONTH": _read_day_month, "MONTH": _read_month,
    "THE_NTH": _read_the_nth, "WEEKDAY": _read_weekday, "UNIT": _read_unit,
    "SO_FAR": _read_so_far, "LAST_N": _read_last_n, "AGO": _read_ago, "AHEAD": _read_ahead,
    "YEAR": _read_year, "QUARTER": _read_quarter, "PAYDAY": _read_payday,
    "DAYS_OF_MONTH": _read_days_of_month,
}  # fmt: skip
