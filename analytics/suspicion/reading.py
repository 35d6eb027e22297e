r"""A line as a reader sees it, with the way back to where each letter stood.

    "tr4nsf\u200be r to my SАFE acc"  ─▶  "transfe r to my safe acc"   + offsets into the line
      1. NFKD, lower case, without accents; what cannot be seen is dropped
      2. letters of other scripts inside a Latin word become what they look like
      3. figures inside a word become letters: tr4nsf3r
      4. a letter more than twice is written twice; s.a.f.e is one word

The words of a line are judged, not the spelling of one who hides them. Figures stay for the
encoder; `figureless` turns each into 0, so that no number is ever a feature of its own.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

#: What is read of a line; a pasted contract says nothing more.
CHARS_MOST = 2_000
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"})
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")
#: Looks like a Latin letter to the eye: Cyrillic and Greek, lower case (UTS 39, confusables).
_LOOKALIKES = dict(
    zip("аеорсухіјѕԁԛԝһӏвнкмтгпαορνιτκυχωηεβ", "aeopcyxijsdqwhlbhkmtrnaopvitkuxwneb", strict=True)
)
_LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
_WORD = re.compile(r"[^\W_]+(?:[@$!][^\W_]+)*")
_SPELT_OUT = re.compile(r"(?<![^\W_])[^\W\d_](?:[ .\-_*·][^\W\d_](?![^\W_])){3,}")
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` is read; `offsets[i]` is where its i-th letter stands in the line."""

    text: str
    offsets: tuple[int, ...]

    @property
    def figureless(self) -> str:
        return _FIGURE.sub("0", self.text)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the line of `text[start:end]`, which is not empty."""
        return self.offsets[start], self.offsets[end - 1] + 1


def read(line: str) -> Reading:
    r"""Return how a line is read.

    >>> read("Tr4nsfer to the S\u200bАFE  account!!").text
    'transfer to the safe account!!'
    >>> read("s.a.f.e 2000").text
    'safe 2000'
    """
    letters: list[str] = []
    offsets: list[int] = []
    for place, character in enumerate(line[:CHARS_MOST]):
        for one in _plain(character):
            if one == " " and letters and letters[-1] == " ":
                continue
            if letters[-2:] == [one, one] and one.isalpha():
                continue
            letters.append(one)
            offsets.append(place)
    text = "".join(letters)
    if not text.isascii():
        text = _WORD.sub(_as_it_looks, text)
        text = "".join(one if one.isascii() else _transcribed(one) for one in text)
    text = _WORD.sub(_without_leet, text)
    return _joined(text, offsets)


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """Return what a character looks like: none, one or some letters."""
    if character.isspace():
        return " "
    if character in _INVISIBLE or unicodedata.category(character) in _DROPPED:
        return ""
    apart = unicodedata.normalize("NFKD", character).lower()
    return "".join(
        " " if one.isspace() else one
        for one in apart
        if unicodedata.category(one) not in _DROPPED and one not in _INVISIBLE
    )


def _as_it_looks(found: re.Match[str]) -> str:
    """A word of lookalikes alone, or with a Latin letter among them, is a Latin word."""
    word = found.group()
    if word.isascii():
        return word
    is_mixed = any("a" <= one <= "z" for one in word)
    if is_mixed or all(one in _LOOKALIKES for one in word):
        return "".join(_LOOKALIKES.get(one, one) for one in word)
    return word


@lru_cache(maxsize=4096)
def _transcribed(character: str) -> str:
    """Return one Latin letter for a letter, so that offsets stay; others stay as they are."""
    if not character.isalpha():
        return {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"}.get(
            character, character
        )
    short = anyascii(character).lower()
    return short if len(short) == 1 else character


def _without_leet(found: re.Match[str]) -> str:
    """Figures between letters are letters; a word that is mostly figures stays."""
    word = found.group()
    if word.isalpha() or sum(one.isalpha() for one in word) * 2 < len(word):
        return word
    if word[0].isdigit() and not word[1].isalpha():
        return word
    if word[-1].isdigit():
        stem = word.rstrip("0123456789")
        return "".join(_LEET.get(one, one) for one in stem) + word[len(stem) :]
    return "".join(_LEET.get(one, one) for one in word)


def _joined(text: str, offsets: list[int]) -> Reading:
    """Put letters that were spelt out one by one together."""
    kept: list[int] = []
    position = 0
    for found in _SPELT_OUT.finditer(text):
        kept += range(position, found.start())
        kept += range(found.start(), found.end(), 2)
        position = found.end()
    if not position:
        return Reading(text, tuple(offsets))
    kept += range(position, len(text))
    return Reading("".join(text[one] for one in kept), tuple(offsets[one] for one in kept))
