"""Terms of a headline by TF-IDF: words, letters and shape, each a block whose rows have length 1.

scikit-learn cuts and counts; kept are the terms, one a line, and their IDF, so that what is stored
is text and numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from analytics.models import Floats
from analytics.news.features import Read

#: Terms of fewer headlines are chance.
HEADLINES_LEAST = 2
_CUTS: Mapping[str, dict[str, Any]] = {
    "words": {"ngram_range": (1, 3), "token_pattern": r"\S+"},
    "letters": {"ngram_range": (3, 5), "analyzer": "char_wb"},
    "shape": {"ngram_range": (1, 4), "token_pattern": r"\S+"},
}
_TEXTS: Mapping[str, Callable[[Read], str]] = {
    "words": lambda one: one.words,
    "letters": lambda one: one.words,
    "shape": lambda one: one.shape,
}
#: The order of columns.
BLOCKS = tuple(_CUTS)


@dataclass(frozen=True)
class Terms:
    """The terms of one block, in the order of columns. idf: shape (n_terms,)."""

    block: str
    terms: tuple[str, ...]
    idf: Floats

    @classmethod
    def learn(cls, block: str, reads: Sequence[Read]) -> Terms:
        """Return the terms of at least HEADLINES_LEAST headlines. Raises ValueError: none."""
        cut = TfidfVectorizer(min_df=HEADLINES_LEAST, **_settings(block))
        cut.fit([_TEXTS[block](one) for one in reads])
        return cls(block, tuple(cut.get_feature_names_out().tolist()), cut.idf_)

    @classmethod
    def of(cls, block: str, written: str, idf: Floats) -> Terms:
        """Return terms as `written()` gave them. Raises ValueError: not as many as weights."""
        terms = tuple(written.split("\n")[:-1])
        if len(terms) != len(idf):
            raise ValueError("terms")
        return cls(block, terms, idf)

    def written(self) -> str:
        return "\n".join(self.terms) + "\n"

    def matrix(self, reads: Sequence[Read]) -> csr_matrix:
        """Return the headlines as rows, shape (n, n_terms)."""
        return self._cutter.transform([_TEXTS[self.block](one) for one in reads])

    @cached_property
    def _cutter(self) -> Any:
        cut = TfidfVectorizer(vocabulary=list(self.terms), **_settings(self.block))
        cut.idf_ = self.idf
        return cut


def _settings(block: str) -> dict[str, Any]:
    return {"sublinear_tf": True, "lowercase": False, **_CUTS[block]}
