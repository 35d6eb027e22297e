"""Word pieces: the numbers a sentence encoder reads, as BERT cuts words.

    "unlocking vans" ─▶ un ##lock ##ing vans ─▶ [101, 4895, 7878, 2075, 11033, 102]

Longest match first, from a tokenizer.json of the kind BertNormalizer + WordPiece. In plain Python:
the common package for it brings a client of a model hub, which a bank's server need not have.
"""

from __future__ import annotations

import json
import unicodedata
from functools import lru_cache
from pathlib import Path

#: Word pieces read of one text, the two marks included.
PIECES_MOST = 128
_LETTERS_MOST = 100


class WordPieces:
    """Reads tokenizer.json. Raises OSError, ValueError, KeyError."""

    def __init__(self, path: Path) -> None:
        model = json.loads(path.read_text(encoding="utf-8"))["model"]
        if model["type"] != "WordPiece":
            raise ValueError(f"{path.name} cuts words by {model['type']}.")
        self._vocabulary: dict[str, int] = model["vocab"]
        self._unknown = self._vocabulary[model["unk_token"]]
        self._begin, self._end = self._vocabulary["[CLS]"], self._vocabulary["[SEP]"]
        self._cut = lru_cache(maxsize=20_000)(self._cut_word)

    def ids(self, text: str) -> list[int]:
        """Return the numbers of a text, at most PIECES_MOST."""
        found: list[int] = []
        for word in _words(text):
            found += self._cut(word)
            if len(found) >= PIECES_MOST - 2:
                break
        return [self._begin, *found[: PIECES_MOST - 2], self._end]

    def _cut_word(self, word: str) -> tuple[int, ...]:
        if len(word) > _LETTERS_MOST:
            return (self._unknown,)
        pieces: list[int] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            for end in range(len(word), start, -1):
                number = self._vocabulary.get(mark + word[start:end])
                if number is not None:
                    pieces.append(number)
                    start = end
                    break
            else:
                return (self._unknown,)
        return tuple(pieces)


def _words(text: str) -> list[str]:
    """Cut at spaces, and make every mark and every Chinese character a word of its own."""
    plain = []
    for one in unicodedata.normalize("NFD", text):
        category = unicodedata.category(one)
        if one in "\t\n\r" or category == "Zs":
            plain.append(" ")
        elif category == "Mn" or category in ("Cc", "Cf", "Cn", "Co", "Cs") or one == "\ufffd":
            continue
        elif _stands_alone(one, category):
            plain.append(f" {one} ")
        else:
            plain.append(one)
    return "".join(plain).lower().split()


def _stands_alone(character: str, category: str) -> bool:
    """Marks and Chinese characters. BERT takes every ASCII sign for a mark, also $, + and <."""
    if character.isascii():
        return not character.isalnum()
    return category[0] == "P" or "\u3400" <= character <= "\u9fff" or character >= "\U00020000"
