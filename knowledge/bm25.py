"""BM25 over lists of terms (bm25s), with scores that mean the same in each library."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.6


class Words:
    """BM25 over lists of terms, with the scores' ceiling so that they mean the same each time."""

    def __init__(self, documents: Sequence[list[str]]) -> None:
        self._bm25 = bm25s.BM25(k1=K1, b=B, method="lucene")
        # A word of its own keeps an empty library from being an error.
        self._bm25.index([one or ["\0"] for one in documents] or [["\0"]], show_progress=False)
        self.size = len(documents)
        counted = Counter(term for one in documents for term in set(one))
        self._rarity = {term: _rarity(n, self.size) for term, n in counted.items()}
        self._rarest = _rarity(0, self.size)

    def rarity(self, term: str) -> float:
        """Return a term's inverse document frequency; the highest where nobody uses it."""
        return self._rarity.get(term, self._rarest)

    def knows(self, term: str) -> bool:
        return term in self._rarity

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """Return BM25 as a share of what a passage of nothing else would get, shape (size,)."""
        known = [term for term in dict.fromkeys(terms) if term in self._rarity]
        if not known or not self.size:
            return np.zeros(self.size, dtype=np.float32)
        ceiling = sum(self.rarity(term) for term in set(terms)) * (K1 + 1)
        found = self._bm25.get_scores(known)[: self.size]
        return np.asarray(found / ceiling, dtype=np.float32)


def _rarity(documents_with: int, documents: int) -> float:
    return math.log(1 + (documents - documents_with + 0.5) / (documents_with + 0.5))
