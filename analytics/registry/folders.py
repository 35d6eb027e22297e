"""The registry's folders: names that are safe in a path, drafts, digests, one writer at a time.

A draft begins with a dot and belongs to whoever holds the lock; one that is there when the lock
is taken was left by a process that died, and goes.
"""

from __future__ import annotations

import fcntl
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from analytics.errors import RegistryBusy
from bank.whole_files import sha256_of, sync

CARD, POINTER, LOCK = "card.json", "champion.json", ".lock"
DRAFT = ".draft-"
LOCK_WAIT_S = 10.0

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_VERSION = re.compile(r"\d{8}-\d{6}(-\d{1,3})?")


def is_name(text: str) -> bool:
    """Whether a model may be called so: the name becomes a folder.

    >>> is_name("churn"), is_name("../churn"), is_name("")
    (True, False, False)
    """
    return _NAME.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Whether it is a version's name: the second it was made, and a number where two were.

    >>> is_version("20261128-134500"), is_version("20261128-134500-2"), is_version("latest")
    (True, True, False)
    """
    return _VERSION.fullmatch(text) is not None


def by_time(version: str) -> tuple[str, int]:
    """Return the key that sorts versions by age.

    >>> sorted(["20261128-134500-10", "20261128-134500-9", "20261128-134500"], key=by_time)
    ['20261128-134500', '20261128-134500-9', '20261128-134500-10']
    """
    day, second, *more = version.split("-")
    return f"{day}-{second}", int(more[0]) if more else 1


def free_version(place: Path, made_at_utc: datetime) -> str:
    """Return a version's name that is not taken."""
    stem = f"{made_at_utc:%Y%m%d-%H%M%S}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
    return next(name for name in names if not (place / name).exists())


def files_in(folder: Path) -> list[Path]:
    """Return all files below a folder, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below a folder, after it has reached the disk."""
    found = {}
    for path in files_in(folder):
        sync(path)
        found[path.relative_to(folder).as_posix()] = sha256_of(path)
    return found


def sweep(place: Path) -> None:
    """Remove what a process left half-written. The caller holds the lock."""
    for path in place.glob(f"{DRAFT}*"):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def alone(place: Path, *, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
    """Hold a model's lock, among processes and threads. Raises RegistryBusy after `wait_s`."""
    place.mkdir(parents=True, exist_ok=True)
    until_s = time.monotonic() + wait_s
    with (place / LOCK).open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until_s:
                    raise RegistryBusy(f"Another process writes {place.name} just now.") from None
                time.sleep(0.02)
        yield
