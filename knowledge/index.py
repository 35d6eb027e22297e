"""The index: passages by their words and by their meaning, a part for each language.

    articles ─▶ passages ─┬─▶ BM25 of terms      (bm25s; title and heading weigh more)
                          ├─▶ BM25 of four-grams (typing errors, endings)
                          ├─▶ vectors of passages and of single words
                          └─▶ phrasings, how customers ask for a section (phrasings.py)

Kept on disk are the articles and the vectors (which cost the time); the BM25 tables are made again
when a process opens the index, in less time than checking files would take. Nothing is filtered
here: who may read what, and when, is asked before ranking (knowledge/retrieving.py).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.article import LANGUAGES, Article
from knowledge.bm25 import Words
from knowledge.passages import Passage, heading_text, passages_of, whole_text
from knowledge.phrasings import NOWHERE, Elsewhere, Phrasings, asked_of, is_asked, make_phrasings
from knowledge.vectors import Progress, Vectors
from knowledge.words import grams_of, names_of, terms_of

#: How often a title's and a heading's words count beside the text's.
HEADING_WEIGHT = 2


@dataclass(frozen=True)
class Part:
    """What is written in one language. Rows of all tables are passages, in one order.

    meanings: unit vectors, shape (n_passages, width); empty where there is no encoder.
    names: which row of `name_meanings` a word has; sentence_names: those of each sentence.
    sections: the number of each passage's section in `phrasings`.
    asked_terms, asked_names: terms, and rows in `name_meanings`, of a section's phrasings.
    """

    language: str
    passages: tuple[Passage, ...]
    words: Words
    grams: Words
    terms: tuple[frozenset[str], ...]
    heading_terms: tuple[frozenset[str], ...]
    sentence_terms: tuple[tuple[frozenset[str], ...], ...]
    meanings: NDArray[np.float32]
    names: dict[str, int]
    name_meanings: NDArray[np.float32]
    passage_names: tuple[NDArray[np.int64], ...]
    sentence_names: tuple[tuple[NDArray[np.int64], ...], ...]
    sections: NDArray[np.int64]
    phrasings: Phrasings
    asked_terms: tuple[frozenset[str], ...]
    asked_names: tuple[NDArray[np.int64], ...]

    @property
    def is_asked(self) -> bool:
        """Whether it is known how customers ask; other weights hold where it is not."""
        return len(self.phrasings) > 0

    @functools.cached_property
    def article_terms(self) -> dict[tuple[str, int], frozenset[str]]:
        """All terms of each article, by id and version."""
        return {
            key: frozenset().union(*(self.terms[row] for row in rows))
            for key, rows in self.article_rows.items()
        }

    @functools.cached_property
    def article_asked_terms(self) -> dict[tuple[str, int], frozenset[str]]:
        """All terms of each article and of its phrasings."""
        return {
            key: self.article_terms[key].union(*(self.asked_terms[row] for row in rows))
            for key, rows in self.article_rows.items()
        }

    @functools.cached_property
    def article_sections(self) -> dict[tuple[str, int], NDArray[np.int64]]:
        """The sections of each article, as numbers."""
        return {key: np.unique(self.sections[rows]) for key, rows in self.article_rows.items()}

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
    articles: Iterable[Article],
    vectors: Vectors | None,
    progress: Progress | None = None,
    *,
    elsewhere: Elsewhere = NOWHERE,
    forgets: bool = True,
) -> Index:
    """Return the index of articles. `vectors` learns what it does not know yet; None: words only.

    The articles' order does not matter: they are sorted by language, id and version.
    elsewhere: by language, questions that no article answers. forgets: vectors of texts that
    stand in no article are dropped.
    """
    ordered = tuple(sorted(articles, key=lambda one: (one.language, one.id, one.version)))
    passages = {
        language: tuple(passages_of(one for one in ordered if one.language == language))
        for language in LANGUAGES
    }
    encoded = 0
    if vectors:
        texts = [text for each in passages.values() for text in _texts_of(each)]
        texts += [text for language in LANGUAGES for text in elsewhere.get(language, ())]
        encoded = vectors.learn(texts, progress)
        if forgets:
            vectors.keep_only(texts)
    parts = {
        language: _part(language, each, vectors, tuple(elsewhere.get(language, ())))
        for language, each in passages.items()
    }
    return Index(ordered, parts, vectors, encoded)


def _texts_of(passages: Sequence[Passage]) -> list[str]:
    """Return all that is encoded of passages: themselves, how they are asked for, single words."""
    texts: list[str] = []
    for one in passages:
        texts += [whole_text(one), *one.section.asked, *_names_of(one), *_asked_names_of(one)]
    if is_asked(passages):
        texts += [text for one in passages for text in asked_of(one)]
    return texts


def _names_of(passage: Passage) -> list[str]:
    return names_of(whole_text(passage), passage.article.language)


def _asked_names_of(passage: Passage) -> list[str]:
    return names_of(" ".join(passage.section.asked), passage.article.language)


def _part(
    language: str,
    passages: tuple[Passage, ...],
    vectors: Vectors | None,
    elsewhere: tuple[str, ...],
) -> Part:
    texts = [terms_of(one.text, language) for one in passages]
    heads = [terms_of(heading_text(one), language) for one in passages]
    meanings = name_meanings = np.zeros((0, 0), dtype=np.float32)
    names: dict[str, int] = {}
    named: list[list[str]] = []
    asked_named: list[list[str]] = []
    said: list[list[list[str]]] = []
    if vectors and passages:
        named = [_names_of(one) for one in passages]
        asked_named = [_asked_names_of(one) for one in passages]
        said = [[names_of(each.text, language) for each in one.sentences] for one in passages]
        every = sorted({name for each in (*named, *asked_named) for name in each})
        names = {name: row for row, name in enumerate(every)}
        meanings = vectors.of([whole_text(one) for one in passages])
        name_meanings = vectors.of(list(names)) if names else name_meanings
    sections = _sections(passages)
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
        names=names,
        name_meanings=name_meanings,
        passage_names=tuple(_rows(one, names) for one in named),
        sentence_names=tuple(tuple(_rows(each, names) for each in one) for one in said),
        sections=sections,
        phrasings=make_phrasings(language, passages, sections, vectors, elsewhere),
        asked_terms=tuple(
            frozenset(terms_of(" ".join(one.section.asked), language)) for one in passages
        ),
        asked_names=tuple(_rows(one, names) for one in asked_named),
    )  # fmt: skip


def _sections(passages: Sequence[Passage]) -> NDArray[np.int64]:
    """Return the number of each passage's section, in the order they come."""
    numbers: dict[tuple[str, int, str], int] = {}
    for one in passages:
        key = (one.article.id, one.article.version, one.section.anchor)
        numbers.setdefault(key, len(numbers))
    return np.array([
        numbers[one.article.id, one.article.version, one.section.anchor] for one in passages
    ], dtype=np.int64)  # fmt: skip


def _rows(words: Iterable[str], names: dict[str, int]) -> NDArray[np.int64]:
    return np.array([names[word] for word in words], dtype=np.int64)
