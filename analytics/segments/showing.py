"""Segments as a person looks at them: names, sizes, what they do, who moved, three pictures.

    the current version ─┬─ its customers as of now ──▶ sizes, scatter, heat map
                         └─ the version before ───────▶ who moved where (Sankey)

Made at most once an hour for a version: a picture of a whole bank takes seconds.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd

from analytics.evaluation.canvas import Picture
from analytics.segments import storing
from analytics.segments.drawing import draw_movement, draw_profiles, draw_scatter
from analytics.segments.features import segments_table
from analytics.segments.handing import csv_of, pages_of
from analytics.segments.learning import Segmentation
from analytics.segments.matching import Movement, movement
from analytics.segments.words import description_of, names_of
from bank.ports import Clock, Store

_KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ShownSegment:
    """One segment. count: customers in it now."""

    id: str
    name: str
    description: str
    count: int


@dataclass(frozen=True, slots=True)
class Shown:
    """The current version as it is shown. before: the version it is compared with, "" for none."""

    version: str
    learnt_at_utc: datetime
    as_of_utc: datetime
    stability: float
    is_stable: bool
    segments: tuple[ShownSegment, ...]
    before: str
    stayed_share: float
    pictures: tuple[Picture, ...]


class Showroom:
    """Shows the current version of a bank's segments. Raises AnalyticsError, as `storing.load`."""

    def __init__(self, store: Store, folder: Path, *, clock: Clock) -> None:
        self._store, self._folder, self._clock = store, folder, clock
        self._shown: Shown | None = None
        self._lock = threading.Lock()

    def show(self) -> Shown | None:
        """Return the current version; None where none was learnt."""
        with self._lock:
            found, now_utc = storing.find(self._folder), self._clock()
            if found is None:
                return None
            held = self._shown
            is_young = held is not None and now_utc - held.as_of_utc < _KEPT_FOR
            if held is None or held.version != found.version or not is_young:
                self._shown = self._look(found, now_utc)
            return self._shown

    def csv(self) -> str | None:
        """Return who is in which segment now, as a file's text; None where none was learnt."""
        held = self._members()
        if held is None:
            return None
        segments, found, as_of = held
        return csv_of(segments, found, names_of(found.profiles), as_of_utc=as_of)

    def pages(self) -> tuple[int, list[str]] | None:
        """Return how many are in a segment now, and the pages that tell a webhook who; None where
        none was learnt.
        """
        held = self._members()
        if held is None:
            return None
        segments, found, as_of = held
        return len(segments), pages_of(segments, found, names_of(found.profiles), as_of_utc=as_of)

    def _members(self) -> tuple[pd.Series, Segmentation, str] | None:
        """Return the segment of each customer now, the version, and the moment in words."""
        found, now_utc = storing.find(self._folder), self._clock()
        if found is None:
            return None
        segments = found.assign(segments_table(self._store, now_utc))
        return segments, found, now_utc.isoformat(timespec="seconds")

    def _look(self, found: Segmentation, now_utc: datetime) -> Shown:
        table = segments_table(self._store, now_utc)
        now = found.assign(table)
        counts, names = now.value_counts(), names_of(found.profiles)
        before = self._before(found)
        moved = self._moved(found, before, now)
        pictures = [draw_scatter(found, table), draw_profiles(found)] if len(table) > 1 else []
        if moved.stayed_share == moved.stayed_share:  # somebody was here at both moments
            then = names_of(before.profiles) if before else {}
            picture = draw_movement(moved, {**then, **names})
            pictures.append(replace(picture, title=f"{picture.title} {_since(found, before)}"))
        return Shown(
            version=found.version,
            learnt_at_utc=found.as_of_utc,
            as_of_utc=now_utc,
            stability=float(found.facts["stability"]),
            is_stable=bool(found.facts["is_stable"]),
            segments=tuple(
                ShownSegment(one.id, names[one.id], description_of(one), int(counts.get(one.id, 0)))
                for one in found.profiles
            ),
            before=before.version if before else "",
            stayed_share=moved.stayed_share,
            pictures=tuple(pictures),
        )

    def _before(self, found: Segmentation) -> Segmentation | None:
        kept = storing.versions(self._folder)
        place = kept.index(found.version) if found.version in kept else 0
        return storing.load(self._folder, kept[place - 1]) if place else None

    def _moved(self, found: Segmentation, before: Segmentation | None, now: pd.Series) -> Movement:
        """From the version before at its moment to now; without one, since this was learnt."""
        first = before or found
        then = first.assign(segments_table(self._store, first.as_of_utc))
        return movement(
            then, now, ids_before=[one.id for one in first.profiles],
            ids_after=[one.id for one in found.profiles],
        )  # fmt: skip


def _since(found: Segmentation, before: Segmentation | None) -> str:
    if before is None:
        return f"since {found.as_of_utc:%d %B %Y}"
    return f"since version {before.version}"
