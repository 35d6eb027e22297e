"""Runs of characters, hashed: what the model of requests sees, in two readings of the same text.

    letters   "' or 1=1"   runs of 1 to 5 characters: "'", "' ", "' o", …
    shape     "' w 0=0"    runs of 2 to 6 of a text whose words are one sign and whose numbers one

Words make an attack known, its shape makes the next one known: `name(0,0x0)--` is one whatever the
function is called. All runs of a text are hashed at once in numpy, and each knows which characters
it covers, so that a weight can be laid back over the text as a reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.models import Floats

BITS = 18
PLACES = 1 << BITS
_LETTER_RUNS, _SHAPE_RUNS = (1, 2, 3, 4, 5), (2, 3, 4, 5, 6)
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
    codes = _codes_of(text)
    at = np.arange(len(codes) + 1)
    found = _read(codes, at, _LETTER_RUNS, salt=0)
    # A word or a number is one sign, where it begins.
    signs = np.where(_is_word(codes), np.uint64(_WORD), codes)
    begins = np.ones(len(signs), dtype=bool)
    begins[1:] = (signs[1:] != signs[:-1]) | ((signs[1:] != _WORD) & (signs[1:] != _DIGIT))
    edges = np.append(np.flatnonzero(begins), len(codes))
    return found + _read(signs[begins], edges, _SHAPE_RUNS, salt=101)


def seen(text: str) -> Places:
    """Return the different places of a text, ascending."""
    return np.unique(np.concatenate([runs.places for runs in runs_of(text)]))


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


def _read(codes: _Codes, edges: Places, lengths: tuple[int, ...], *, salt: int) -> list[Runs]:
    """edges: where each code's characters begin, and at the end where the last one's end."""
    found = []
    rolled = np.zeros(len(codes), dtype=np.uint64)
    for length in range(1, lengths[-1] + 1):
        count = len(codes) - length + 1
        if count <= 0:
            break
        rolled = (rolled[:count] * _BASE + codes[length - 1 :] + np.uint64(1)) & _32_BITS
        if length < lengths[0]:
            continue
        mixed = ((rolled + np.uint64(length + salt)) * _SPREAD) & _32_BITS
        mixed ^= mixed >> np.uint64(15)
        mixed = (mixed * _MIX) & _32_BITS
        places = (mixed >> np.uint64(32 - BITS)).astype(np.int64)
        found.append(Runs(places, edges[:count], edges[length:]))
    return found or [Runs(*(np.zeros(0, dtype=np.int64) for _ in range(3)))]
