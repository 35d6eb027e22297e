"""Tokens a day: what the language model may read and write before the bank goes on without it.

    reserve(at most) ─▶ is it within the day's budget? ─▶ settle(what it took)
         └── no ─▶ False until midnight UTC

Kept in a file beside the library, so that a restart does not fill the purse. Several processes add
up only roughly (each writes what it read plus its own): a budget is a brake, not an invoice.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bank.whole_files import write_whole

CHARS_PER_TOKEN = 3
"""Few, so that an estimate is rather too high."""


def tokens_in(text: str) -> int:
    """Return about how many tokens a text is, rather too many."""
    return len(text) // CHARS_PER_TOKEN + 1


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


class Budget:
    """Spends at most `per_day` tokens a day. 0: none at all."""

    def __init__(
        self, path: Path, *, per_day: int, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._path, self._per_day, self._clock = path, per_day, clock
        self._lock = threading.Lock()

    def reserve(self, tokens: int) -> bool:
        """Take tokens for a call; False: they are not left today."""
        with self._lock:
            day, spent = self._read()
            if spent + tokens > self._per_day:
                return False
            self._write(day, spent + tokens)
            return True

    def settle(self, *, reserved: int, spent: int) -> None:
        """Give back what a call did not take."""
        with self._lock:
            day, before = self._read()
            self._write(day, max(0, before - reserved + spent))

    def spent_today(self) -> int:
        """Return the tokens of today."""
        with self._lock:
            return self._read()[1]

    def _read(self) -> tuple[str, int]:
        today = self._clock().date().isoformat()
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return (today, int(kept["tokens"])) if kept["day"] == today else (today, 0)
        except FileNotFoundError:
            return today, 0
        except (OSError, ValueError, KeyError, TypeError):
            # A purse that cannot be read is empty: better no model than one without a limit.
            return today, self._per_day

    def _write(self, day: str, tokens: int) -> None:
        write_whole(self._path, json.dumps({"day": day, "tokens": tokens}))
