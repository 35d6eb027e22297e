"""The assistant's models on disk: the one that serves, and the ones kept for a rollback.

    models/florin.tar.gz      serves          models/versions/<time>/florin.tar.gz   kept
    models/florin.sources     made from       …                      florin.sources
    models/learnt.yml         learnt          …                      learnt.yml
                                              …                      card.json       figures

Whatever is put in the serving place is written beside it and renamed. The three files are one
thing; cut off between them, the model counts as stale (bot/train.py) and `florin up` trains it
anew from the sentences that are there, so nothing that was learnt is lost.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from bank.whole_files import sha256_of, sync, write_whole

#: The order of putting them in place: the mark last, because it says that the others fit.
LEARNT, ARCHIVE, MARK = "learnt.yml", "florin.tar.gz", "florin.sources"
FILES = (LEARNT, ARCHIVE, MARK)
CARD = "card.json"


class Fate(StrEnum):
    """What became of a model. Which one serves is seen from its file, not kept."""

    SERVED = "served"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model.

    `lessons_digest` is of what it learnt and was judged by, `sha256` of its archive,
    `champion_sha256` of the archive it was compared with; `before` is whose place it took.
    """

    version: str
    made_at_utc: str
    fate: Fate
    learnt_count: int
    lessons_digest: str = ""
    sha256: str = ""
    champion_sha256: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    before: str | None = None


class ModelVersions:
    """The folder `models/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept = folder / "versions"

    @property
    def live(self) -> Path:
        return self.folder / ARCHIVE

    @property
    def learnt(self) -> Path:
        return self.folder / LEARNT

    def cards(self) -> list[ModelCard]:
        """Return all cards, oldest first."""
        paths = sorted(self._kept.glob(f"*/{CARD}"))
        return [_read_card(path) for path in paths]

    def live_card(self) -> ModelCard | None:
        """Return the card of the model that serves; None: it was trained without learning."""
        sha256 = sha256_of(self.live) if self.live.exists() else ""
        found = [card for card in self.cards() if card.sha256 == sha256 != ""]
        return found[-1] if found else None

    def can_serve(self, version: str) -> bool:
        """Whether the model is still here."""
        return (self._kept / version / ARCHIVE).exists()

    def new_version(self, now_utc: datetime) -> tuple[str, Path]:
        """Return a name that sorts by time, and its empty folder."""
        stem = f"{now_utc:%Y%m%d-%H%M%S}"
        names = (stem, *(f"{stem}-{number}" for number in range(2, 100)))
        name = next(name for name in names if not (self._kept / name).exists())
        path = self._kept / name
        path.mkdir(parents=True)
        return name, path

    def keep_live(self, *, learnt_count: int, figures: Mapping[str, Any]) -> ModelCard:
        """Keep a copy of the model that serves, unless there is one. Return its card."""
        known = self.live_card()
        if known is not None and self.can_serve(known.version):
            return known
        made_at_utc = datetime.fromtimestamp(self.live.stat().st_mtime, UTC)
        version, path = self.new_version(made_at_utc)
        for name in FILES:
            if (self.folder / name).exists():
                shutil.copy2(self.folder / name, path / name)
        card = ModelCard(
            version,
            f"{made_at_utc:%Y-%m-%dT%H:%M:%SZ}",
            Fate.SERVED,
            learnt_count,
            sha256=sha256_of(path / ARCHIVE),
            figures=dict(figures),
        )
        self.write_card(card)
        return card

    def serve(self, version: str) -> None:
        """Put a kept model in the serving place, each file at once or not at all."""
        path = self._kept / version
        for name in FILES:
            if (path / name).exists():
                _put(path / name, self.folder / name)
            else:
                (self.folder / name).unlink(missing_ok=True)

    def write_card(self, card: ModelCard) -> None:
        path = self._kept / card.version / CARD
        text = json.dumps(asdict(card), ensure_ascii=False, indent=2)
        write_whole(path, text + "\n")

    def drop_archive(self, version: str) -> None:
        """Keep only the card of a model that will not serve."""
        for name in FILES:
            (self._kept / version / name).unlink(missing_ok=True)

    def discard(self, version: str) -> None:
        """Forget a version of which nothing came."""
        shutil.rmtree(self._kept / version, ignore_errors=True)

    def prune(self, *, keep_count: int) -> None:
        """Let the oldest kept models go, never the one that serves."""
        live = self.live_card()
        here = [card for card in self.cards() if self.can_serve(card.version)]
        for card in here[: max(0, len(here) - keep_count)]:
            if live is None or card.version != live.version:
                self.drop_archive(card.version)


def _put(source: Path, place: Path) -> None:
    beside = place.with_name(f".{place.name}.new")
    shutil.copy2(source, beside)
    sync(beside)
    beside.replace(place)


def _read_card(path: Path) -> ModelCard:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return ModelCard(**{**raw, "fate": Fate(raw["fate"])})
