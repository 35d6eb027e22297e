"""Evaluating: does the right article come first, and is "I don't know" said where it is true?

    questions.jsonl {"question", "ids", "language", "audience", "topic"} ─▶ hit@1, hit@3, nDCG@5,
                    beside BM25 alone and LangChain's TF-IDF; wrong abstentions
    off.jsonl       {"question", "language"}                             ─▶ honest abstentions

All three rankings see the same passages, filtered alike. What a figure is worth depends on who
wrote the questions: see docs/cards/library.md.
"""

from __future__ import annotations

import json
import math
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from bank.domain.answers import Audience, LibraryQuestion
from knowledge.answering import Library
from knowledge.article import valid_on
from knowledge.bm25 import Words
from knowledge.passages import Passage, heading_text, passages_of
from knowledge.words import terms_of

READERS = {
    "public": frozenset({Audience.PUBLIC}),
    "customer": frozenset({Audience.PUBLIC, Audience.CUSTOMER}),
    "business": frozenset({Audience.PUBLIC, Audience.CUSTOMER, Audience.BUSINESS}),
    "staff": frozenset(Audience),
}
Ranker = Callable[["Case"], list[str]]
"""Article ids, best first, each once."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question, and the articles that answer it; none: the library should not know."""

    question: LibraryQuestion
    ids: tuple[str, ...]


def read_cases(path: Path, *, on: date) -> list[Case]:
    """Return the questions of a JSON-lines file. Raises OSError, ValueError with the line."""
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
            question = LibraryQuestion(
                text=one["question"],
                language=one.get("language", "en"),
                audiences=READERS[one.get("audience") or "business"],
                on=on,
                topic=one.get("topic") or "",
            )
            cases.append(Case(question, tuple(one.get("ids", ()))))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise ValueError(f"Line {number} of {path.name} is no question.") from fault
    return cases


def evaluate(library: Library, cases: Sequence[Case], off: Sequence[Case]) -> dict[str, Any]:
    """Return the figures. Shares are in [0, 1]; times are of one thread's CPU, in milliseconds."""
    rankers: dict[str, Ranker] = {"ours": lambda case: ranked_ids(library, case)}
    rankers |= {"bm25": _bm25(library), "langchain_tfidf": _tfidf(library)}
    told: dict[str, Any] = {"questions": len(cases), "off_corpus": len(off)}
    for name, ranker in rankers.items():
        told |= {f"{name}_{key}": value for key, value in _ranking(cases, ranker).items()}
    spent_ms = []
    silent = []
    for case in [*cases, *off]:
        begun = time.thread_time()
        answer = library.answer(case.question)
        spent_ms.append((time.thread_time() - begun) * 1000)
        silent.append(answer is None)
    told["wrong_abstentions"] = _share(silent[: len(cases)])
    told["off_corpus_unknown"] = _share(silent[len(cases) :])
    told["answer_p50_ms"] = float(np.median(spent_ms)) if spent_ms else None
    told["languages"] = {
        language: _ranking(theirs, rankers["ours"])
        for language in sorted({case.question.language for case in cases})
        if (theirs := [case for case in cases if case.question.language == language])
    }
    return told


def ranked_ids(library: Library, case: Case) -> list[str]:
    """Return the articles found, best first."""
    looked = library.look(case.question)
    ranked = looked.ranked if looked else []
    return list(dict.fromkeys(one.passage.article.id for one in ranked))


def _ranking(cases: Sequence[Case], ranker: Ranker) -> dict[str, float | None]:
    found = [(ranker(case), set(case.ids)) for case in cases]
    return {
        "hit_1": _share([bool(ids & set(ranked[:1])) for ranked, ids in found]),
        "hit_3": _share([bool(ids & set(ranked[:3])) for ranked, ids in found]),
        "ndcg_5": float(np.mean([_ndcg(ranked, ids) for ranked, ids in found])) if found else None,
    }


def _ndcg(ranked: Sequence[str], ids: set[str], most: int = 5) -> float:
    """Return the discounted gain as a share of the best order's; relevance is 0 or 1."""
    gain = sum(1 / math.log2(at + 2) for at, one in enumerate(ranked[:most]) if one in ids)
    best = sum(1 / math.log2(at + 2) for at in range(min(most, len(ids))))
    return gain / best if best else 0.0


def _share(flags: Sequence[bool]) -> float | None:
    return float(np.mean(flags)) if flags else None


def _readable(library: Library, case: Case) -> list[Passage]:
    asked = case.question
    return passages_of(
        one
        for one in valid_on(library.index.articles, asked.on)
        if one.audience in asked.audiences and one.language == asked.language
    )


def _bm25(library: Library) -> Ranker:
    """BM25 of the same terms over the same passages, titles and headings with them."""
    made: dict[Any, tuple[list[Passage], Words]] = {}

    def ranker(case: Case) -> list[str]:
        key = (case.question.language, case.question.audiences, case.question.on)
        if key not in made:
            passages = _readable(library, case)
            made[key] = (
                passages,
                Words([terms_of(_whole(one), one.article.language) for one in passages]),
            )
        passages, words = made[key]
        order = np.argsort(
            -words.scores(terms_of(case.question.text, case.question.language)), kind="stable"
        )
        return list(dict.fromkeys(passages[row].article.id for row in order))[:5]

    return ranker


def _tfidf(library: Library) -> Ranker:
    """LangChain's TF-IDF retriever as it comes."""
    made: dict[Any, Any] = {}

    def ranker(case: Case) -> list[str]:
        key = (case.question.language, case.question.audiences, case.question.on)
        if key not in made:
            made[key] = plain_tfidf(_readable(library, case))
        if made[key] is None:
            return []
        found = made[key].invoke(case.question.text)
        return list(dict.fromkeys(one.metadata["article_id"] for one in found))[:5]

    return ranker


def plain_tfidf(passages: Sequence[Passage], most: int = 20) -> Any:
    """Return LangChain's TFIDFRetriever over passages, or None: the package is for development."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it announces its own retirement
        try:
            from langchain_community.retrievers import TFIDFRetriever  # noqa: PLC0415
        except ImportError:
            return None
        return TFIDFRetriever.from_texts(
            [_whole(one) for one in passages],
            metadatas=[{"article_id": one.article.id} for one in passages],
            k=most,
        )


def _whole(passage: Passage) -> str:
    return f"{heading_text(passage)}\n{passage.text}"
