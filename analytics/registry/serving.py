"""The version that serves, in a process that runs on: it follows the pointer by itself.

    a question ──▶ the version held now ──▶ its answer, and which version gave it
         └─ the pointer's file has changed? ──▶ one thread loads the new version beside,
                                                 checks it, puts it in place of the old one

A question is answered by one whole version from first row to last. Under traffic none waits for a
load; the first one after a silence does, so that it is not answered by a version taken back since.
A version that is broken does not take the place: the old one answers on, and `complaint` says why.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import structlog

from analytics.errors import AnalyticsError, NoSuchModel
from analytics.models import Floats, Model
from analytics.registry.cards import Card
from analytics.registry.versions import Registry

#: The pointer's file is looked at no more often than this: one `stat`, some microseconds.
LOOK_EVERY_S = 0.5
#: Nobody has asked for this long: the pointer may have moved long ago.
SILENCE_S = 2.0
#: A version that would not load is tried again after this long, though the pointer stands still.
RETRY_AFTER_S = 30.0

log = structlog.get_logger("analytics.serving")

_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Served:
    """A loaded version. Nothing of it ever changes."""

    version: str
    card: Card
    model: Model


@dataclass(frozen=True, slots=True)
class Answer:
    """Probabilities, shape (n,), and the version that gave all of them."""

    version: str
    probability: Floats


class LiveModel:
    """The champion of one name, to be asked from any thread."""

    def __init__(
        self,
        registry: Registry,
        name: str,
        *,
        look_every_s: float = LOOK_EVERY_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        """Load the version that serves. Raises NoSuchModel, BrokenModel, FeatureMismatch."""
        self.name = name
        self.complaint = ""
        self._registry = registry
        self._path: Path = registry.pointer_path(name)
        self._look_every_s, self._silence_s = look_every_s, silence_s
        self._loading = threading.Lock()
        self._stamp = _stamp_of(self._path)
        self._served = self._load()
        self._look_at_s = time.monotonic() + look_every_s
        self._retry_at_s = float("inf")

    @property
    def current(self) -> Served:
        """The version to answer with now. Take it once for one answer."""
        self._look()
        return self._served

    def probability(self, table: pd.DataFrame) -> Answer:
        """Return P(label = 1) of each row. Raises FeatureMismatch."""
        served = self.current
        return Answer(served.version, served.model.probability(table))

    def refresh(self) -> bool:
        """Follow the pointer now, in this thread. Returns whether another version serves."""
        with self._loading:
            return self._follow()

    def _look(self) -> None:
        now_s = time.monotonic()
        if now_s < self._look_at_s:
            return
        was_silent = now_s >= self._look_at_s + self._silence_s
        self._look_at_s = now_s + self._look_every_s
        if _stamp_of(self._path) == self._stamp and now_s < self._retry_at_s:
            return
        if was_silent:
            self.refresh()
        elif self._loading.acquire(blocking=False):
            # One thread loads; it gives the lock back itself.
            threading.Thread(target=self._follow_and_release, daemon=True).start()

    def _follow_and_release(self) -> None:
        try:
            self._follow()
        finally:
            self._loading.release()

    def _follow(self) -> bool:
        # The stamp is taken first: a swap during the load is seen at the next look.
        self._stamp = _stamp_of(self._path)
        before = self._served
        try:
            served = self._load(unless=before)
        except Exception as fault:  # whatever it is, the old version answers on
            self.complaint = f"{type(fault).__name__}: {fault}"
            self._retry_at_s = time.monotonic() + RETRY_AFTER_S
            code = fault.code if isinstance(fault, AnalyticsError) else type(fault).__name__
            log.exception("model.not_taken_up", name=self.name, code=code, serving=before.version)
            return False
        self._retry_at_s = float("inf")
        self.complaint = ""
        self._served = served
        if served is not before:
            log.info("model.taken_up", name=self.name, version=served.version)
        return served is not before

    def _load(self, *, unless: Served | None = None) -> Served:
        pointer = self._registry.pointer(self.name)
        if pointer is None:
            raise NoSuchModel(f"No version of {self.name} serves. Train one first.")
        if unless is not None and unless.version == pointer.version:
            return unless
        card = self._registry.get(self.name, pointer.version).card
        return Served(pointer.version, card, self._registry.load(self.name, pointer.version))


def _stamp_of(path: Path) -> _Stamp:
    """Return what changes when the file is replaced; zeros where there is none."""
    try:
        seen = path.stat()
    except FileNotFoundError:
        return (0, 0, 0)
    return (seen.st_mtime_ns, seen.st_ino, seen.st_size)
