"""Answering: words of an article, unchanged, with where they stand; or None, "I don't know".

    ranked passages ─▶ sure enough? ─▶ the best sentence and its neighbours (1–3) ─▶ spans
                         └── no ─▶ None

A follow-up ("and for business accounts?") is asked together with the title of the answer before.
Where two articles say different figures for the same thing, the newer one is told; of one age,
both. Nothing in a text chooses anything: a question full of orders is words to look for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bank.domain.answers import Audience, LibraryAnswer, LibraryQuestion, Span
from knowledge.article import Article, valid_on
from knowledge.contacts import Contacts, own_contacts
from knowledge.index import Index, Part
from knowledge.ranking import Asked, Ranked, allowed_rows, ask, rank, sentence_values, set_name
from knowledge.safety import is_safe_to_show
from knowledge.spans import best_sentence, best_span
from knowledge.sureness import contradicts, sure_signs
from knowledge.weights import Weights, shipped_weights

_FOLLOWS = re.compile(
    r"^\W*(?:and|but|also|or|so|then|what about|how about|what if|same|y|e|pero|tambi[eé]n|"
    r"qu[eé] tal|entonces|o)\b|\b(?:it|that|them|this one|those|eso|ello|ese|esa)\W*$",
    re.IGNORECASE,
)
_FOLLOW_TERMS_MOST = 6
_SHORT_TERMS_MOST = 2


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found for a question: passages best first, and P(the first answers it).

    weights: the name of the weights this was found with.
    """

    asked: Asked
    part: Part
    ranked: list[Ranked]
    sure: float
    weights: str


class Library:
    """Implements `bank.library_ports.Librarian` over one index."""

    def __init__(
        self, index: Index, *, weights: Weights | None = None, own: Contacts | None = None
    ) -> None:
        self.index = index
        self._weights = weights or shipped_weights()
        self._own = own_contacts() if own is None else own
        self._allowed: dict[tuple[str, frozenset[Audience], date], NDArray[np.int64]] = {}

    def answer(self, question: LibraryQuestion) -> LibraryAnswer | None:
        """Return what the articles say, or None: they do not say. Never raises for a question."""
        looked = self.look(question)
        if looked is None:
            return None
        if looked.sure < max(self._weights.bar(looked.weights), question.sure_least):
            return None
        chosen = self._agreeing(looked)
        spans = tuple(span for one in chosen if (span := self._span(one, looked)))
        if not spans:
            return None
        text = "\n\n".join(dict.fromkeys(span.text for span in spans))
        return LibraryAnswer(text=text, spans=spans, topic=spans[0].citation.article_id)

    def find(self, question: LibraryQuestion, *, most: int = 5) -> Sequence[Span]:
        """Return the best passages, whether or not they answer; for staff who look."""
        looked = self.look(question)
        if looked is None:
            return ()
        return [span for one in looked.ranked if (span := self._span(one, looked))][:most]

    def article(
        self, article_id: str, *, audiences: frozenset[Audience], on: date
    ) -> Article | None:
        """Return the version of an article that holds on a day, if these may read it."""
        versions = (one for one in self.index.articles if one.id == article_id)
        return next((one for one in valid_on(versions, on) if one.audience in audiences), None)

    def look(self, question: LibraryQuestion) -> Looked | None:
        """Return what was found, sure or not; None where nothing may be read or was asked."""
        part = self.index.parts.get(question.language)
        if part is None or not question.text.strip():
            return None
        rows = self._rows(part, question)
        if not len(rows):
            return None
        asked = ask(self.index, question.text, part.language)
        before = self._before(question)
        if before and _FOLLOWS.search(question.text) and len(asked.terms) <= _FOLLOW_TERMS_MOST:
            return self._looked(
                ask(self.index, f"{question.text} {before}", part.language), part, rows
            )
        found = self._looked(asked, part, rows)
        bar = self._weights.bar(found.weights)
        if before and found.sure < bar and len(asked.terms) <= _SHORT_TERMS_MOST:
            return self._looked(
                ask(self.index, f"{question.text} {before}", part.language), part, rows
            )
        return found

    def _looked(self, asked: Asked, part: Part, rows: NDArray[np.int64]) -> Looked:
        has_vectors = asked.vector is not None and len(part.meanings) > 0
        weights = set_name(part, has_vectors=has_vectors)
        if not asked.terms:
            return Looked(asked, part, [], 0.0, weights)
        ranked = rank(part, asked, rows, self._weights)
        if not ranked:
            return Looked(asked, part, [], 0.0, weights)
        row = np.array(sure_signs(ranked, part, asked))
        sure = self._weights.sure(row, weights)
        return Looked(asked, part, ranked, sure, weights)

    def _rows(self, part: Part, question: LibraryQuestion) -> NDArray[np.int64]:
        key = (part.language, question.audiences, question.on)
        if key not in self._allowed:
            if len(self._allowed) > 64:  # days go by
                self._allowed.clear()
            self._allowed[key] = allowed_rows(part, audiences=question.audiences, on=question.on)
        return self._allowed[key]

    def _before(self, question: LibraryQuestion) -> str:
        """Return the title of the answer before, where the asker may read it."""
        if not question.topic:
            return ""
        known = self.article(question.topic, audiences=question.audiences, on=question.on)
        return known.title if known else ""

    def _agreeing(self, looked: Looked) -> list[Ranked]:
        """Return the best passage; where another gives other figures, the newer; or both."""
        best = looked.ranked[0]
        said = self._best_sentence(best, looked)
        rivals = [
            one
            for one in looked.ranked[1:]
            if one.passage.article.id != best.passage.article.id
            and one.passage.article.audience is best.passage.article.audience
            and contradicts(said, self._best_sentence(one, looked))
        ]
        if not rivals:
            return [best]
        newest = max((best, *rivals), key=lambda one: one.passage.article.valid_from)
        begun = newest.passage.article.valid_from
        same_age = [one for one in (best, *rivals) if one.passage.article.valid_from == begun]
        return same_age[:2]

    @staticmethod
    def _best_sentence(one: Ranked, looked: Looked) -> str:
        values = sentence_values(looked.part, looked.asked, one.row)
        return one.passage.sentences[best_sentence(values)].text

    def _span(self, one: Ranked, looked: Looked) -> Span | None:
        text = best_span(one, looked.part, looked.asked)
        if not is_safe_to_show(text, self._own):
            return None
        return Span(text, one.passage.citation, round(one.fit, 4))
