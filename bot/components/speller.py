"""Spelling: what a bank's own sentences would have written.

    "wat is my balnce"        ─▶ wat is my balance       a letter or two beside it (SymSpell)
    "snd mny to ana"          ─▶ send money to ana       the same consonants
    "checkmybalance"          ─▶ check my balance        words run together

Known words are those of the training sentences and of SymSpell's English dictionary; only
an unknown word is corrected, and only to a word that training knows well: a rare but right word
stays. Names stay as they are, and so do short words in capitals (USD). The corrected text is read
for its intent alone; entities (spelling.py is theirs) and replies see what was typed.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from importlib import resources
from typing import Callable, Iterable

from symspellpy import SymSpell, Verbosity

from bot.components.linear import fold_text

#: A word is known from so many training sentences on, and corrected to from so many on.
KNOWN_FROM, TARGET_FROM = 2, 3
#: Shorter words have too many neighbours.
SHORTEST = 4
#: From this length on two letters may be wrong.
LONG = 8
#: A word of English, by its count in SymSpell's dictionary (Google Books): rarer ones are as
#: likely typing errors of a bank's words.
ENGLISH_FROM = 1_000_000
CACHED_WORDS = 20_000

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_VOWELS = re.compile("[aeiou]")
_ACRONYM_MOST = 4


class Speller:
    """Corrects towards `counts`: in how many training sentences a folded word stands."""

    def __init__(self, counts: dict[str, int], *, language: str) -> None:
        self.counts = counts
        self.language = language
        self._known = {word for word, count in counts.items() if count >= KNOWN_FROM}
        if language == "en":
            self._known |= _english_words()
        targets = {
            word: count for word, count in counts.items()
            if count >= TARGET_FROM or (count >= KNOWN_FROM and word in _english_words())
        }  # fmt: skip
        self._near = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
        for word, count in targets.items():
            self._near.create_dictionary_entry(word, count)
        self._by_bones: dict[str, str] = {}
        for word in sorted(targets, key=lambda one: targets[one]):  # the commonest one stays
            if len(word) >= SHORTEST and len(_bones(word)) >= SHORTEST - 1:
                self._by_bones[_bones(word)] = word
        self._word: Callable[[str], str] = lru_cache(CACHED_WORDS)(self._correct_word)

    @classmethod
    def fit(cls, texts: Iterable[str], *, language: str) -> Speller:
        """Return the speller of these sentences."""
        words = Counter(word for text in texts for word in set(_WORD.findall(fold_text(text))))
        known = {word: count for word, count in words.items() if count >= KNOWN_FROM}
        return cls(known, language=language)

    def correct(self, text: str) -> str:
        """Return the text with unknown words corrected; the others keep their letters and case."""
        found = list(_WORD.finditer(text))
        parts, end = [], 0
        for place, one in enumerate(found):
            word = one.group()
            if not _is_name(found, place):
                folded = fold_text(word)
                mended = self._word(folded)
                word = word if mended == folded else mended
            parts += [text[end : one.start()], word]
            end = one.end()
        return "".join([*parts, text[end:]])

    def _correct_word(self, word: str) -> str:
        if word in self._known or "'" in word:
            return word
        if len(word) < SHORTEST:
            return self._by_bones.get(word, word)
        letters = 1 if len(word) < LONG else 2
        near = self._near.lookup(word, Verbosity.TOP, max_edit_distance=letters)
        if near:
            return str(near[0].term)
        if _bones(word) in self._by_bones:
            return self._by_bones[_bones(word)]
        if len(word) >= LONG:
            parts = self._near.word_segmentation(word, max_edit_distance=0).corrected_string.split()
            if len(parts) > 1 and all(self._is_part(part) for part in parts):
                return " ".join(parts)
        return word

    def _is_part(self, word: str) -> bool:
        return word in self._known and (len(word) > 1 or word in "aioy")


def _is_name(found: list[re.Match[str]], place: int) -> bool:
    """Say whether a word is written as a name: in the middle, or one of two capitals in a row."""
    word = found[place].group()
    if not word[0].isupper():
        return False
    if word.isupper():
        return len(word) <= _ACRONYM_MOST
    after = found[place + 1].group() if place + 1 < len(found) else ""
    return place > 0 or after.istitle()


def _bones(word: str) -> str:
    """Return the first letter and the consonants.

    >>> _bones("balance"), _bones("account")
    ('blnc', 'accnt')
    """
    return word[:1] + _VOWELS.sub("", word[1:])


@lru_cache(maxsize=1)
def _english_words() -> frozenset[str]:
    table = resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    lines = table.read_text(encoding="utf-8-sig").splitlines()
    pairs = (line.split() for line in lines)
    return frozenset(word.lower() for word, count in pairs if int(count) > ENGLISH_FROM)
