"""The shelf: all articles there are, as they are written; shipped ones and those by staff.

    shipped files ─▶ ShippedText (Markdown) ──┐
    revisions by staff (bank) ────────────────┴▶ what a page shows, edits, compares
    revisions published ─▶ looked at again as files are ─▶ Article ─▶ who serves (serving.py)

A published text the library would not take in as a file is not served either, and is logged.
Importing this costs nothing: readers of files load with the first text.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bank.domain.articles import ArticleRevision, ArticleText
from knowledge.errors import ArticleRefused
from knowledge.serving import ENCODER_FOLDER, LateLibrarian

if TYPE_CHECKING:
    from bank.bootstrap import Bank
    from knowledge.article import Article

log = logging.getLogger(__name__)
_FRONT = re.compile(r"\A\ufeff?---\s*\n.*?\n---\s*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ShippedText:
    """A shipped article as it was written."""

    version: int
    text: ArticleText


def shipped_texts(folder: Path | None = None) -> Mapping[str, ShippedText]:
    """Return the shipped articles by id, of each the newest version; faulty ones are left out.

    Read once a process: they change with the program, and reading all of them takes a second.
    """
    from knowledge.loading import SHIPPED  # noqa: PLC0415  see the head

    return _read(folder or SHIPPED)


@cache
def _read(folder: Path) -> Mapping[str, ShippedText]:
    from knowledge.asked import with_front  # noqa: PLC0415  see the head
    from knowledge.loading import load_file  # noqa: PLC0415

    found: dict[str, ShippedText] = {}
    for file in sorted(folder.rglob("*.md")):
        try:
            article = load_file(file)
        except ArticleRefused:
            continue
        known = found.get(article.id)
        if known is None or known.version < article.version:
            body = _FRONT.sub("", file.read_text(encoding="utf-8").replace("\r\n", "\n"))
            body = with_front(body.strip(), article)
            found[article.id] = ShippedText(article.version, _text(article, body))
    return found


def checked(text: ArticleText, *, version: int = 1) -> Article:
    """Return the article a text by staff makes. Raises ArticleRefused, as for a file."""
    from knowledge.asked import split_front  # noqa: PLC0415  see the head
    from knowledge.loading import make_article, markdown_sections  # noqa: PLC0415

    asked, body = split_front(text.body)
    front: dict[str, Any] = {
        "id": text.article_id, "version": version, "title": text.title,
        "audience": text.audience.value, "language": text.language,
        "valid_from": text.valid_from, "valid_until": text.valid_until,
        "owner": text.owner, "topic": text.topic, "asked": asked,
    }  # fmt: skip
    return make_article(front, markdown_sections(body))


def served(revisions: Iterable[ArticleRevision]) -> Iterator[Article]:
    """Return what is served of published revisions."""
    for revision in revisions:
        try:
            yield checked(revision.text, version=revision.version)
        except ArticleRefused as reason:
            log.warning("the article %s is not served: %s", revision.article_id, reason.code)


def make_librarian(
    bank: Bank,
    home_dir: Path,
    *,
    articles_folder: Path | None = None,
    encoder_folder: Path = ENCODER_FOLDER,
) -> LateLibrarian:
    """Return the library of a process: it follows what staff publish within seconds."""

    def source() -> tuple[int, Iterable[Article]]:
        number, revisions = bank.articles.published()
        return number, served(revisions)

    return LateLibrarian(
        home_dir=home_dir, source=source, articles_folder=articles_folder,
        encoder_folder=encoder_folder,
    )  # fmt: skip


def _text(article: Article, body: str) -> ArticleText:
    return ArticleText(
        article_id=article.id, title=article.title, audience=article.audience,
        language=article.language, valid_from=article.valid_from,
        valid_until=article.valid_until, owner=article.owner, topic=article.topic, body=body,
    )  # fmt: skip
