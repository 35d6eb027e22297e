"""The library as the bank's doors see it: who asks decides what may be read.

    actor ─▶ audiences ─▶ the librarian (knowledge, if a process has one) ─▶ words, and where
                                                                           └─▶ None: kept for staff

A visitor reads what is public; a customer also what is for customers, and what is for businesses
when the question is about one. Staff read everything. Nothing typed changes that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bank.domain.actors import Actor, ActorKind
from bank.domain.answers import Audience, LibraryAnswer, LibraryQuestion, Span
from bank.library_ports import ArticlePage, Librarian
from bank.ports import Clock

_BUSINESS = re.compile(
    r"\b(?:business|company|companies|firms?|self-employed|sole traders?|freelanc\w+|"
    r"empresas?|negocios?|aut[oó]nom[oa]s?|compañ[ií]as?|pymes?)\b",
    re.IGNORECASE,
)
_PUBLIC = frozenset({Audience.PUBLIC})
_CUSTOMER = frozenset({Audience.PUBLIC, Audience.CUSTOMER})
_OPEN_TO_CUSTOMERS = frozenset({Audience.PUBLIC, Audience.CUSTOMER, Audience.BUSINESS})


class NoLibrarian:
    """A process without a library: it does not know."""

    def answer(self, question: LibraryQuestion) -> LibraryAnswer | None:
        del question
        return None

    def find(self, question: LibraryQuestion, *, most: int = 5) -> Sequence[Span]:
        del question, most
        return ()

    def article(
        self, article_id: str, *, audiences: frozenset[Audience], on: date
    ) -> ArticlePage | None:
        del article_id, audiences, on
        return None


class Library:
    """Answers questions from articles that the asker may read today."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._librarian: Librarian = NoLibrarian()

    def use(self, librarian: Librarian) -> None:
        """From now on ask this one."""
        self._librarian = librarian

    def answer(
        self, actor: Actor, text: str, *, language: str, topic: str = "", sure_least: float = 0.0
    ) -> LibraryAnswer | None:
        """Return what the articles say, or None: they do not say.

        topic: of the answer before. sure_least in [0, 1]: see `LibraryQuestion`.
        """
        return self._librarian.answer(self._question(actor, text, language, topic, sure_least))

    def find(self, actor: Actor, text: str, *, language: str, most: int = 5) -> Sequence[Span]:
        """Return the best passages the asker may read, whether or not they answer."""
        return self._librarian.find(self._question(actor, text, language, ""), most=most)

    def article(self, actor: Actor, article_id: str) -> ArticlePage | None:
        """Return an article as it holds today, or None: there is none for this reader."""
        return self._librarian.article(
            article_id, audiences=may_open(actor), on=self._clock().date()
        )

    def _question(
        self, actor: Actor, text: str, language: str, topic: str, sure_least: float = 0.0
    ) -> LibraryQuestion:
        return LibraryQuestion(
            text=text,
            language=language,
            audiences=may_be_told(actor, text),
            on=self._clock().date(),
            topic=topic,
            sure_least=sure_least,
        )


def may_be_told(actor: Actor, text: str) -> frozenset[Audience]:
    """Return whose articles answer this question of this actor."""
    if actor.kind is ActorKind.CUSTOMER:
        return _OPEN_TO_CUSTOMERS if _BUSINESS.search(text) else _CUSTOMER
    return may_open(actor)


def may_open(actor: Actor) -> frozenset[Audience]:
    """Return whose articles this actor may open."""
    if actor.kind is ActorKind.STAFF:
        return frozenset(Audience)
    return _OPEN_TO_CUSTOMERS if actor.kind is ActorKind.CUSTOMER else _PUBLIC
