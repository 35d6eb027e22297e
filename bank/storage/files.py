"""Sealed files beside the database: written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bank.domain.errors import DiskFull, NotFound


class FolderFiles:
    """See ports.Files. One folder for two characters of the name, so that none gets large."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        path = self._path(name)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(draft).replace(path)
            finally:
                Path(draft).unlink(missing_ok=True)
        except OSError as fault:
            raise DiskFull from fault

    def get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise NotFound(table="files") from None

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        # Names are our own ids, but a path is made of them: nothing but letters, digits, "_".
        assert name.replace("_", "").isalnum(), name
        return self._folder / name[-2:] / name


class MemoryFiles:
    """See ports.Files: the fake of the tests."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, name: str, content: bytes) -> None:
        self._kept[name] = content

    def get(self, name: str) -> bytes:
        if name not in self._kept:
            raise NotFound(table="files")
        return self._kept[name]

    def remove(self, name: str) -> None:
        self._kept.pop(name, None)
