"""Answers: what the library says, word for word, and where it says it. Pure.

    question ─▶ Librarian ─▶ LibraryAnswer (spans, each with its citation) or None: "I don't know"
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Audience(StrEnum):
    """Who may read an article. Staff read all of them."""

    PUBLIC = "public"
    CUSTOMER = "customer"
    BUSINESS = "business"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a span stands. `anchor`: the heading's, within the article's page."""

    article_id: str
    version: int
    title: str
    heading: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Span:
    """Words of an article, unchanged, and where they stand. `score` in [0, 1]: how well it fits."""

    text: str
    citation: Citation
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryQuestion:
    """What is asked.

    text: as typed, redacted. audiences: what may be read. topic: of the answer before, so that
    "and for business accounts?" is understood; "" where nothing went before. sure_least in [0, 1]:
    how sure an answer has to be, where that is more than the library asks of itself.
    """

    text: str
    language: str
    audiences: frozenset[Audience]
    on: date
    topic: str = ""
    sure_least: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryAnswer:
    """What is told.

    text: the spans' words, or what a language model composed of them and was found supported.
    spans: best first, at least one. topic: to hand in with a follow-up. is_composed: by a model.
    """

    text: str
    spans: tuple[Span, ...]
    topic: str
    is_composed: bool = False
