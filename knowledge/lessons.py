"""Lessons: from which books and questions the weights are learnt, fold by fold.

    a book that says how customers ask   five indices: each without the questions for elsewhere of
                                         its fold, which are asked there
    books that do not                    the same book without its phrasings, and another library

Folds go by article, its sister in another language with it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.article import Article
from knowledge.elsewhere import elsewhere_of
from knowledge.evaluating import Case
from knowledge.index import make_index
from knowledge.learning import FOLDS, Lesson
from knowledge.vectors import Vectors


@dataclass(frozen=True, slots=True)
class Book:
    """Articles, questions they answer, and questions they do not."""

    articles: Sequence[Article]
    cases: Sequence[Case]
    off: Sequence[Case]


def asked_lessons(book: Book, vectors: Vectors | None) -> list[Lesson]:
    """Return the lessons of a book with phrasings."""
    lessons = []
    for fold in range(FOLDS):
        others = [case for at, case in enumerate(book.off) if at % FOLDS != fold]
        index = make_index(book.articles, vectors, elsewhere=elsewhere_of(others), forgets=False)
        lessons.append(Lesson(index, _cases_of(book, fold), fold))
    return lessons


def bare_lessons(books: Sequence[Book], vectors: Vectors | None) -> list[Lesson]:
    """Return the lessons of books as if nobody had said how customers ask."""
    lessons = []
    for book in books:
        index = make_index([_bare(one) for one in book.articles], vectors, forgets=False)
        lessons += [Lesson(index, _cases_of(book, fold), fold) for fold in range(FOLDS)]
    return lessons


def _bare(article: Article) -> Article:
    sections = tuple(replace(one, asked=()) for one in article.sections)
    return replace(article, sections=sections)


def _cases_of(book: Book, fold: int) -> list[Case]:
    ours = [case for case in book.cases if _fold_of(case.ids[0]) == fold]
    return [*ours, *(case for at, case in enumerate(book.off) if at % FOLDS == fold)]


def _fold_of(article_id: str) -> int:
    return zlib.crc32(article_id.removesuffix("-es").encode()) % FOLDS
