"""What the bank's doors need of the library. Implemented by knowledge, where a process serves.

Parts of the ports, apart for size. Without a librarian every question is "I don't know".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bank.domain.answers import LibraryAnswer, LibraryQuestion, Span


class Librarian(Protocol):
    """Answers from the bank's own articles."""

    def answer(self, question: LibraryQuestion) -> LibraryAnswer | None:
        """Return what the articles say, or None: they do not say. Never raises for a question."""

    def find(self, question: LibraryQuestion, *, most: int = 5) -> Sequence[Span]:
        """Return the best passages, whether or not they answer; for staff who look."""
