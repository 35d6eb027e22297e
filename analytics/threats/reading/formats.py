"""Which reader a line is for. A source has one format; a line of another is tried by its looks.

"#separator …", tabs and a number first   Zeek           "<38>…", "Nov 28 16:…"   syslog
"{…"                                      JSON           "… [28/Nov/2026:…] "…"   access log
the first line of anything else           CSV: its header
"""

from __future__ import annotations

import re
from typing import Protocol

from analytics.threats.events import Event
from analytics.threats.reading.access_log import parse_access_line
from analytics.threats.reading.fields import Malformed
from analytics.threats.reading.syslog import Syslog
from analytics.threats.reading.tables import Csv, JsonLines, Zeek

_ACCESS = re.compile(r"\S+ [^\"]{0,96}\[\d{2}/\w{3}/\d{4}:")
_SYSLOG = re.compile(r"(?:\d{1,5} )?<\d{1,3}>|\w{3} [ \d]\d \d{2}:\d{2}:\d{2} ")
_ZEEK = re.compile(r"\d{9,}\.\d+\t")


class LineReader(Protocol):
    """Reads lines of one format."""

    name: str

    def parse(self, line: str, *, now_s: float) -> Event | None:
        """Return the event of a line; None: a header, a comment. Raises Malformed."""


class AccessLog:
    """Lines of an access log."""

    name = "access"

    def parse(self, line: str, *, now_s: float) -> Event | None:  # noqa: ARG002
        return parse_access_line(line)


def by_looks(line: str) -> LineReader | None:
    """Return a reader for a line that says itself what it is; None: it may be a CSV."""
    if line.startswith("{"):
        return JsonLines()
    if line.startswith("#") or _ZEEK.match(line):
        return Zeek()
    if _SYSLOG.match(line):
        return Syslog()
    if _ACCESS.match(line):
        return AccessLog()
    return None


class AnyFormat:
    """Reads a source of any format: the first line says which."""

    def __init__(self) -> None:
        self._reader: LineReader | None = None

    @property
    def name(self) -> str:
        """The format; "" before the first line."""
        return self._reader.name if self._reader else ""

    def parse(self, line: str, *, now_s: float) -> Event | None:
        """Return the event of a line; None: a header, a comment, a blank. Raises Malformed."""
        if not line or line.isspace():
            return None
        if self._reader is None:
            self._reader = by_looks(line)
            if self._reader is None:
                self._reader = Csv(line)
                return None
        try:
            return self._reader.parse(line, now_s=now_s)
        except Malformed:
            # Sources of several senders mix formats; headers are per source, so no CSV here.
            other = by_looks(line)
            if other is None or other.name == self._reader.name:
                raise
            return other.parse(line, now_s=now_s)
