"""Runs of characters, hashed: what the model of requests sees, in three readings of the same text.

    letters   "' or 1=1"   runs of 1 to 5 characters: "'", "' ", "' o", …
    shape     "' w 0=0"    runs of 2 to 6 of a text whose words are one sign and whose numbers one
    classes   "' W 0 = 0"  runs of 1 to 5 of a row of classes of words (words.py)

Words make an attack known, its shape makes the next one known: `name(0,0x0)--` is one whatever the
function is called; classes know functions that no example ever held. All runs of a text are hashed
at once in numpy, and each knows which characters it covers, so that a weight can be laid back over
the text as a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.models import Floats
from analytics.threats.requests import words

BITS = 18
PLACES = 1 << BITS
_LETTER_RUNS, _SHAPE_RUNS, _CLASS_RUNS = (1, 2, 3, 4, 5), (2, 3, 4, 5, 6), (1, 2, 3, 4, 5)
_READINGS = ((_LETTER_RUNS, 0), (_SHAPE_RUNS, 101), (_CLASS_RUNS, 211))
_BLOCK_TEXTS = 512
_DIGIT, _WORD = ord("0"), ord("w")
_SPREAD = np.uint64(0x9E3779B1)  # 2^32 divided by the golden ratio: Knuth's multiplicative hashing
_MIX = np.uint64(0x85EBCA6B)
_BASE = np.uint64(0x01000193)
_32_BITS = np.uint64(0xFFFFFFFF)

Places = NDArray[np.int64]
_Codes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of one length: their places in [0, 2^18), and the characters from `start` to `end`."""

    places: Places
    start: Places
    end: Places


def runs_of(text: str) -> list[Runs]:
    """Return all runs of a text, one entry a reading and length."""
    found = []
    for (signs, edges), (lengths, salt) in zip(_readings(text), _READINGS, strict=True):
        for length, places in _hashed(signs, lengths, salt=salt):
            found.append(Runs(places, edges[: len(places)], edges[length:]))
    return found


def seen(text: str) -> Places:
    """Return the different places of a text, ascending."""
    found = [runs.places for runs in runs_of(text)]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)


def seen_in(texts: Sequence[str]) -> tuple[Places, Places]:
    """Return the places of many texts, one text's after the other's, and how many each has, (n,).

    The same as `seen` of each, some times faster: all of a block are hashed as one row of signs.
    """
    places, counts = [], []
    for start in range(0, len(texts), _BLOCK_TEXTS):
        block = texts[start : start + _BLOCK_TEXTS]
        each = [_readings(text) for text in block]
        keys = [
            _keys([one[number][0] for one in each], lengths, salt=salt)
            for number, (lengths, salt) in enumerate(_READINGS)
        ]
        different = np.unique(np.concatenate(keys))
        places.append(different % PLACES)
        counts.append(np.bincount(different // PLACES, minlength=len(block)))
    if not counts:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate(places), np.concatenate(counts)


def laid_over(text: str, weights: Floats) -> Floats:
    """Return how much each character adds: each run's weight shared by its characters, (n,)."""
    steps = np.zeros(len(text) + 1)
    for runs in runs_of(text):
        share = weights[runs.places] / (runs.end - runs.start)
        np.add.at(steps, runs.start, share)
        np.add.at(steps, runs.end, -share)
    return np.cumsum(steps)[: len(text)]


def _codes_of(text: str) -> _Codes:
    """Return a number a character: ASCII as it is, digits as one, other letters by their kind."""
    raw = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    codes = raw.astype(np.uint64)
    codes = np.where((codes >= _DIGIT) & (codes <= _DIGIT + 9), np.uint64(_DIGIT), codes)
    # Letters beyond ASCII are words of some language; what they spell is not looked at.
    return np.where(codes < 128, codes, np.uint64(128) + (codes >> np.uint64(11)) % np.uint64(64))


def _is_word(codes: _Codes) -> NDArray[np.bool_]:
    small = (codes >= ord("a")) & (codes <= ord("z"))
    return np.asarray(small | (codes == ord("_")) | (codes >= 128))


def _readings(text: str) -> tuple[tuple[_Codes, Places], ...]:
    """Return signs of each reading, and where each one's characters begin, with the end."""
    codes = _codes_of(text)
    # A word or a number is one sign, where it begins.
    signs = np.where(_is_word(codes), np.uint64(_WORD), codes)
    begins = np.ones(len(signs), dtype=bool)
    begins[1:] = (signs[1:] != signs[:-1]) | ((signs[1:] != _WORD) & (signs[1:] != _DIGIT))
    edges = np.append(np.flatnonzero(begins), len(codes))
    return (codes, np.arange(len(codes) + 1)), (signs[begins], edges), words.read(text)


def _hashed(signs: _Codes, lengths: tuple[int, ...], *, salt: int) -> Iterator[tuple[int, Places]]:
    """Yield each length with the places of its runs, in the order in which they begin."""
    rolled = np.zeros(len(signs), dtype=np.uint64)
    for length in range(1, min(lengths[-1], len(signs)) + 1):
        count = len(signs) - length + 1
        rolled = (rolled[:count] * _BASE + signs[length - 1 :] + np.uint64(1)) & _32_BITS
        if length < lengths[0]:
            continue
        mixed = ((rolled + np.uint64(length + salt)) * _SPREAD) & _32_BITS
        mixed ^= mixed >> np.uint64(15)
        mixed = (mixed * _MIX) & _32_BITS
        yield length, (mixed >> np.uint64(32 - BITS)).astype(np.int64)


def _keys(rows: list[_Codes], lengths: tuple[int, ...], *, salt: int) -> Places:
    """Return row · PLACES + place of each run that does not reach into the next row."""
    row_of = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    found = [np.zeros(0, dtype=np.int64)]
    for length, places in _hashed(np.concatenate(rows), lengths, salt=salt):
        begins, ends = row_of[: len(places)], row_of[length - 1 :]
        found.append((begins * PLACES + places)[begins == ends])
    return np.concatenate(found)
