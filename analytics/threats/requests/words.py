r"""A request as a row of classes of words: what an attack is made of, whatever it is called.

    ' or sleep(5)#          '  sql_word  sql_function  (  0  )  #
    <svg onload=alert`1`>   <  tag  event  =  script_word  `  0  `  >

words.toml holds the classes. A word that starts with "on" and is followed by = is an event; one of
two underscores on both sides belongs to a template; 0x… is a number. All other words are one sign.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FILE = Path(__file__).with_name("words.toml")
#: Signs of classes stand where no character of Unicode does.
_FIRST_CLASS = 0x110000
_WORD, _NUMBER, _EVENT, _INNER = (_FIRST_CLASS + place for place in range(4))
_TOKEN = re.compile(r"([a-z_][a-z_0-9]*)|(0x[0-9a-f]+|\d+)|[^a-z_0-9]")
_EVENT_WORD = re.compile(r"on[a-z]{3,24}$")

Codes = NDArray[np.uint64]
Places = NDArray[np.int64]


@cache
def load_classes() -> dict[str, int]:
    """Read words.toml: the sign of each word. Raises KeyError, ValueError: our file is broken."""
    classes = tomllib.loads(_FILE.read_text(encoding="utf-8"))["classes"]
    found: dict[str, int] = {}
    for place, words in enumerate(classes.values()):
        for word in words.split():
            found.setdefault(word, _FIRST_CLASS + 4 + place)
    return found


def read(text: str) -> tuple[Codes, Places]:
    """Return the signs, shape (n,), and where each one's characters begin, with the end, (n + 1,).

    Spaces are none of them: `union select` and `union/**/select` are one row.
    """
    classes = load_classes()
    signs: list[int] = []
    starts: list[int] = []
    for found in _TOKEN.finditer(text):
        word = found[1]
        if word is not None:
            sign = classes.get(word) or _of_shape(word, text, found.end())
        elif found[2] is not None:
            sign = _NUMBER
        elif found[0] == " ":
            continue
        else:
            sign = _of_character(ord(found[0]))
            if sign == _WORD and signs and signs[-1] == _WORD:
                continue  # letters beyond ASCII, each a match of its own, are one word
        signs.append(sign)
        starts.append(found.start())
    starts.append(len(text))
    return np.array(signs, dtype=np.uint64), np.array(starts, dtype=np.int64)


def _of_shape(word: str, text: str, end: int) -> int:
    if _EVENT_WORD.match(word) and text[end : end + 2].lstrip()[:1] == "=":
        return _EVENT
    if word.startswith("__") and word.endswith("__") and len(word) > 4:
        return _INNER
    return _WORD


def _of_character(code: int) -> int:
    return code if code < 128 else _WORD
