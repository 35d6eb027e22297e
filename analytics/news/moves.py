"""What moved which way: a headline read as moves of measures, each good or bad for an owner.

    "operating loss narrowed to 1.2 mn from 4.5 mn"
       metric bad ──┐      │ down        └ figures: 1.2 was 4.5, down
                    └──────┴─ good                        └─ good

Words alone cannot tell this: "narrowed" is good of a loss and bad of a margin, and of two figures
the order decides. marks.py says what each word does; this file how they go together. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from analytics.news.marks import Mark, Part, marks_of

#: How far, in tokens, a direction looks back and ahead for its measure.
BACK_MOST, AHEAD_MOST = 14, 5
#: A negation reaches so many tokens on.
NEGATION_REACH = 4
_CURRENCIES = frozenset({"euro", "euros", "eur", "sek", "nok", "gbp", "dkk"})
#: Words and signs after which another thing is spoken of.
_APART = frozenset({",", ".", ";", "(", ")", "in", "of", "on", "for", "and", "by", "at", "as"})
#: A figure without a unit beside one with it has that unit, unless it is as large as this.
_BARE_MOST = 1_000.0
#: Where another clause begins, and where a direction's own measure can no longer follow.
_CLAUSES = frozenset({Part.CONCESSION})
_WALLS = frozenset({Part.FIGURE, *_CLAUSES})
#: What a company may turn to.
_ENDS = frozenset({
    "profit", "net profit", "operating profit", "pretax profit", "loss", "net loss",
    "operating loss", "pretax loss", "deficit",
})  # fmt: skip
#: Measures only where nothing better is named.
_VAGUE = frozenset({
    "operations", "market", "markets", "business", "development", "performance", "share", "value",
    "growth", "personnel", "customers", "trading", "capacity", "taxes", "competition",
    "value added tax",
})  # fmt: skip


class Source(StrEnum):
    """By what a move was found."""

    WORD = "word"
    FIGURES = "figures"
    EXPECTED = "expected"
    TONE = "tone"


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that changed: `sign` +1 up or -1 down, `good` +1, -1 or 0 (nobody knows).

    is_lesser: it is what the headline concedes ("despite higher costs"), not what it says.
    """

    source: Source
    sign: int
    good: int
    metric: str
    start: int
    end: int
    is_lesser: bool = False


@dataclass(frozen=True, slots=True)
class Moves:
    """A headline taken apart: its marks in order, and the moves among them."""

    marks: tuple[Mark, ...]
    moves: tuple[Move, ...]


def read_moves(text: str) -> Moves:
    """Return a headline's marks and moves.

    >>> [(one.source.value, one.good) for one in read_moves("Loss narrowed to 2 mn from 5").moves]
    [('word', 1), ('figures', 1)]
    """
    marks = tuple(marks_of(text))
    moves = [*_by_figures(marks), *_by_words(marks), *_by_tone(marks)]
    lesser = _conceded(marks)
    told = (
        replace(one, is_lesser=any(first <= one.start < last for first, last in lesser))
        for one in moves
    )
    return Moves(marks, tuple(sorted(told, key=lambda one: one.start)))


def _conceded(marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """Return where a headline concedes: to the comma if it begins so, else to its end."""
    found = []
    for place, mark in enumerate(marks):
        if mark.part is Part.CONCESSION:
            comma = next((one.start for one in marks[place:] if one.text == ","), None)
            is_first = place <= 1 and comma is not None
            found.append((mark.start, comma if is_first and comma else marks[-1].end))
    return found


def _by_figures(marks: Sequence[Mark]) -> Iterator[Move]:
    """Yield a move for each pair of figures that says now and then."""
    figures = [
        place
        for place, mark in enumerate(marks)
        if mark.part is Part.FIGURE and not _is_conversion(marks, place)
    ]
    taken: set[int] = set()
    for first, second in pairwise(figures):
        if first in taken or marks[first].is_share != marks[second].is_share:
            continue
        between = marks[first + 1 : second]
        before = marks[max(first - 3, 0) : first]
        order = _order(before, between, marks[second + 1 : second + 2])
        if order == 0:
            continue
        taken.add(second)
        now, then = (first, second) if order > 0 else (second, first)
        yield from _compared(marks, now=now, then=then)


def _is_conversion(marks: Sequence[Mark], place: int) -> bool:
    """Whether a figure is the one before it in dollars: "5.5 mn euros ($7.2 mn)"."""
    texts = [one.text for one in marks[max(place - 2, 0) : place]]
    return bool(texts) and texts[-1] in {"$", "usd"} and texts[0] in {"(", "us", *_CURRENCIES}


def _order(before: Sequence[Mark], between: Sequence[Mark], after: Sequence[Mark]) -> int:
    """Return +1 where the first figure is the present one, -1 where it was, 0 for no pair."""
    if len(between) > 14:
        return 0
    parts = [one.part for one in between]
    if Part.WAS in parts:
        return 1
    if any(one.text == "from" for one in before) and any(one.text == "to" for one in between):
        return -1
    if between and between[-1].text == "(" and after and after[0].text in {")", "in", "for"}:
        return 1
    if between and between[0].text == "(" and Part.PAST in parts:
        return 1
    return 0


def _compared(marks: Sequence[Mark], *, now: int, then: int) -> Iterator[Move]:
    """Yield the move from one figure to the other; a loss counts below zero beside a profit."""
    last = max(now, then)
    metric_now = (
        _metric_behind(marks, now)
        or _metric_before(marks, now)
        or _firmest(marks[last + 1 : last + 1 + AHEAD_MOST])
    )
    metric_then = _metric_behind(marks, then) or _metric_between(marks, then, now) or metric_now
    sign_now = metric_now.sign if metric_now else 1
    sign_then = metric_then.sign if metric_then else sign_now
    value_now, value_then = _on_one_scale(marks[now], marks[then])
    change = value_now - value_then
    balance = sign_now * value_now - sign_then * value_then
    start, end = (min(marks[now].start, marks[then].start), max(marks[now].end, marks[then].end))
    if metric_now is None and metric_then is None:
        if change:
            yield Move(Source.FIGURES, _sign(change), 0, "", start, end)
        return
    if balance:
        name = (metric_now or metric_then or marks[now]).text
        yield Move(Source.FIGURES, _sign(change), _sign(balance), name, start, end)


def _on_one_scale(now: Mark, then: Mark) -> tuple[float, float]:
    """Return both values; a figure without a unit takes the other's ("2 mn from 5")."""
    scales = {one.scale: one.value for one in (now, then)}
    if now.is_share or len(scales) == 1 or abs(scales.get(1.0, _BARE_MOST)) >= _BARE_MOST:
        return now.value, then.value
    return now.value / now.scale, then.value / then.scale


def _metric_behind(marks: Sequence[Mark], place: int) -> Mark | None:
    """Return what one figure is of where its measure follows: "a 1.2 million loss"."""
    for one in marks[place + 1 : place + 4]:
        if one.part is Part.METRIC:
            return one if one.text not in _VAGUE else None
        if one.part is not Part.OTHER or one.text in _APART:
            return None
    return None


def _metric_before(marks: Sequence[Mark], place: int) -> Mark | None:
    return _firmest(marks[max(place - 16, 0) : place][::-1])


def _firmest(marks: Sequence[Mark]) -> Mark | None:
    """Return the first measure; a vague one ("business") only where there is no other."""
    found = [one for one in marks if one.part is Part.METRIC]
    return next((one for one in found if one.text not in _VAGUE), found[0] if found else None)


def _metric_between(marks: Sequence[Mark], place: int, other: int) -> Mark | None:
    """Return the measure named for one figure alone: between the pair, before or after it."""
    if place > other:
        for one in reversed(marks[other + 1 : place]):
            if one.part is Part.METRIC:
                return one
        return None
    return _metric_before(marks, place)


def _by_words(marks: Sequence[Mark]) -> Iterator[Move]:
    """Yield a move for each word of direction, with the measure it is most likely of."""
    for place, mark in enumerate(marks):
        if mark.part is not Part.MOVE:
            continue
        flip = -1 if _is_negated(marks, place) else 1
        metric = _metric_of(marks, place)
        sign = mark.sign * flip
        good = sign * metric.sign if metric else 0
        if turned := _turned_to(marks, place):
            metric, good = turned, turned.sign * flip
        yield Move(Source.WORD, sign, good, metric.text if metric else "", mark.start, mark.end)


def _metric_of(marks: Sequence[Mark], place: int) -> Mark | None:
    """Return the nearest measure: after ("higher costs"), before, or else "fall in sales"."""
    for one in marks[place + 1 : place + 3]:
        if one.part is Part.METRIC and marks[place].text not in {"up", "down"}:
            return one
        if one.text in {".", ",", ";", "to", "by", "from", "and"} or one.part in _WALLS:
            break
    back = list(reversed(marks[max(place - BACK_MOST, 0) : place]))
    ends = (at for at, one in enumerate(back) if one.text in {".", ";"} or one.part in _CLAUSES)
    stop = next(ends, len(back))
    if found := _firmest(back[:stop]):
        return found
    for one in marks[place + 1 : place + 1 + AHEAD_MOST]:
        if one.part is Part.METRIC:
            return one
        if one.part in _CLAUSES:
            break
    return None


def _turned_to(marks: Sequence[Mark], place: int) -> Mark | None:
    """Return the measure of "slipped to a net loss": there the measure is the news."""
    ahead = marks[place + 1 : place + 4]
    texts = [one.text for one in ahead]
    for joined in (("to", "a"), ("into", "a"), ("to", "an"), ("to",), ("into",)):
        count = len(joined)
        if tuple(texts[:count]) == joined and len(ahead) > count:
            found = ahead[count]
            return found if found.part is Part.METRIC and found.text in _ENDS else None
    return None


def _by_tone(marks: Sequence[Mark]) -> Iterator[Move]:
    for place, mark in enumerate(marks):
        if mark.part not in (Part.TONE, Part.EXPECTED, Part.BESIDE):
            continue
        sign = -mark.sign if _is_negated(marks, place) else mark.sign
        source = Source.TONE if mark.part is Part.TONE else Source.EXPECTED
        metric = _metric_before(marks, place) if mark.part is Part.BESIDE else None
        good = sign * metric.sign if metric else sign
        yield Move(source, sign, good, metric.text if metric else "", mark.start, mark.end)


def _is_negated(marks: Sequence[Mark], place: int) -> bool:
    return any(one.part is Part.NEGATION for one in marks[max(place - NEGATION_REACH, 0) : place])


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
