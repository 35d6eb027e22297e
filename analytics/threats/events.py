"""The three things that are watched, as plain values, whatever file or socket they came from.

    Flow      who connected to what: addresses, port, protocol, bytes        (Zeek, CSV, JSON)
    Request   one line of an access log                                      (ours, NCSA, JSON)
    Login     somebody tried to log in, and whether it worked                (ours, sshd, JSON)

`at_s` is in seconds of UTC since 1970. A text that a log lacks is "", a number that it lacks None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

_LATEST_S = 253_402_300_799.0  # the last second of the year 9999: what a datetime can hold


@dataclass(frozen=True, slots=True)
class Flow:
    """One connection. `row`: the columns as they stood, for a learnt model."""

    at_s: float
    source_ip: str
    target_ip: str
    target_port: int | None
    protocol: str
    failed: bool = False
    row: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a web server. `target`: path and query as sent, percent-encoded."""

    at_s: float
    source_ip: str
    method: str
    target: str
    status: int | None = None
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """One attempt to log in. `unknown_account`: nobody is called so."""

    at_s: float
    account: str
    source_ip: str
    succeeded: bool
    device: str = ""
    place: tuple[float, float] | None = None  # latitude, longitude in degrees
    unknown_account: bool = False


Event: TypeAlias = Flow | Request | Login


def moment(at_s: float) -> datetime:
    """Return the moment in UTC; what no datetime can hold becomes the nearest one."""
    return datetime.fromtimestamp(min(max(at_s, 0.0), _LATEST_S), UTC)
