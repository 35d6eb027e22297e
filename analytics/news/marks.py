"""The marks of a headline: its tokens, each with what it does there.

    "Costs fell 4 % , below plan"   metric(bad)  move(down)  figure(4 %)  other  beside(below)

Words and phrases come from lexicon.toml; the longest match wins. A number is read as headlines
write it, with its scale or as a share. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

LEXICON = Path(__file__).with_name("lexicon.toml")
_TOKEN = re.compile(
    # A blank may stand before the point: sentences that came through a tokeniser have it.
    r"(?<![^\s(])-?\d{1,3}(?:(?:[\u00a0 ]| ?[.,])\d{3})+(?: ?[.,]\d+)?"
    r"|(?<![^\s(])-\d+(?: ?[.,]\d+)?|\d{1,3}(?:(?:[\u00a0 ]| ?[.,])\d{3})+(?: ?[.,]\d+)?"
    r"|\d+(?: ?[.,]\d+)?|n't|[^\W\d_]+(?:[-'&][^\W\d_]+)*|[^\w\s]"
)
_SCALES = {
    "mn": 1e6, "mln": 1e6, "m": 1e6, "million": 1e6, "millions": 1e6, "meur": 1e6,
    "bn": 1e9, "b": 1e9, "billion": 1e9, "tn": 1e12, "trillion": 1e12,
    "k": 1e3, "thousand": 1e3, "teur": 1e3,
}  # fmt: skip
_SHARES = frozenset({"%", "pct", "percent", "percentage", "pc"})
_MONTHS = frozenset(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_DAYS_MOST = 31
_YEARS = range(1980, 2061)


class Part(StrEnum):
    """What a word of the lexicon, or a number, does in a headline."""

    METRIC = "metric"
    MOVE = "move"
    TONE = "tone"
    BESIDE = "beside"
    EXPECTED = "expected"
    AS_TOLD = "as_told"
    NEGATION = "negation"
    HEDGE = "hedge"
    CONCESSION = "concession"
    WAS = "was"
    NOW = "now"
    PAST = "past"
    FIGURE = "figure"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Mark:
    """A token, or some that are one. sign: +1 good/up/above, -1 bad/down/below, 0 neither.

    value: of a figure, in units; scale: what its unit multiplied it by; is_share: a percentage.
    start, end: places in the text.
    """

    part: Part
    text: str
    start: int
    end: int
    sign: int = 0
    value: float = 0.0
    scale: float = 1.0
    is_share: bool = False


@cache
def _phrases() -> tuple[dict[tuple[str, ...], tuple[Part, int]], int]:
    """Return each phrase of the lexicon with what it does, and the longest's length in tokens."""
    told = tomllib.loads(LEXICON.read_text(encoding="utf-8"))
    kinds = (
        (Part.TONE, 1, told["tone"]["good"]), (Part.TONE, -1, told["tone"]["bad"]),
        (Part.HEDGE, 0, told["turns"]["hedge"]), (Part.NEGATION, 0, told["turns"]["negation"]),
        (Part.METRIC, 1, told["metrics"]["good"]), (Part.METRIC, -1, told["metrics"]["bad"]),
        (Part.MOVE, 1, told["directions"]["up"]), (Part.MOVE, -1, told["directions"]["down"]),
        (Part.AS_TOLD, 0, told["expected"]["as_told"]),
        (Part.CONCESSION, 0, told["turns"]["concession"]),
        (Part.BESIDE, 1, told["expected"]["above"]), (Part.BESIDE, -1, told["expected"]["below"]),
        (Part.EXPECTED, 1, told["expected"]["better"]),
        (Part.EXPECTED, -1, told["expected"]["worse"]),
        (Part.NOW, 0, told["joins"]["now"]), (Part.PAST, 0, told["joins"]["past"]),
        (Part.WAS, 0, told["joins"]["was"]),
    )  # fmt: skip
    held: dict[tuple[str, ...], tuple[Part, int]] = {}
    for part, sign, words in kinds:  # a later list has the last word on a phrase of two
        for phrase in words.replace("\n", "").split("|"):
            if phrase:
                held[tuple(_TOKEN.findall(phrase))] = (part, sign)
    return held, max(map(len, held))


def marks_of(text: str) -> Iterator[Mark]:
    """Yield the marks of a text in their order."""
    held, longest = _phrases()
    tokens = [(one.group().lower(), one.start(), one.end()) for one in _TOKEN.finditer(text)]
    place = 0
    while place < len(tokens):
        word, start, end = tokens[place]
        if word[0].isdecimal() or (word[0] == "-" and word[-1].isdecimal()):
            used, mark = _figure(tokens, place)
            place += used
            yield mark
            continue
        for count in range(min(longest, len(tokens) - place), 0, -1):
            found = held.get(tuple(one for one, _, _ in tokens[place : place + count]))
            if found is not None:
                end = tokens[place + count - 1][2]
                yield Mark(found[0], text[start:end].lower(), start, end, found[1])
                place += count
                break
        else:
            yield Mark(Part.OTHER, word, start, end)
            place += 1


def _figure(tokens: Sequence[tuple[str, int, int]], place: int) -> tuple[int, Mark]:
    """Return how many tokens a number with its unit takes, and its mark; a bare year is none."""
    word, start, end = tokens[place]
    value = _number(word)
    after = tokens[place + 1][0] if place + 1 < len(tokens) else ""
    if any(one == "negative" for one, _, _ in tokens[max(place - 2, 0) : place]):
        value = -abs(value)
    if [one for one, _, _ in tokens[place + 1 : place + 3]] == ["per", "cent"]:
        return 3, Mark(Part.FIGURE, word, start, tokens[place + 2][2], value=value, is_share=True)
    if after in _SHARES:
        return 2, Mark(Part.FIGURE, word, start, tokens[place + 1][2], value=value, is_share=True)
    if after in _SCALES:
        end = tokens[place + 1][2]
        return 2, Mark(
            Part.FIGURE, word, start, end, value=value * _SCALES[after], scale=_SCALES[after]
        )
    before = tokens[place - 1] if place else ("", 0, 0)
    is_quarter = before[0] in {"q", "h"} and before[2] == start
    is_day = after in _MONTHS or (before[0] in _MONTHS and value <= _DAYS_MOST)
    if is_quarter or is_day or (len(word) == 4 and word.isdecimal() and int(word) in _YEARS):
        return 1, Mark(Part.OTHER, "date", start, end)
    return 1, Mark(Part.FIGURE, word, start, end, value=value)


def _number(word: str) -> float:
    """Return a number as headlines write it: 1,234.5 or 12,5 or 1 200.

    >>> _number("1,234.5"), _number("12,5"), _number("1 200")
    (1234.5, 12.5, 1200.0)
    """
    plain = re.sub(r"[ \u00a0]", "", word)
    if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    plain = plain.replace(",", ".")
    if plain.count(".") > 1:
        plain = plain.replace(".", "")
    return float(plain)
