"""Syslog: an envelope with a time and a sender, and in it a line of some other format.

    RFC 5424   <134>1 2026-11-28T16:55:09.003Z host app pid id [x a="b"] message
    RFC 3164   <38>Nov 28 16:55:09 host sshd[812]: Failed password for root from 203.0.113.7 …

The message is read as what it is: JSON, an access line, or sshd's words about a login. A year,
which RFC 3164 lacks, is the one that brings the time closest to now; its time is taken as UTC.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from analytics.threats.events import Event, Login
from analytics.threats.reading.access_log import parse_access_line
from analytics.threats.reading.fields import Malformed, address
from analytics.threats.reading.tables import JsonLines

#: Octet counting of RFC 6587 ("123 <134>1 …") is allowed before it.
_5424 = re.compile(
    r"(?:\d{1,5} )?<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) "
    r"(-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: \ufeff?(.*))?", re.DOTALL,
)  # fmt: skip
_3164 = re.compile(
    r"(?:\d{1,5} )?(?:<(\d{1,3})>)?(\w{3} [ \d]\d \d{2}:\d{2}:\d{2}|\d{4}-\d\d-\d\dT\S+) (\S+) "
    r"([\w./-]{1,64})(?:\[(\d+)\])?: ?(.*)", re.DOTALL,
)  # fmt: skip
_SSHD = re.compile(
    r"(Failed|Accepted) (?:password|publickey|keyboard-interactive/pam|none) for "
    r"(invalid user )?(.{0,128}?) from (\S+) port \d+(?: \S+)?.*"
)


class Syslog:
    """Both kinds of syslog line."""

    name = "syslog"

    def __init__(self) -> None:
        self._json = JsonLines()

    def parse(self, line: str, *, now_s: float) -> Event | None:
        new = _5424.fullmatch(line)
        if new is not None:
            at, message = new.group(2), new.group(8) or ""
            at_s = now_s if at == "-" else _iso(at)
        else:
            old = _3164.fullmatch(line)
            if old is None:
                raise Malformed("no syslog line")
            at_s, message = _old_time(old.group(2), now_s=now_s), old.group(6)
        return self._message(message.strip(), at_s)

    def _message(self, message: str, at_s: float) -> Event | None:
        if message.startswith("{"):
            return self._json.parse(message, now_s=at_s)
        login = _SSHD.fullmatch(message)
        if login is not None:
            how, unknown, account, source = login.groups()
            return Login(
                at_s, account, address(source), how == "Accepted", unknown_account=bool(unknown)
            )
        try:
            return replace(parse_access_line(message), at_s=at_s)
        except Malformed:
            return None  # an envelope that is whole, about something else


def _iso(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError) as fault:
        raise Malformed("no time") from fault


def _old_time(text: str, *, now_s: float) -> float:
    if text[0].isdigit():
        return _iso(text)
    year = datetime.fromtimestamp(now_s, UTC).year
    found = []
    for one in (year - 1, year, year + 1):
        try:
            # 29 February is no day of most years.
            moment = datetime.strptime(f"{one} {text}", "%Y %b %d %H:%M:%S")  # noqa: DTZ007
            found.append(moment.replace(tzinfo=UTC).timestamp())
        except ValueError:
            continue
    if not found:
        raise Malformed("no time")
    return min(found, key=lambda at_s: abs(at_s - now_s))
