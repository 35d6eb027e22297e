"""Lessons: from which books and questions the weights are learnt, fold by fold.

    a book that says how customers ask   five indices: each without the questions for elsewhere of
                                         its fold, which are asked there
    books that do not                    the same book without its phrasings, and another library

Folds go by article, its sister in another language with it. Who asks goes round among those who
may read what answers, since what a reader may not read is not there to tell right from wrong by.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bank.domain.answers import Audience
from knowledge.article import Article
from knowledge.elsewhere import elsewhere_of
from knowledge.evaluating import READERS, Case
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
    audience_of = {article.id: article.audience for article in book.articles}
    ours = [
        _asked_by(case, at, [audience_of[one] for one in case.ids if one in audience_of])
        for at, case in enumerate(book.cases)
        if _fold_of(case.ids[0]) == fold
    ]
    off = (_asked_by(case, at, []) for at, case in enumerate(book.off) if at % FOLDS == fold)
    return [*ours, *off]


def _asked_by(case: Case, place: int, answered_in: Sequence[Audience]) -> Case:
    """Return the case as one of those asks it who may read all articles that answer it."""
    may = [reader for reader in READERS.values() if reader.issuperset(answered_in)]
    reader = may[place // FOLDS % len(may)]
    return replace(case, question=replace(case.question, audiences=reader))


def _fold_of(article_id: str) -> int:
    return zlib.crc32(article_id.removesuffix("-es").encode()) % FOLDS
