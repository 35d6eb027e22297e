"""The table of phrasings: how near a question comes to what customers ask, section by section.

    phrasings ─┬▶ stems      ─┐
               ├▶ four-grams ─┼▶ cosine of each to the question ─▶ best and second best a section
               └▶ meanings   ─┘            └▶ kernel ridge ─▶ a share for each section

The kernel ridge reads all phrasings at once: what one section alone is asked with counts for more
than what all are. Questions that are for elsewhere (knowledge/elsewhere.json) are told to it too,
as nobody's. It is solved when the index is made; there is nothing to keep.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csc_array

from knowledge.asked import PHRASINGS_MOST
from knowledge.passages import Passage, heading_text
from knowledge.vectors import Vectors
from knowledge.words import grams_of, terms_of

Shares = tuple[float, float, float]
#: What the cosines of stems, four-grams and meanings count; the encoder knows little Spanish.
SHARES: dict[str, Shares] = {"en": (0.15, 0.15, 0.7), "es": (0.35, 0.35, 0.3)}
SHARES_OF_WORDS: Shares = (0.5, 0.5, 0.0)
#: The kernel is exp(STEEP * (nearness - 1)); RIDGE is the ridge's strength.
STEEP, RIDGE = 3.0, 0.1
#: Texts the ridge learns from in one language, at most: its cost grows with the third power.
RIDGE_MOST = 5_000
#: A section with fewer phrasings is asked for by its own words too.
FEW = 4
Floats = NDArray[np.float32]
Elsewhere = Mapping[str, Sequence[str]]
"""By language, questions that no article answers."""
NOWHERE: Elsewhere = {}


def is_asked(passages: Sequence[Passage]) -> bool:
    """Whether it is written down how customers ask for at least half of what there is."""
    return 2 * sum(bool(one.section.asked) for one in passages) >= len(passages) > 0


def asked_of(passage: Passage) -> Sequence[str]:
    """Return how a passage's section is asked for; with its own words where few said how."""
    asked = passage.section.asked
    if len(asked) >= FEW:
        return asked
    sentences = (f"{passage.section.heading}. {one.text}" for one in passage.sentences)
    return [*asked, heading_text(passage), *sentences][:PHRASINGS_MOST]


def make_phrasings(
    language: str,
    passages: Sequence[Passage],
    sections: NDArray[np.int64],
    vectors: Vectors | None,
    elsewhere: tuple[str, ...],
) -> Phrasings:
    """Return the table of phrasings, and of questions for elsewhere that are so still."""
    of = dict(zip(sections.tolist(), passages, strict=True))  # passages of a section are alike here
    told: list[tuple[int, str]] = []
    if is_asked(passages):
        told = [(number, text) for number, one in of.items() for text in asked_of(one)]
    others = _still_elsewhere(language, passages, elsewhere) if told else []
    texts = [*(text for _, text in told), *others]
    has_vectors = bool(vectors and texts)
    return Phrasings(
        sections=np.array([number for number, _ in told], dtype=np.int64),
        sections_count=len(of),
        terms=[terms_of(text, language) for text in texts],
        grams=[grams_of(text, language) for text in texts],
        meanings=vectors.of(texts) if vectors and texts else np.zeros((0, 0), dtype=np.float32),
        shares=SHARES[language] if has_vectors else SHARES_OF_WORDS,
        elsewhere=tuple(others),
    )


def _still_elsewhere(
    language: str, passages: Sequence[Passage], elsewhere: Sequence[str]
) -> list[str]:
    """Return the questions whose words no article has all in its title and headings.

    Where one has, the bank has begun to sell what was nobody's.
    """
    heads: dict[tuple[str, int], set[str]] = {}
    for one in passages:
        key = (one.article.id, one.article.version)
        heads.setdefault(key, set()).update(terms_of(heading_text(one), language))
    return [
        text
        for text in elsewhere
        if not any(head.issuperset(terms_of(text, language)) for head in heads.values())
    ]


class Bags:
    """Unit rows of weighted terms, rare ones first: cosines of texts too short for BM25."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        counted = Counter(term for one in documents for term in set(one))
        self._columns = {term: column for column, term in enumerate(sorted(counted))}
        size = len(documents)
        self._weights = {
            term: math.log(1 + (size - n + 0.5) / (n + 0.5)) for term, n in counted.items()
        }
        self._rarest = math.log(1 + (size + 0.5) / 0.5)
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        for row, one in enumerate(documents):
            weights = {term: self._weights[term] for term in set(one)}
            length = math.sqrt(sum(weight**2 for weight in weights.values()))
            for term, weight in weights.items():
                rows.append(row)
                columns.append(self._columns[term])
                values.append(weight / length)
        self._table = csc_array(
            (np.array(values, dtype=np.float32), (rows, columns)), (size, len(self._columns))
        )

    def near(self, terms: Sequence[str]) -> Floats:
        """Return each row's cosine to a question's terms, shape (n,), in [0, 1]."""
        found = np.zeros(self._table.shape[0], dtype=np.float32)
        weights = {term: self._weights.get(term, self._rarest) for term in set(terms)}
        length = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        at, row_of, values = self._table.indptr, self._table.indices, self._table.data
        for term in sorted(weights):
            if (column := self._columns.get(term)) is not None:
                span = slice(at[column], at[column + 1])
                found[row_of[span]] += values[span] * np.float32(weights[term] / length)
        return found

    def all_near(self, rows: NDArray[np.int64]) -> Floats:
        """Return the cosine of each two of these rows, shape (n_rows, n_rows)."""
        few = self._table[rows]
        return np.asarray((few @ few.T).toarray(), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Near:
    """How near a question comes to each section, shape (n_sections,); 0 where nobody asks.

    terms, grams, meanings: the best phrasing's cosine. twice: mean of the best two phrasings' sums.
    learnt: the ridge's share, about 1 for a section that is asked so and 0 for all others.
    """

    terms: Floats
    grams: Floats
    meanings: Floats
    twice: Floats
    learnt: Floats

    @property
    def lists(self) -> tuple[Floats, ...]:
        """By what sections come among the candidates."""
        return self.terms, self.grams, self.meanings, self.learnt


class Phrasings:
    """Phrasings of the sections 0 … sections_count - 1, in that order."""

    def __init__(
        self,
        *,
        sections: NDArray[np.int64],
        sections_count: int,
        terms: Sequence[Sequence[str]],
        grams: Sequence[Sequence[str]],
        meanings: Floats,
        shares: Shares = SHARES_OF_WORDS,
        elsewhere: tuple[str, ...] = (),
    ) -> None:
        """terms, grams: of each text; meanings: unit rows of each, or none at all.

        sections: whose each text is, ascending; the texts after these are those for `elsewhere`.
        """
        self.elsewhere = elsewhere
        self.sections, self.sections_count = sections, sections_count
        self._terms, self._grams, self._meanings = Bags(terms), Bags(grams), meanings
        self._size, self._shares = len(terms), shares
        self._asked, self._begins = np.unique(sections, return_index=True)
        self._taught = self._rows_taught()
        self._taught_sections = np.unique(sections[self._taught[self._taught < len(self)]])
        self._lesson = self._learnt()

    def __len__(self) -> int:
        return len(self.sections)

    def near(self, terms: Sequence[str], grams: Sequence[str], vector: Floats | None) -> Near:
        """Return how near a question comes to each section."""
        if not len(self):
            none = np.zeros(self.sections_count, dtype=np.float32)
            return Near(none, none, none, none, none)
        by_terms, by_grams = self._terms.near(terms), self._grams.near(grams)
        by_meaning = np.zeros(self._size, dtype=np.float32)
        if vector is not None and len(self._meanings):
            by_meaning = self._meanings @ vector
        together = self._together(by_terms, by_grams, by_meaning)
        learnt = np.zeros(self.sections_count, dtype=np.float32)
        learnt[self._taught_sections] = np.exp(STEEP * (together[self._taught] - 1)) @ self._lesson
        together = together[: len(self)]
        best = self._best(together)
        second = together.copy()
        second[self._first_of(together, best)] = 0
        return Near(
            self._best(by_terms), self._best(by_grams), self._best(by_meaning),
            (best + self._best(second)) / np.float32(2), learnt,
        )  # fmt: skip

    def _best(self, scores: Floats) -> Floats:
        found = np.zeros(self.sections_count, dtype=np.float32)
        of_sections = scores[: len(self)]
        found[self._asked] = np.maximum(np.maximum.reduceat(of_sections, self._begins), 0)
        return found

    def _first_of(self, scores: Floats, best: Floats) -> NDArray[np.int64]:
        """Return each section's best row, the first of equals."""
        rows = np.flatnonzero(scores >= best[self.sections])
        _, first = np.unique(self.sections[rows], return_index=True)
        return np.asarray(rows[first])

    def _rows_taught(self) -> NDArray[np.int64]:
        """Return what the ridge learns from: each section's first phrasing, then its second …"""
        place = np.arange(len(self)) - self._begins[np.searchsorted(self._asked, self.sections)]
        first = np.lexsort((np.arange(len(self)), place))
        return np.sort(np.concatenate([first, np.arange(len(self), self._size)])[:RIDGE_MOST])

    def _learnt(self) -> Floats:
        """Return the ridge's weights, shape (n_taught, n_taught_sections)."""
        taught, size = self._taught, len(self._taught)
        if not len(self):
            return np.zeros((0, 0), dtype=np.float32)
        meant = np.zeros((1, 1), dtype=np.float32)
        if len(self._meanings):
            meant = self._meanings[taught] @ self._meanings[taught].T
        terms, grams = self._terms.all_near(taught), self._grams.all_near(taught)
        kernel = self._together(terms, grams, meant)
        np.exp(STEEP * (kernel - 1), out=kernel)
        right = np.zeros((size, len(self._taught_sections)), dtype=np.float32)
        own = np.flatnonzero(taught < len(self))
        right[own, np.searchsorted(self._taught_sections, self.sections[taught[own]])] = 1
        kernel[np.diag_indices(size)] += RIDGE
        return np.asarray(cho_solve(cho_factor(kernel, overwrite_a=True), right), dtype=np.float32)

    def _together(self, terms: Floats, grams: Floats, meanings: Floats) -> Floats:
        """Return three cosines as one nearness in [0, 1]."""
        of_terms, of_grams, of_meanings = self._shares
        return np.asarray(
            of_terms * terms + of_grams * grams + of_meanings * meanings, dtype=np.float32
        )
