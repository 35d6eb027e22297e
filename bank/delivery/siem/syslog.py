r"""Syslog: one event in the envelope of RFC 5424, and how envelopes follow each other.

    <108>1 2026-03-02T08:00:00.000000+00:00 branch-1 florin 412 login_failed
        [event@32473 id="sv_…" severity="3"] {"@timestamp": …}

    udp        one datagram, one event (RFC 5426)
    tcp, tls   the length before each: `187 <108>1 …` (RFC 6587 3.4.1, RFC 5425): a body may
               then hold anything, where receivers that split at line ends would be cut

What is longer than the line carries goes without its details, and is counted; nothing is cut in
the middle, because half a JSON object is no event.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import replace

from bank.domain.security_events import SecurityEvent

#: Log audit (RFC 5424 table 1): apart from what the machine's own programs say.
FACILITY = 13
#: The number of examples (RFC 5612). Receivers key on the name before it.
ENTERPRISE = 32473
#: A receiver must take 480 octets and should take 2048 (RFC 5424, 6.1); rsyslog takes 8 KiB.
UDP_MAX_BYTES = 2048
STREAM_MAX_BYTES = 8192

#: Severity 0-10 of ours → 6 informational, 5 notice, 4 warning, 3 error, 2 critical, 1 alert.
_LEVELS = (6, 6, 6, 5, 5, 4, 4, 3, 3, 2, 1)
_PRIORITIES = tuple(FACILITY * 8 + level for level in _LEVELS)
_NAME = re.compile(r"[^\x21-\x7e]")


class Envelopes:
    """Puts events into envelopes, of at most `max_bytes` each."""

    def __init__(
        self,
        body: Callable[[SecurityEvent], str],
        *,
        max_bytes: int = STREAM_MAX_BYTES,
        host: str = "",
    ) -> None:
        self._body = body
        self._max_bytes = max_bytes
        self._origin = f"{clean_name(host or socket.gethostname(), 255)} florin {os.getpid()}"
        self.shortened_count = 0

    def wrap(self, event: SecurityEvent) -> bytes:
        """Return the event's envelope. Raises TooLong: even without details."""
        whole = self._wrap(event)
        if len(whole) <= self._max_bytes:
            return whole
        bare: dict[str, str | int] = {"details_count": len(event.details), "shortened": 1}
        shorter = self._wrap(replace(event, details=bare))
        if len(shorter) > self._max_bytes:
            raise TooLong(event.id)
        self.shortened_count += 1
        return shorter

    def _wrap(self, event: SecurityEvent) -> bytes:
        return (
            f"<{_PRIORITIES[event.severity]}>1 {event.at_utc.isoformat(timespec='microseconds')} "
            f"{self._origin} {event.kind._value_} "
            f'[event@{ENTERPRISE} id="{escape_param(event.id)}" severity="{event.severity}"] '
            f"{self._body(event)}"
        ).encode()


def count_octets(envelopes: Iterable[bytes]) -> bytes:
    """Return the envelopes as one stream, the length before each.

    >>> count_octets([b"<14>1 a", b"<14>1 bc"])
    b'7 <14>1 a8 <14>1 bc'
    """
    return b"".join([b"%d %b" % (len(one), one) for one in envelopes])


def escape_param(text: str) -> str:
    r"""Return text for a value of structured data (RFC 5424, 6.3.3).

    >>> escape_param('say "a]b"')
    'say \\"a\\]b\\"'
    """
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def clean_name(text: str, max_chars: int) -> str:
    """Return a name of the header: printable ASCII without spaces, `-` where nothing is left.

    >>> clean_name("büro 1", 48), clean_name("", 48)
    ('b-ro-1', '-')
    """
    return _NAME.sub("-", text)[:max_chars] or "-"


class TooLong(ValueError):
    """An event that does not fit even without its details; it ends as a dead letter."""
