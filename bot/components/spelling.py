"""Long words of ours, written with one slip: "resturants", "wedensday", "subscribtions".

    letters left out, added, changed, swapped or moved: one of them, and the first letter right

Only words of seven letters and more: a short word one slip away is too often another word or a
name (Marco is no March, Frida no Friday). Each word is looked up by what remains when one of its
letters is left out, so a sentence costs a few dictionary look-ups a word, however long the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from bot.components.days import MONTHS, WEEKDAYS
from bot.components.vocabulary import LANGUAGES, load_vocabulary

MIN_LETTERS = 7
#: English words that are one slip away from ours and are no slips.
_REAL = frozenset(
    "compute computer computed heading hearing heads interest interests comprar alquilar "
    "computing converts screaming transports transporter dreaming charged chargers shipping "
    "shopped stopping chopping intuition".split()
)


@lru_cache(maxsize=1)
def _targets() -> dict[str, str]:
    """Return a word, or a word without one of its letters → the word."""
    words = {w for w in (*MONTHS, *WEEKDAYS, "yesterday", "tomorrow") if len(w) >= MIN_LETTERS}
    for language in LANGUAGES:
        for phrases in load_vocabulary("categories", language).values():
            words |= {w for w in phrases if len(w) >= MIN_LETTERS and w.isalpha()}
    index: dict[str, str] = {}
    for word in sorted(words):
        for short in _without_one(word):
            index.setdefault(short, word)
    return {**index, **{word: word for word in words}}


@lru_cache(maxsize=1)
def _kept() -> frozenset[str]:
    """Return words that are right as they are: of other lists ("Comoras"), and of the language."""
    words: set[str] = set()
    for name, language in product(("countries", "currencies", "account_kinds"), LANGUAGES):
        for phrases in load_vocabulary(name, language).values():
            words.update(word for phrase in phrases for word in phrase.split())
    return _REAL | words


def _without_one(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(len(word)))


@lru_cache(maxsize=8192)
def corrected(word: str) -> str:
    """Return the word of ours that `word` (folded) is one slip away from, or `word`.

    >>> corrected("resturants"), corrected("wenesday"), corrected("marco")
    ('restaurants', 'wednesday', 'marco')
    """
    if not MIN_LETTERS - 1 <= len(word) <= 20 or not word.isalpha() or word in _kept():
        return word
    index = _targets()
    if word.endswith("ys") and f"{word[:-2]}ies" in index:  # grocerys
        return f"{word[:-2]}ies"
    for short in (word, *_without_one(word)):
        target = index.get(short)
        if target is None or target[0] != word[0] or abs(len(target) - len(word)) > 1:
            continue
        # One or many is no slip: a charge is not "charges".
        return word if word in (f"{target}s", target[:-1]) else target
    return word
