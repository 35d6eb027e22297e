"""Files that are there whole or not at all, and the digest by which one is known again.

    write beside ──▶ fsync ──▶ rename in place ──▶ fsync of the folder

Nobody ever reads half a file, also after the power went; two who write at once do not mix.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file of ours, readable by nobody else. Folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = content.encode() if isinstance(content, str) else content
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    sync(path.parent)


def replace_folder(place: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make a folder beside, and put it in the place of the one that is there.

    Whoever looks meanwhile finds the one or the other, never half of both. What was there stays as
    `.<name>.before`, to go back to.
    """
    draft = place.with_name(f".{place.name}.draft")
    before = place.with_name(f".{place.name}.before")
    shutil.rmtree(draft, ignore_errors=True)  # of a run that died
    write(draft)
    for file in draft.iterdir():
        sync(file)
    if place.exists():
        shutil.rmtree(before, ignore_errors=True)
        place.rename(before)
    draft.rename(place)
    sync(place.parent)


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, last beyond a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """Return the digest of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
