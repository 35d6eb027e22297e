"""What the bank's doors need of the library. Implemented by knowledge, where a process serves.

Parts of the ports, apart for size. Without a librarian every question is "I don't know".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bank.domain.answers import Audience, LibraryAnswer, LibraryQuestion, Span


class SectionPage(Protocol):
    """A heading and what stands below it, as plain text."""

    @property
    def heading(self) -> str: ...
    @property
    def anchor(self) -> str: ...
    @property
    def text(self) -> str: ...


class ArticlePage(Protocol):
    """An article as its page shows it."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def audience(self) -> Audience: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def sections(self) -> Sequence[SectionPage]: ...


class Librarian(Protocol):
    """Answers from the bank's own articles."""

    def answer(self, question: LibraryQuestion) -> LibraryAnswer | None:
        """Return what the articles say, or None: they do not say. Never raises for a question."""

    def find(self, question: LibraryQuestion, *, most: int = 5) -> Sequence[Span]:
        """Return the best passages, whether or not they answer; for staff who look."""

    def article(
        self, article_id: str, *, audiences: frozenset[Audience], on: date
    ) -> ArticlePage | None:
        """Return the version that holds on a day, or None: there is none for these."""
