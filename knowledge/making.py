"""Making the index of a home: only what changed is encoded, and what is kept is whole.

shipped ∪ published (same id: published) ─▶ vectors of before ─▶ index ─▶ <home>/library/

Vectors of shipped articles are also kept beside the encoder, so that a new home need not encode
them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from analytics.suspicion.encoder import find_encoder
from knowledge.article import Article
from knowledge.elsewhere import shipped_elsewhere
from knowledge.errors import NoLibrary
from knowledge.folders import FOLDER, VECTORS, load_articles, save_articles
from knowledge.index import Index, make_index
from knowledge.loading import SHIPPED, Refused, load_folder
from knowledge.vectors import Progress, Vectors


@dataclass(frozen=True, slots=True)
class Made:
    """An index, what was refused on the way, and which articles changed since the last one."""

    index: Index
    refused: tuple[Refused, ...]
    changed: tuple[str, ...]


def bring_up_to_date(
    home_dir: Path,
    published: Iterable[Article] = (),
    *,
    articles_folder: Path | None = None,
    encoder_folder: Path,
    progress: Progress | None = None,
) -> Made:
    """Make the index of the shipped and published articles, and keep it under the home."""
    loaded = load_folder(articles_folder or SHIPPED)
    articles = together(loaded.articles, published)
    folder = home_dir / FOLDER
    before = _kept(folder)
    changed = tuple(sorted({
        one.id for one in {*articles, *before} if one not in before or one not in articles
    }))  # fmt: skip
    encoder = find_encoder(encoder_folder)
    vectors = Vectors(encoder) if encoder else None
    beside = encoder_folder.parent / FOLDER / VECTORS
    if vectors:
        vectors.load(beside)
        vectors.load(folder / VECTORS)
    index = make_index(articles, vectors, progress, elsewhere=shipped_elsewhere())
    if vectors and index.encoded and len(articles) == len(loaded.articles):
        with suppress(OSError):  # a folder of models may be read-only
            beside.parent.mkdir(parents=True, exist_ok=True)
            vectors.save(beside)
    if changed or index.encoded:
        if vectors:
            vectors.save(folder / VECTORS)
        save_articles(folder, index.articles, passages_count=index.passages_count)
    return Made(index, loaded.refused, changed)


def together(shipped: Iterable[Article], published: Iterable[Article]) -> list[Article]:
    """Return all articles; what staff published under an id replaces what was shipped under it."""
    ours = list(published)
    replaced = {one.id for one in ours}
    return [*(one for one in shipped if one.id not in replaced), *ours]


def _kept(folder: Path) -> frozenset[Article]:
    try:
        return frozenset(load_articles(folder))
    except NoLibrary:
        return frozenset()
