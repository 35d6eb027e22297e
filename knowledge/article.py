"""Articles: what the bank writes down for those who ask. Pure.

    Article ── id, version, title, audience, language, valid from … until, owner, topic
       └── Section ── heading ── anchor ── plain text      an answer is words of one section
                   └── asked: how customers put it         read by the index, shown to nobody

Two articles may share an id: versions, of which one is valid on a day (see `valid_on`).
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from bank.domain.answers import Audience

LANGUAGES = ("en", "es")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
ID_CHARS_MOST = 80


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, as plain text. `anchor` is the heading's in its page.

    asked: phrasings, in which customers ask for what stands there. They lead to the section and
    are never shown, nor handed to a language model.
    """

    heading: str
    anchor: str
    text: str
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What was written, whole. `valid_until`: the last day it holds, None for no end."""

    id: str
    version: int
    title: str
    audience: Audience
    language: str
    valid_from: date
    valid_until: date | None
    owner: str
    topic: str
    sections: tuple[Section, ...]

    def is_valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    @property
    def digest(self) -> str:
        """The SHA-256 of all there is, as hex: another digest is another article."""
        told = json.dumps(asdict(self), ensure_ascii=False, default=str, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def is_article_id(text: str) -> bool:
    """Whether an article may be called so: it is part of an address.

    >>> is_article_id("fees-current"), is_article_id("../fees"), is_article_id("Fees")
    (True, False, False)
    """
    return len(text) <= ID_CHARS_MOST and _ID.fullmatch(text) is not None


def anchor_of(heading: str, taken: Iterable[str] = ()) -> str:
    """Return the heading's anchor, numbered where it is taken.

    >>> anchor_of("What it costs"), anchor_of("¿Cuánto cuesta?"), anchor_of("A b", {"a-b"})
    ('what-it-costs', 'cuanto-cuesta', 'a-b-2')
    """
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "section"
    used = set(taken)
    names = (stem, *(f"{stem}-{number}" for number in range(2, len(used) + 3)))
    return next(name for name in names if name not in used)


def valid_on(articles: Iterable[Article], day: date) -> list[Article]:
    """Return the articles of a day: of each id the version that began last, none that is over."""
    best: dict[str, Article] = {}
    for article in articles:
        if not article.is_valid_on(day):
            continue
        known = best.get(article.id)
        if known is None or _age(known) < _age(article):
            best[article.id] = article
    return list(best.values())


def _age(article: Article) -> tuple[date, int]:
    return article.valid_from, article.version
