"""Dates and periods in a sentence: "last Friday", "since payday", "del 3 al 9 de mayo".

    find_periods("in March", today)  →  period {from: 2026-03-01, to: 2026-04-01, grain: month}

Statements look back, orders look ahead: a month or weekday without a year is given in both
directions. `period` holds the past reading (and `future` the coming one where it differs); `date`
is the coming day, which is what a first payment or a journey needs. How things are said stands in
`period_patterns.py`, what each way means in `period_readings.py`; here they become one answer.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from bot.components.days import Period, not_before
from bot.components.found import Found
from bot.components.lexicon import meaning
from bot.components.lines import Line
from bot.components.period_patterns import patterns
from bot.components.period_readings import READERS

_OPENERS = frozenset({"from", "between", "de", "del", "since"})
_JOINTS = frozenset({"to", "until", "-", "–", "thru", "through", "al", "hasta"})
_AND = frozenset({"and", "y", "a"})


def find_periods(doc: Doc, today: date) -> list[Found]:
    """Return the period of a sentence, and its date where one day is meant.

    Two periods joined by from…to, between…and, or "since X" become one range.
    """
    parts = _parts(doc, today)
    found = []
    position = 0
    while position < len(parts):
        span, past, future = parts[position]
        follower = parts[position + 1] if position + 1 < len(parts) else None
        later = past
        if follower is not None:
            later = follower[2] if past.start and follower[1].end <= past.start else follower[1]
        forward = past.start is None or later.end > past.start
        if follower is not None and forward and _joined(doc, span, follower[0]):
            span = doc[span.start : follower[0].end]
            past = Period(past.start, later.end, "range")
            future = Period(future.start, not_before(future, follower[2]).end, "range")
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


def _parts(doc: Doc, today: date) -> list[tuple[Span, Period, Period]]:
    """Return the periods one by one: where, looking back, looking ahead."""
    line = Line(doc)
    matches: dict[tuple[int, int], tuple[str, re.Match[str]]] = {}
    spans = []
    for label, wanted in patterns():
        for span, match in line.find(wanted):
            # Of equal lengths the first pattern wins: the precise ones stand before the plain.
            if (span.start, span.end) not in matches:
                matches[span.start, span.end] = (label, match)
                spans.append(span)
    parts = []
    for span in filter_spans(spans):
        label, match = matches[span.start, span.end]
        reading = READERS[label](
            {k: v for k, v in match.groupdict().items() if v is not None}, today
        )
        if reading is not None:
            parts.append((span, *reading))
    return parts


def _with_future(past: Period, future: Period) -> dict[str, Any]:
    value = past.as_json()
    return value if future == past else {**value, "future": future.as_json()}


def _words(span: Span) -> list[str]:
    return " ".join(meaning(t.norm_) for t in span if not t.is_space).split()


def _joined(doc: Doc, one: Span, other: Span) -> bool:
    between = [meaning(t.norm_) for t in doc[one.end : other.start] if not t.is_space]
    before = meaning(doc[one.start - 1].norm_) if one.start else ""
    first, second = _words(one), _words(other)
    opens = bool(_OPENERS & {first[0], before})
    joint = [w for w in between if w not in ("the", "el", "la")] or second[:1]
    return (
        len(between) <= 2
        and len(joint) == 1
        and (joint[0] in _JOINTS or (opens and joint[0] in _AND))
        and (opens or joint[0] != "until" or "since" not in first)
    )


def _bounded(doc: Doc, span: Span, period: Period, today: date) -> Period:
    """Read "since X" and "until X" around a period."""
    before = [meaning(t.norm_) for t in doc[max(0, span.start - 2) : span.start]]
    words = _words(span)[:1] + [w for w in before if w not in ("the", "el", "la")][-1:]
    if period.since or period.grain == "range":
        return period
    after = doc[span.end].norm_ if span.end < len(doc) else ""
    if before[-2:] == ["up", "to"] or (before[-1:] == ["up"] and words[0] == "to"):
        words.append("until")
    if after in ("onwards", "onward"):
        words.append("since")
    if "since" in words and period.start is not None:
        return Period(period.start, max(today + timedelta(days=1), period.start), "range")
    if {"until", "before"} & set(words) and period.start is not None:
        end = period.start if "before" in words else period.end
        return Period(None, end, "range")
    return period
