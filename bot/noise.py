"""Spoils sentences the way thumbs do: `florin nlu evaluate --noise typos`.

    typos    a letter of two words in five: a neighbour on the keyboard, doubled, left out, swapped
    spaces   two spaces in five are missing: "checkmy balance"
    sms      vowels and endings are dropped, words become "u", "2", "pls"; all lower case

The same text and kind are always spoilt in the same way. Words with a figure in them, and words
of up to three letters, keep their letters: nobody could tell what they had been.
"""

from __future__ import annotations

import hashlib
import re
from typing import Callable

import numpy as np

KINDS = ("typos", "spaces", "sms")
#: The share of words or spaces that is spoilt.
SHARE = 0.4
SHORTEST = 4

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {
    letter: "".join(row[max(place - 1, 0) : place] + row[place + 1 : place + 2])
    for row in _ROWS
    for place, letter in enumerate(row)
}
_SHORT = {
    "you": "u", "your": "ur", "are": "r", "please": "pls", "to": "2", "for": "4", "and": "n",
    "thanks": "thx", "account": "acct", "transaction": "txn", "message": "msg", "because": "cuz",
    "tomorrow": "tmrw", "today": "2day", "before": "b4", "with": "w", "what": "wat",
    "the": "d", "this": "dis", "que": "q", "por": "x", "porque": "xq", "también": "tb",
    "para": "pa", "hacer": "acer", "favor": "fa",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")


def spoil(text: str, kind: str) -> str:
    """Return the sentence with noise of a kind. Raises KeyError for an unknown one."""
    seed = int.from_bytes(hashlib.sha256(f"{kind} {text}".encode()).digest()[:8], "big")
    return _SPOILERS[kind](text, np.random.default_rng(seed))


def _typos(text: str, luck: np.random.Generator) -> str:
    def slip(found: re.Match[str]) -> str:
        word = found.group()
        if len(word) < SHORTEST or luck.random() > SHARE:
            return word
        at = int(luck.integers(1, len(word) - 1))
        kind = luck.integers(4)
        if kind == 0:
            near = _NEIGHBOURS.get(word[at].lower(), word[at])
            return word[:at] + near[int(luck.integers(len(near)))] + word[at + 1 :]
        if kind == 1:
            return word[:at] + word[at] + word[at:]
        if kind == 2:
            return word[:at] + word[at + 1 :]
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    return _WORD.sub(slip, text)


def _spaces(text: str, luck: np.random.Generator) -> str:
    return re.sub(" ", lambda _: "" if luck.random() < SHARE else " ", text)


def _sms(text: str, luck: np.random.Generator) -> str:
    def shorten(found: re.Match[str]) -> str:
        word = found.group()
        if word in _SHORT:
            return _SHORT[word]
        if len(word) < SHORTEST or luck.random() > SHARE:
            return word
        if word.endswith("ing"):
            return word[:-1]
        return word[0] + re.sub("[aeiouáéíóú]", "", word[1:-1]) + word[-1]

    return _WORD.sub(shorten, text.lower())


_SPOILERS: dict[str, Callable[[str, np.random.Generator], str]] = {
    "typos": _typos, "spaces": _spaces, "sms": _sms,
}  # fmt: skip
