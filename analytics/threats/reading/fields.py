"""The names that tables and JSON of different makers use for the same thing.

    {"src": "10.0.0.1", "dport": 22, …}  ──▶ Flow
    {"event": "login", "account": …}     ──▶ Login          (Elastic Common Schema, Zeek, our own)
    {"ip": …, "method": …, "path": …}    ──▶ Request

A row of other columns becomes a Flow without addresses: a learnt model may still know its columns.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from analytics.threats.events import Event, Flow, Login, Request

_NAMES = {
    "at": ("at_utc", "at", "ts", "time", "timestamp", "@timestamp", "date"),
    "source_ip": ("source_ip", "src_ip", "srcip", "src", "saddr", "id.orig_h", "source.ip",
                  "client_ip", "remote_addr", "ip"),
    "target_ip": ("target_ip", "dst_ip", "dstip", "dst", "daddr", "id.resp_h", "destination.ip"),
    "target_port": ("target_port", "dst_port", "dport", "dstport", "id.resp_p",
                    "destination.port"),
    "protocol": ("protocol", "proto", "protocol_type", "network.transport"),
    "state": ("state", "conn_state", "flag", "outcome", "event.outcome"),
    "account": ("account", "customer", "user", "username", "user.name"),
    "device": ("device", "device_id", "user_agent.device.name"),
    "succeeded": ("succeeded", "success", "outcome", "event.outcome"),
    "latitude": ("latitude", "lat", "source.geo.location.lat"),
    "longitude": ("longitude", "lon", "source.geo.location.lon"),
    "reason": ("reason", "failure", "event.reason"),
    "method": ("method", "request_method", "http.request.method"),
    "target": ("target", "path", "request_uri", "uri", "url", "url.original"),
    "status": ("status", "status_code", "http.response.status_code"),
    "agent": ("agent", "user_agent", "http_user_agent", "user_agent.original"),
}  # fmt: skip
#: Zeek's states of a connection nobody answered, and NSL-KDD's the same.
_FAILED_STATES = frozenset("S0 REJ RSTOS0 RSTRH SH SHR OTH RSTO failed failure denied".split())
_YES = frozenset("1 true yes ok success succeeded t".split())
_NESTED_MOST = 6
_MILLISECONDS_FROM = 1e11


class Malformed(ValueError):
    """A line that is not of its format. The message never quotes the line."""


def event_of(row: Mapping[str, Any], *, now_s: float) -> Event:
    """Return what a row of a table, or a JSON object, tells. now_s: for rows without a time."""
    at_s = _time(find(row, "at"), now_s=now_s)
    account, succeeded = find(row, "account"), find(row, "succeeded")
    source_ip = address(find(row, "source_ip"))
    if account is not None and succeeded is not None and find(row, "target_ip") is None:
        return _login(row, at_s, str(account), source_ip, yes(succeeded))
    target = find(row, "target")
    if target is not None and find(row, "method") is not None:
        return Request(
            at_s, source_ip, str(find(row, "method")), str(target),
            _whole(find(row, "status")), str(find(row, "agent") or ""),
        )  # fmt: skip
    return Flow(
        at_s, source_ip, address(find(row, "target_ip")), _port(find(row, "target_port")),
        str(find(row, "protocol") or ""), str(find(row, "state") or "") in _FAILED_STATES, row,
    )  # fmt: skip


def flat(value: Mapping[str, Any], *, prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Return nested objects as dotted names, as deep as a log may be.

    >>> flat({"source": {"ip": "10.0.0.1"}, "n": 1})
    {'source.ip': '10.0.0.1', 'n': 1}
    """
    out: dict[str, Any] = {}
    for name, one in value.items():
        if isinstance(one, Mapping) and depth < _NESTED_MOST:
            out |= flat(one, prefix=f"{prefix}{name}.", depth=depth + 1)
        else:
            out[f"{prefix}{name}"] = one
    return out


def find(row: Mapping[str, Any], what: str) -> Any:
    """Return the first value a row has of this meaning; None: none, or blank."""
    for name in _NAMES[what]:
        value = row.get(name)
        if value is not None and value not in {"", "-"}:
            return value
    return None


def yes(value: object) -> bool:
    """Whether a cell says yes."""
    return str(value).strip().lower() in _YES


def address(value: object) -> str:
    """Return an address in its shortest form; what is no address as it is, up to 64 characters."""
    text = str(value or "").strip()[:64]
    try:
        return str(ipaddress.ip_address(text)) if ":" in text else text
    except ValueError:
        return text


def _login(
    row: Mapping[str, Any], at_s: float, account: str, source_ip: str, succeeded: bool  # noqa: FBT001
) -> Login:  # fmt: skip
    latitude, longitude = _number(find(row, "latitude")), _number(find(row, "longitude"))
    place = None
    if latitude is not None and longitude is not None:
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            raise Malformed("no place on earth")
        place = (latitude, longitude)
    return Login(
        at_s, account[:128], source_ip, succeeded, str(find(row, "device") or "")[:128], place,
        "unknown" in str(find(row, "reason") or ""),
    )  # fmt: skip


def _time(value: object, *, now_s: float) -> float:
    if value is None:
        return now_s
    number = _number(value)
    if number is not None:
        return number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError) as fault:
        raise Malformed("no time") from fault


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if isfinite(number) else None


def _whole(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _port(value: object) -> int | None:
    port = _whole(value)
    if port is None:
        return None
    if not 0 <= port <= 65_535:
        raise Malformed("no port")
    return port
