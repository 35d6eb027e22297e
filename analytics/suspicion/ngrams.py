"""Words and characters of a line as numbers: TF-IDF, each term with the places it stands at.

    "move it to a safe account"  words 1-3: "safe", "safe account", …    │ one vector of length 1
                                 characters 2-5 within words: " saf", …   │ each, weighed by IDF

One pass gives the features of learning, of looking and of the spans, so they cannot differ.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from analytics.models import Floats
from analytics.suspicion.reading import Reading

WORDS_MOST, CHARS_LEAST, CHARS_MOST = 3, 2, 5
#: Terms of fewer lines are chance.
LINES_LEAST = 2
#: Mark of a word term, which keeps it apart from the same characters.
_WORD_MARK = "\x02"
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[<>\[\]{}|#$;=/*_`]+")

#: A term and where it stands in the reading.
Place = tuple[str, int, int]


def terms_of(reading: Reading) -> Iterator[Place]:
    """Yield every term of a reading with its first and last-but-one place."""
    text = reading.figureless
    found = [(token.group(), token.start(), token.end()) for token in _TOKEN.finditer(text)]
    words = [("0" if word.isdigit() else word, start, end) for word, start, end in found]
    for first in range(len(words)):
        for count in range(1, min(WORDS_MOST, len(words) - first) + 1):
            last = first + count - 1
            term = " ".join(word for word, _, _ in words[first : last + 1])
            yield _WORD_MARK + term, words[first][1], words[last][2]
    for word, start, end in words:
        padded = f" {word} "
        for size in range(CHARS_LEAST, CHARS_MOST + 1):
            for place in range(len(padded) - size + 1):
                begin = start + max(place - 1, 0)
                yield (
                    padded[place : place + size],
                    min(begin, end - 1),
                    min(start + place - 1 + size, end),
                )


@dataclass(frozen=True)
class Vocabulary:
    """Terms in the order of columns, and how rare each is. `idf`: shape (n_terms,)."""

    terms: tuple[str, ...]
    idf: Floats
    columns: dict[str, int]

    @classmethod
    def learn(cls, readings: Sequence[Reading]) -> Vocabulary:
        """Return the terms of at least LINES_LEAST readings."""
        lines: Counter[str] = Counter()
        for reading in readings:
            lines.update({term for term, _, _ in terms_of(reading)})
        kept = sorted(term for term, count in lines.items() if count >= LINES_LEAST)
        counts = np.array([lines[term] for term in kept], dtype=np.float64)
        return cls.of(tuple(kept), np.log((1 + len(readings)) / (1 + counts)) + 1)

    @classmethod
    def of(cls, terms: tuple[str, ...], idf: Floats) -> Vocabulary:
        return cls(terms, idf, {term: place for place, term in enumerate(terms)})

    def vector(self, reading: Reading) -> tuple[NDArray[np.int64], Floats]:
        """Return columns, rising, and values of one line."""
        columns = self.columns
        counts: Counter[int] = Counter()
        for term, _, _ in terms_of(reading):
            column = columns.get(term)
            if column is not None:
                counts[column] += 1
        held = np.array(sorted(counts), dtype=np.int64)
        values = np.array([counts[int(one)] for one in held], dtype=np.float64)
        values = (1 + np.log(values)) * self.idf[held] if len(held) else values
        # Words sort first (their mark is below every letter), so each block is one piece.
        cut = int(np.searchsorted(held, self._words_count))
        for block in (values[:cut], values[cut:]):
            length = float(np.linalg.norm(block))
            if length:
                np.divide(block, length, out=block)
        return held, values

    @property
    def _words_count(self) -> int:
        return bisect_left(self.terms, "\x03")

    def matrix(self, readings: Sequence[Reading]) -> csr_matrix:
        """Return the lines as rows, shape (n_lines, n_terms)."""
        rows = [self.vector(reading) for reading in readings]
        starts = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in rows])])
        return csr_matrix(
            (
                np.concatenate([values for _, values in rows]),
                np.concatenate([columns for columns, _ in rows]),
                starts,
            ),
            shape=(len(rows), len(self.terms)),
        )
