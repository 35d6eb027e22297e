"""From an address and a format to what the worker needs: a line, and envelopes that fit it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from bank.delivery.siem.cef import format_cef
from bank.delivery.siem.channel import Channel, Datagrams, Stream, make_tls
from bank.delivery.siem.ecs import format_ecs
from bank.delivery.siem.syslog import STREAM_MAX_BYTES, UDP_MAX_BYTES, Envelopes
from bank.domain.security_events import SecurityEvent

FORMATS: dict[str, Callable[[SecurityEvent], str]] = {"ecs": format_ecs, "cef": format_cef}


def open_channel(url: str, *, ca_file: str = "", cert_file: str = "") -> Channel:
    """Return the line to `udp|tcp|tls://host:port`; it is opened when first used.

    Raises ValueError: another scheme; OSError, ssl.SSLError: files that cannot be read.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 0
    if parts.scheme == "udp":
        return Datagrams(host, port)
    if parts.scheme == "tcp":
        return Stream(host, port)
    if parts.scheme == "tls":
        return Stream(host, port, tls=make_tls(ca_file=ca_file, cert_file=cert_file))
    raise ValueError(f"no such way to a SIEM: {parts.scheme}")


def make_envelopes(url: str, format_name: str) -> Envelopes:
    """Return the envelopes of a format, of a size the line carries. KeyError: no such format."""
    max_bytes = UDP_MAX_BYTES if url.startswith("udp:") else STREAM_MAX_BYTES
    return Envelopes(FORMATS[format_name], max_bytes=max_bytes)
