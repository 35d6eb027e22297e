"""Between a socket that never waits and a reader that may: a queue of bounded size.

    listener ──put──▶ [ lines, at most so many and so many characters ] ──take──▶ watch
                └─ full: the line is dropped and counted, and the watch raises an alarm

Dropping the newest keeps what came first, which is how most attacks begin.
"""

from __future__ import annotations

import threading
from collections import deque

LINES_MOST = 200_000
CHARACTERS_MOST = 64 * 1024 * 1024
_LINE_CHARACTERS = 16_384
_ROOM_POLL_S = 0.01


class Inbox:
    """Lines that wait."""

    def __init__(
        self, *, lines_most: int = LINES_MOST, characters_most: int = CHARACTERS_MOST
    ) -> None:
        self._lines_most, self._characters_most = lines_most, characters_most
        self._lines: deque[str] = deque()
        self._characters = 0
        self._changed = threading.Condition()
        self._closed = False
        self.dropped_count = 0

    def put(self, line: str) -> bool:
        """Add a line; False: it was dropped."""
        with self._changed:
            if (
                len(self._lines) >= self._lines_most
                or self._characters + len(line) > self._characters_most
            ):
                self.dropped_count += 1
                return False
            self._lines.append(line)
            self._characters += len(line)
            self._changed.notify()
            return True

    def take(self, *, most: int, wait_s: float) -> list[str] | None:
        """Return up to so many lines, none after `wait_s` of silence; None: closed and empty."""
        with self._changed:
            if not self._lines and not self._closed:
                self._changed.wait(wait_s)
            if not self._lines:
                return None if self._closed else []
            taken = [self._lines.popleft() for _ in range(min(most, len(self._lines)))]
            self._characters -= sum(map(len, taken))
            return taken

    def wait_for_room(self, stop: threading.Event) -> None:
        """Wait until a line fits, or `stop` is set."""
        while not stop.is_set():
            with self._changed:
                if (
                    len(self._lines) < self._lines_most
                    and self._characters < self._characters_most - _LINE_CHARACTERS
                ):
                    return
            stop.wait(_ROOM_POLL_S)

    def close(self) -> None:
        """Take no more, count what is left as dropped; who waits is woken."""
        with self._changed:
            self._closed = True
            self.dropped_count += len(self._lines)
            self._lines.clear()
            self._characters = 0
            self._changed.notify_all()
