"""Events for tests: only what a test is about differs from the ordinary."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from analytics.threats.alerts import Alert, Severity
from analytics.threats.events import Flow, Login, Request
from analytics.threats.thresholds import load_thresholds

NOON_S = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
THRESHOLDS = load_thresholds()
BERLIN, MADRID = (52.52, 13.40), (40.42, -3.70)


def a_login(**changes: Any) -> Login:
    told = {
        "at_s": NOON_S, "account": "cu_amal", "source_ip": "203.0.113.5", "succeeded": True,
        "device": "phone",
    }  # fmt: skip
    return Login(**{**told, **changes})


def a_failure(**changes: Any) -> Login:
    return a_login(**{"succeeded": False, "device": "stranger", **changes})


def a_flow(**changes: Any) -> Flow:
    told = {
        "at_s": NOON_S, "source_ip": "203.0.113.5", "target_ip": "192.0.2.1", "target_port": 443,
        "protocol": "tcp",
    }  # fmt: skip
    return Flow(**{**told, **changes})


def a_request(target: str, **changes: Any) -> Request:
    told = {"at_s": NOON_S, "source_ip": "203.0.113.5", "method": "GET", "status": 200}
    return Request(**{**told, "target": target, **changes})


def an_alert(**changes: Any) -> Alert:
    told = {
        "at_utc": NOON, "kind": "brute_force", "severity": Severity.HIGH,
        "technique": "T1110.001", "subject": "cu_amal", "source_ip": "203.0.113.5", "count": 10,
        "sentence": "10 wrong passwords.",
    }  # fmt: skip
    return Alert(**{**told, **changes})


def kinds(alerts: list[Alert]) -> set[str]:
    return {alert.kind for alert in alerts}
