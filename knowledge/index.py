"""The index: passages by their words and by their meaning, a part for each language.

    articles ─▶ passages ─┬─▶ BM25 of terms      (bm25s; title and heading weigh more)
                          ├─▶ BM25 of four-grams (typing errors, endings)
                          └─▶ vectors of passages, of headings, of single words

Kept on disk are the articles and the vectors (which cost the time); the BM25 tables are made again
when a process opens the index, in less time than checking files would take. Nothing is filtered
here: who may read what, and when, is asked before ranking (knowledge/retrieving.py).
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
from numpy.typing import NDArray

from knowledge.article import LANGUAGES, Article
from knowledge.passages import Passage, passages_of
from knowledge.vectors import Progress, Vectors
from knowledge.words import grams_of, names_of, terms_of

#: How often a title's and a heading's words count beside the text's.
HEADING_WEIGHT = 2
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


@dataclass(frozen=True)
class Part:
    """What is written in one language. Rows of all tables are passages, in one order.

    meanings, headings: unit vectors, shape (n_passages, width); empty where there is no encoder.
    names: which row of `name_meanings` a word has; sentence_names: those of each sentence.
    """

    language: str
    passages: tuple[Passage, ...]
    words: Words
    grams: Words
    terms: tuple[frozenset[str], ...]
    heading_terms: tuple[frozenset[str], ...]
    sentence_terms: tuple[tuple[frozenset[str], ...], ...]
    meanings: NDArray[np.float32]
    headings: NDArray[np.float32]
    names: dict[str, int]
    name_meanings: NDArray[np.float32]
    passage_names: tuple[NDArray[np.int64], ...]
    sentence_names: tuple[tuple[NDArray[np.int64], ...], ...]

    @functools.cached_property
    def article_terms(self) -> dict[tuple[str, int], frozenset[str]]:
        """All terms of each article, by id and version."""
        return {
            key: frozenset().union(*(self.terms[row] for row in rows))
            for key, rows in self.article_rows.items()
        }

    @functools.cached_property
    def article_names(self) -> dict[tuple[str, int], NDArray[np.int64]]:
        """The rows in `name_meanings` of each article's words; empty without an encoder."""
        if not self.passage_names:
            return {}
        return {
            key: np.unique(np.concatenate([self.passage_names[row] for row in rows]))
            for key, rows in self.article_rows.items()
        }

    @functools.cached_property
    def article_rows(self) -> dict[tuple[str, int], list[int]]:
        """The rows of each article, by id and version."""
        found: dict[tuple[str, int], list[int]] = {}
        for row, passage in enumerate(self.passages):
            found.setdefault((passage.article.id, passage.article.version), []).append(row)
        return found


@dataclass(frozen=True)
class Index:
    """All that can be asked for. encoded: how many texts were encoded to make it."""

    articles: tuple[Article, ...]
    parts: dict[str, Part]
    vectors: Vectors | None
    encoded: int = 0

    @property
    def passages_count(self) -> int:
        return sum(len(part.passages) for part in self.parts.values())


def make_index(
    articles: Iterable[Article], vectors: Vectors | None, progress: Progress | None = None
) -> Index:
    """Return the index of articles. `vectors` learns what it does not know yet; None: words only.

    The articles' order does not matter: they are sorted by language, id and version.
    """
    ordered = tuple(sorted(articles, key=lambda one: (one.language, one.id, one.version)))
    passages = {
        language: tuple(passages_of(one for one in ordered if one.language == language))
        for language in LANGUAGES
    }
    encoded = 0
    if vectors:
        texts = [text for each in passages.values() for one in each for text in _texts_of(one)]
        texts += [name for each in passages.values() for one in each for name in _names_of(one)]
        encoded = vectors.learn(texts, progress)
        vectors.keep_only(texts)
    parts = {language: _part(language, each, vectors) for language, each in passages.items()}
    return Index(ordered, parts, vectors, encoded)


def heading_text(passage: Passage) -> str:
    """Return what a passage is about, in one line."""
    title, heading = passage.article.title, passage.section.heading
    return title if heading == title else f"{title}: {heading}"


def whole_text(passage: Passage) -> str:
    """Return a passage under its heading: what its vector is of."""
    return f"{heading_text(passage)}. {passage.text}"


def _texts_of(passage: Passage) -> list[str]:
    return [heading_text(passage), whole_text(passage)]


def _names_of(passage: Passage) -> list[str]:
    return names_of(whole_text(passage), passage.article.language)


def _part(language: str, passages: tuple[Passage, ...], vectors: Vectors | None) -> Part:
    texts = [terms_of(one.text, language) for one in passages]
    heads = [terms_of(heading_text(one), language) for one in passages]
    meanings = headings = name_meanings = np.zeros((0, 0), dtype=np.float32)
    names: dict[str, int] = {}
    named: list[list[str]] = []
    said: list[list[list[str]]] = []
    if vectors and passages:
        named = [_names_of(one) for one in passages]
        said = [[names_of(each.text, language) for each in one.sentences] for one in passages]
        names = {name: row for row, name in enumerate(sorted({n for each in named for n in each}))}
        meanings = vectors.of([whole_text(one) for one in passages])
        headings = vectors.of([heading_text(one) for one in passages])
        name_meanings = vectors.of(list(names)) if names else name_meanings
    return Part(
        language=language,
        passages=passages,
        words=Words([one + head * HEADING_WEIGHT for one, head in zip(texts, heads, strict=True)]),
        grams=Words([
            grams_of(one.text, language) + grams_of(heading_text(one), language) * HEADING_WEIGHT
            for one in passages
        ]),
        terms=tuple(frozenset(one + head) for one, head in zip(texts, heads, strict=True)),
        heading_terms=tuple(map(frozenset, heads)),
        sentence_terms=tuple(
            tuple(frozenset(terms_of(each.text, language)) for each in one.sentences)
            for one in passages
        ),
        meanings=meanings,
        headings=headings,
        names=names,
        name_meanings=name_meanings,
        passage_names=tuple(_rows(one, names) for one in named),
        sentence_names=tuple(tuple(_rows(each, names) for each in one) for one in said),
    )  # fmt: skip


def _rows(words: Iterable[str], names: dict[str, int]) -> NDArray[np.int64]:
    return np.array([names[word] for word in words], dtype=np.int64)


def _rarity(documents_with: int, documents: int) -> float:
    return math.log(1 + (documents - documents_with + 0.5) / (documents_with + 0.5))
