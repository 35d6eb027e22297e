"""How alike two names are: as Doc 9303 transliterates them, or without accents, word by word.

Müller-Łoś ─▶ MUELLER LOS | MULLER LOS     every way of one against every way of the other
"""

from __future__ import annotations

import re

from anyascii import anyascii
from rapidfuzz import fuzz

from identity.authenticity.policy import load_table
from identity.document.mrz import transliterate


def name_likeness(one: str, other: str) -> float:
    """Return how alike two names are, 0-1, whatever their spelling, order and missing middle names.

    >>> name_likeness("Jürgen Müller", "MUELLER JUERGEN KARL")
    1.0
    >>> name_likeness("Ada Abara", "ADA ADLER") < 0.8
    True
    """
    best = 0.0
    for first in ways(one):
        for second in ways(other):
            few, many = sorted((first, second), key=len)
            if len(few) < min(2, len(many)):
                continue
            scores = [max((word_likeness(a, b) for b in many), default=0.0) for a in few]
            best = max(best, min(scores, default=0.0))
    return best


def best_word(one: str, other: str) -> float:
    """Return how alike the two closest words of two names are."""
    return max(
        (word_likeness(a, b) for first in ways(one) for second in ways(other)
         for a in first for b in second),
        default=0.0,
    )  # fmt: skip


def lists_alike(one: tuple[str, ...], other: tuple[str, ...], *, cut: bool) -> float:
    """Return the likeness of two lists of words; where `cut`, of as much as the shorter has."""
    short, long = sorted((" ".join(one), " ".join(other)), key=len)
    if cut and fuzz.ratio(short, long[: len(short)]) >= 100 * likeness_least():
        return 1.0
    return fuzz.ratio(short, long) / 100


def ways(text: str) -> set[tuple[str, ...]]:
    """Return the ways a name may be written in A-Z, as words: Doc 9303's, and without accents."""
    simple = re.sub(r"[^A-Z]+", " ", re.sub(r"['’`]", "", anyascii(text).upper()))
    split = re.sub(r"[^A-Z]+", " ", anyascii(text).upper())
    found = {tuple(transliterate(text).split("<")), tuple(simple.split()), tuple(split.split())}
    return {tuple(word for word in way if word) for way in found} - {()}


def is_alike(part: str, word: str) -> bool:
    if len(part) <= 3:
        return part == word
    return word_likeness(part, word) >= likeness_least()


def likeness_least() -> float:
    return float(load_table()["zones"]["name_likeness_least"])


def word_likeness(one: str, other: str) -> float:
    return fuzz.ratio(one, other) / 100
