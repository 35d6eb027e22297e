"""The index on disk: `<home>/library/`, articles as JSON, vectors as npz; nothing that can run.

card.json ── form, digest of articles.json, when ──▶ articles.json     vectors.npz
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from bank.domain.answers import Audience
from bank.whole_files import sha256_of, write_whole
from knowledge.article import Article, Section
from knowledge.errors import NoLibrary

FOLDER = "library"
ARTICLES, VECTORS, CARD = "articles.json", "vectors.npz", "card.json"
FORM = 2


def save_articles(folder: Path, articles: Iterable[Article], *, passages_count: int) -> None:
    """Write the articles and, last, the card that vouches for them. Each file whole or not."""
    told = [asdict(article) for article in articles]
    write_whole(folder / ARTICLES, json.dumps(told, ensure_ascii=False, default=str))
    card = {
        "form": FORM,
        "articles": len(told),
        "passages": passages_count,
        "sha256": sha256_of(folder / ARTICLES),
    }
    write_whole(folder / CARD, json.dumps(card))


def load_articles(folder: Path) -> tuple[Article, ...]:
    """Return the articles of the last index. Raises NoLibrary."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        if card["form"] != FORM or card["sha256"] != sha256_of(folder / ARTICLES):
            raise NoLibrary(f"The index in {folder.name} is of another making.")
        kept = json.loads((folder / ARTICLES).read_text(encoding="utf-8"))
        return tuple(_article(one) for one in kept)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise NoLibrary(f"There is no index in {folder.name}.") from fault


def _article(kept: dict[str, Any]) -> Article:
    until = kept["valid_until"]
    return Article(**{
        **kept,
        "audience": Audience(kept["audience"]),
        "valid_from": date.fromisoformat(kept["valid_from"]),
        "valid_until": None if until is None else date.fromisoformat(until),
        "sections": tuple(
            Section(**{**one, "asked": tuple(one["asked"])}) for one in kept["sections"]
        ),
    })  # fmt: skip
