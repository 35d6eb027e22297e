"""A sentence as our patterns read it: words of one meaning, one space between them.

    "On  YESTURDAY, ayer"   →   " on yesterday , yesterday "

A pattern is a regular expression over that line; what it finds is handed back as tokens of the
message, so that offsets and writing stay the customer's. No pattern repeats a repetition: the time
stays linear in the length of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from spacy.tokens import Doc, Span

from bot.components.lexicon import meaning


def pattern(words: str) -> re.Pattern[str]:
    """Return a pattern of whole words; spaces in it stand between words."""
    return re.compile(rf"(?<= )(?:{words})(?= )")


def one_of(words: Iterable[str]) -> str:
    """Return the alternatives, longest first, as a group that captures nothing."""
    return f"(?:{'|'.join(re.escape(w) for w in sorted(words, key=len, reverse=True))})"


class Line:
    """The words of a doc in pattern form; white space is left out."""

    def __init__(self, doc: Doc) -> None:
        self.doc = doc
        self._begins: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        parts, position = [""], 1
        for token in doc:
            if token.is_space:
                continue
            word = meaning(token.norm_)
            self._begins[position] = token.i
            position += len(word)
            self._ends[position] = token.i + 1
            position += 1
            parts.append(word)
        self.text = " ".join(parts) + " "

    def find(self, wanted: re.Pattern[str]) -> Iterator[tuple[Span, re.Match[str]]]:
        """Yield each place of a pattern as tokens, with the match itself."""
        for match in wanted.finditer(self.text):
            start, end = self._begins.get(match.start()), self._ends.get(match.end())
            if start is not None and end is not None:
                yield self.doc[start:end], match
