"""The lists in force in a running process: read again when their files change."""

from __future__ import annotations

import threading
from pathlib import Path

from identity.screening.lists import ScreeningLists, load_lists


class ListsInForce:
    """The lists of one folder. Safe to call from several threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: object = None
        self._lists: ScreeningLists | None = None

    def current(self) -> ScreeningLists:
        """Return the lists as they are now. Raises ListBroken where none can be trusted."""
        with self._lock:
            stamp = self._stamp()
            if self._lists is None or stamp != self._seen:
                self._lists = load_lists(self._folder)
                self._seen = self._stamp()  # loading may write its cache beside the lists
            return self._lists

    def _stamp(self) -> object:
        if not self._folder.is_dir():
            return None
        return sorted((path.name, path.stat().st_mtime_ns) for path in self._folder.iterdir())
