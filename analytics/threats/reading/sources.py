"""Where lines come from: each source gives lists of lines, an empty one when nothing came.

    PATH         a file, also .gz                 read at our own pace: nothing is dropped
    -            standard input                   the same
    PATH, follow a file that grows                rotated and truncated files are followed
    udp:PORT     datagrams, one line or more each never waits: what does not fit is counted
    tcp:PORT     connections, a line end apart    a sender waits where its queue is full

`udp:0.0.0.0:5514` listens on other addresses than this machine's own.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from analytics.threats.reading.inbox import Inbox
from analytics.threats.reading.lines import LineCutter
from analytics.threats.reading.listening import Listener

_CHUNK_BYTES = 1 << 16
_LINES_A_TIME = 2_000
POLL_S = 0.2


@dataclass(frozen=True)
class Lost:
    """What a source could not give whole."""

    cut_count: int = 0
    dropped_count: int = 0


class Source(Protocol):
    """Lines as they come."""

    is_live: bool

    def batches(self) -> Iterator[list[str]]:
        """Yield lines, [] when nothing came for a moment; end at the end of the source."""

    def lost(self) -> Lost:
        """Return what was lost so far."""

    def close(self) -> None:
        """Stop: `batches` ends soon."""


@dataclass
class FileSource:
    """A file from its beginning, once."""

    path: Path
    is_live: bool = False
    _cutter: LineCutter = field(default_factory=LineCutter)

    def batches(self) -> Iterator[list[str]]:
        with _opened(self.path) as file:
            yield from _whole(file, self._cutter)

    def lost(self) -> Lost:
        return Lost(self._cutter.cut_count)

    def close(self) -> None:
        pass


@dataclass
class InputSource:
    """Standard input, as it comes."""

    is_live: bool = False
    _cutter: LineCutter = field(default_factory=LineCutter)

    def batches(self) -> Iterator[list[str]]:
        # read1: a slow sender's line is looked at now, not when 64 KiB are full.
        file = cast("io.BufferedReader", sys.stdin.buffer)
        while chunk := file.read1(_CHUNK_BYTES):
            yield list(self._cutter.feed(chunk))
        yield list(self._cutter.end())

    def lost(self) -> Lost:
        return Lost(self._cutter.cut_count)

    def close(self) -> None:
        pass


@dataclass
class GrowingSource:
    """A file that somebody writes: from its beginning, then what is added."""

    path: Path
    is_live: bool = False  # what it holds already is of the past
    _cutter: LineCutter = field(default_factory=LineCutter)
    _closed: bool = False

    def batches(self) -> Iterator[list[str]]:
        while not self._closed:
            with self.path.open("rb") as file:
                yield from self._follow(file)
            yield list(self._cutter.end())

    def _follow(self, file: BinaryIO) -> Iterator[list[str]]:
        """Yield until another file has taken the name, or this one was cut short."""
        inode = os.fstat(file.fileno()).st_ino
        while not self._closed:
            chunk = file.read(_CHUNK_BYTES)
            if chunk:
                yield list(self._cutter.feed(chunk))
                continue
            yield []
            try:
                found = self.path.stat()
            except FileNotFoundError:
                found = None  # being rotated: the next one comes
            if found is not None and (found.st_ino != inode or found.st_size < file.tell()):
                # What was written between the last look and the change of names.
                yield list(self._cutter.feed(file.read()))
                return
            time.sleep(POLL_S)

    def lost(self) -> Lost:
        return Lost(self._cutter.cut_count)

    def close(self) -> None:
        self._closed = True


class SocketSource:
    """Lines sent to a port."""

    is_live = True

    def __init__(self, kind: str, host: str, port: int, *, inbox: Inbox | None = None) -> None:
        self._inbox = inbox or Inbox()
        self._listener = Listener(kind, host, port, self._inbox)

    @property
    def port(self) -> int:
        """The port it listens on, where 0 was asked for."""
        return self._listener.port

    def batches(self) -> Iterator[list[str]]:
        while (lines := self._inbox.take(most=_LINES_A_TIME, wait_s=POLL_S)) is not None:
            yield lines

    def lost(self) -> Lost:
        dropped = self._inbox.dropped_count + self._listener.kernel_dropped_count
        return Lost(self._listener.cut_count, dropped)

    def close(self) -> None:
        self._listener.close()
        self._inbox.close()


def open_source(told: str, *, follow: bool = False) -> Source:
    """Return the source a command names. Raises ValueError, OSError, both with a sentence."""
    kind, _, rest = told.partition(":")
    if kind in {"udp", "tcp"} and rest:
        host, _, port = rest.strip("/").rpartition(":")
        if not port.isdecimal() or int(port) > 65_535:
            raise ValueError(f"{told}: give a port, such as {kind}:5514.")
        return SocketSource(kind, host or "127.0.0.1", int(port))
    if told == "-":
        return InputSource()
    path = Path(told)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {told}.")
    return GrowingSource(path) if follow else FileSource(path)


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path)) if is_gzip else path.open("rb")


def _whole(file: BinaryIO, cutter: LineCutter) -> Iterator[list[str]]:
    while chunk := file.read(_CHUNK_BYTES):
        yield list(cutter.feed(chunk))
    yield list(cutter.end())
