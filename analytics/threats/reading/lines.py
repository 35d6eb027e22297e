r"""Lines out of bytes, each of bounded length.

    b"GET /a\nGET /bbbbb…" ──▶ "GET /a", "GET /bbb" (cut)

A line longer than LINE_MOST_BYTES is cut there and its rest thrown away as it comes, so that a line
of a megabyte, or one that never ends, costs no memory. How many were cut is counted: a reader sees
what was not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

LINE_MOST_BYTES = 16_384


class LineCutter:
    """Takes bytes as they arrive; gives whole lines as text."""

    def __init__(self, *, most_bytes: int = LINE_MOST_BYTES) -> None:
        self._most = most_bytes
        self._rest = b""
        self._too_long = False
        self.cut_count = 0

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Yield the lines that this piece completes, without their ends."""
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            if self._too_long:
                self._too_long = False  # the tail of a line whose head was given already
            else:
                yield self._text(self._rest + piece)
            self._rest = b""
        if self._too_long:
            return
        self._rest += rest
        if len(self._rest) > self._most:
            yield self._text(self._rest)
            self._rest, self._too_long = b"", True

    def end(self) -> Iterator[str]:
        """Yield what stands after the last line end."""
        if self._rest:
            yield self._text(self._rest)
        self._rest, self._too_long = b"", False

    def _text(self, line: bytes) -> str:
        if len(line) > self._most:
            self.cut_count += 1
            line = line[: self._most]
        # What is no UTF-8 is still looked at: attackers send such bytes on purpose.
        return line.decode("utf-8", "replace").rstrip("\r")
