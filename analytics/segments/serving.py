"""Segments in a process that serves: who is in which, at the bank's port, by the version asked.

    audience of a campaign ─ ids, version ─▶ StoredSegments ─ their features now ─▶ segment ids

A campaign names the version it was approved for, so one that is learnt anew moves nobody in it.
Importing this costs nothing: the libraries load with the first question.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bank.domain.errors import NotFound
from bank.ports import Clock, Store

if TYPE_CHECKING:
    from analytics.segments.learning import Segmentation
    from analytics.segments.showing import Showroom


class StoredSegments:
    """The bank's port `Segments`, over the versions below a folder."""

    def __init__(self, store: Store, folder: Path, *, clock: Clock) -> None:
        self._store, self._folder, self._clock = store, folder, clock
        self._loaded: dict[str, Segmentation] = {}
        self._lock = threading.Lock()

    def codes(self, customer_ids: Sequence[str], *, version: str) -> Mapping[str, str]:
        """Return the segment of those with an open account. Raises NotFound: no such version."""
        from analytics.segments.features import segments_table  # noqa: PLC0415  see the head

        found = self._version(version)
        table = segments_table(self._store, self._clock(), customers=customer_ids)
        if not len(table):
            return {}
        return {str(who): str(one) for who, one in found.assign(table).items()}

    def _version(self, version: str) -> Segmentation:
        from analytics.errors import AnalyticsError  # noqa: PLC0415  see the head
        from analytics.segments.storing import load  # noqa: PLC0415  see the head

        with self._lock:
            if version not in self._loaded:
                try:
                    self._loaded[version] = load(self._folder, version)
                except AnalyticsError as fault:
                    raise NotFound(table="segments", version=version) from fault
            return self._loaded[version]


class LateShowroom:
    """Makes the showroom when somebody first looks."""

    def __init__(self, store: Store, folder: Path, *, clock: Clock) -> None:
        self._store, self._folder, self._clock = store, folder, clock
        self._made: Showroom | None = None
        self._lock = threading.Lock()

    def room(self) -> Showroom:
        """Return the one showroom of this process."""
        from analytics.segments.showing import Showroom  # noqa: PLC0415  see the head

        with self._lock:
            if self._made is None:
                self._made = Showroom(self._store, self._folder, clock=self._clock)
            return self._made
