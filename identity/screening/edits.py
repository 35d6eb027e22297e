"""Weighed edits: what it costs to make one word of another.

    a vowel for a vowel 0.6 · kin consonants 0.7 · others 1.3 · two letters exchanged 0.7
    a vowel missing 0.7 · a consonant 1.0 · one of two 0.3 · the first letter 1.5

Damerau (1964) counted edits; what they cost here was chosen on aliases of one person in public
lists against names of different people (docs/cards/screening.md).
"""

from __future__ import annotations

from functools import lru_cache

VOWELS = frozenset("aeiouy")
#: Consonants that hands and alphabets exchange.
KIN = (
    frozenset("bpv"), frozenset("dt"), frozenset("gkqchx"), frozenset("szc"), frozenset("vwfb"),
    frozenset("mn"), frozenset("jgy"), frozenset("lr"), frozenset("jzc"), frozenset("hx"),
)  # fmt: skip

#: Digits in the place of letters.
LOOKALIKES = {
    "0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g",
}  # fmt: skip


@lru_cache(maxsize=131072)
def edits_cost(a: str, b: str, cost_max: float = 99.0) -> float:
    """Return the cheapest weighed edits from a to b; about 1 an edit, symmetric.

    Above `cost_max` the answer may be anything above it: the work stops there.
    """
    gaps_a, gaps_b = _gaps(a), _gaps(b)
    before: list[float] = []
    row = [0.0]
    for gap in gaps_b:
        row.append(row[-1] + gap)
    for i, letter in enumerate(a):
        older, before, gap = before, row, gaps_a[i]
        left = before[0] + gap
        row = [left]
        for j, other in enumerate(b):
            if letter == other:
                best = before[j]
            else:
                best = before[j] + _EXCHANGES[letter + other]
                if i == 0 == j:
                    best += 0.3
            up = before[j + 1] + gap
            if up < best:  # noqa: PLR1730  min() here costs a third of all screening
                best = up
            left += gaps_b[j]
            if left < best:  # noqa: PLR1730
                best = left
            if i and j and letter == b[j - 1] and a[i - 1] == other and letter != other:
                best = min(best, older[j - 1] + 0.7)
            left = best
            row.append(best)
        if min(row) > cost_max and min(before) > cost_max:
            return 99.0
    return row[-1]


@lru_cache(maxsize=65536)
def _gaps(text: str) -> tuple[float, ...]:
    """Return what it costs that a letter is missing, for each."""
    found = []
    for at, letter in enumerate(text):
        if letter in (text[at - 1 : at], text[at + 1 : at + 2]):
            found.append(0.3)
        elif letter in VOWELS:
            found.append(0.7)
        elif letter == "h":
            found.append(0.5 if at else 0.8)
        else:
            found.append(1.0 if at else 1.5)
    return tuple(found)


def _exchange(a: str, b: str) -> float:
    if b in LOOKALIKES.get(a, "") or a in LOOKALIKES.get(b, ""):
        return 0.2
    if a in VOWELS and b in VOWELS:
        return 0.6
    return 0.7 if any(a in group and b in group for group in KIN) else 1.3


_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_EXCHANGES = {a + b: _exchange(a, b) for a in _LETTERS for b in _LETTERS}
