"""Alerts: what was seen, how bad it is, which technique it is, and on what evidence.

    detector ──▶ Alert ──▶ Quieter ──▶ AlertSink
                             └─ the same alert at most once a minute, with how often it came

A technique is an id of MITRE ATT&CK (attack.mitre.org), so that a SIEM can group by it. A sentence
is for staff; it quotes no password, no cookie and no whole request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Protocol, TypeAlias

from analytics.threats.events import Flow, Request, moment

#: What an alert may hold beside its sentence: JSON, small.
Evidence: TypeAlias = Mapping[str, str | int | float | bool | list[str]]

REPEAT_AFTER = timedelta(minutes=1)
_KEPT_MOST = 4_096


class Severity(IntEnum):
    """How soon somebody looks. Ordered: `alert.severity >= Severity.HIGH`."""

    INFO = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One suspicion.

    kind: a stable code such as "brute_force"; rules of responses and dashboards key on it.
    technique: MITRE ATT&CK id, or "" where none fits. subject: an account, an address or a part
    of Florin. source_ip: "" where there is none. count: how many events are the evidence; 0 for a
    score alone, which nobody may be blocked for.
    """

    at_utc: datetime
    kind: str
    severity: Severity
    technique: str
    subject: str
    source_ip: str
    count: int
    sentence: str
    evidence: Evidence = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two alerts the same one."""
        return self.kind, self.subject, self.source_ip

    def as_json(self) -> dict[str, Any]:
        return {
            "at_utc": self.at_utc.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "kind": self.kind, "severity": self.severity.name.lower(),
            "technique": self.technique, "subject": self.subject, "source_ip": self.source_ip,
            "count": self.count, "sentence": self.sentence, "evidence": dict(self.evidence),
        }  # fmt: skip


def source_alert(
    event: Flow | Request, kind: str, severity: Severity, technique: str, count: int, told: str,
    evidence: Evidence,
) -> Alert:  # fmt: skip
    """Return an alert whose subject is the address the event came from."""
    return Alert(
        at_utc=moment(event.at_s), kind=kind, severity=severity, technique=technique,
        subject=event.source_ip, source_ip=event.source_ip, count=count, sentence=told,
        evidence=evidence,
    )  # fmt: skip


class AlertSink(Protocol):
    """Where alerts go."""

    def raise_alert(self, alert: Alert) -> None:
        """Take one alert. Must not block for long: events wait behind it."""


class Quieter:
    """Passes an alert on at once, and the same one again at most once a minute.

    What came in between is not lost: the next one that passes says how often in
    `evidence["repeated_count"]`, and `flush` passes on what nothing followed. Memory is bounded:
    of more than 4,096 different alerts the oldest is flushed early.
    """

    def __init__(self, sink: AlertSink, *, again_after: timedelta = REPEAT_AFTER) -> None:
        self._sink = sink
        self._again_after = again_after
        #: Key → when it passed last, the newest that waits, how many wait.
        self._known: dict[tuple[str, str, str], tuple[datetime, Alert | None, int]] = {}

    def raise_alert(self, alert: Alert) -> None:
        known = self._known.pop(alert.key, None)
        if known is None:
            while len(self._known) >= _KEPT_MOST:
                _, waiting, count = self._known.pop(next(iter(self._known)))
                self._pass(waiting, count)
            self._known[alert.key] = (alert.at_utc, None, 0)
            self._sink.raise_alert(alert)
            return
        passed_utc, waiting, count = known
        if waiting is not None and waiting.count > alert.count:
            # A burst that fades: keep the height it had.
            alert = replace(alert, count=waiting.count)
        # abs: a clock set back must not silence an alert for as long as it was set back.
        if abs(alert.at_utc - passed_utc) >= self._again_after:
            self._known[alert.key] = (alert.at_utc, None, 0)
            self._pass(alert, count + 1)
        else:
            self._known[alert.key] = (passed_utc, alert, count + 1)

    def flush(self, now_utc: datetime | None = None) -> None:
        """Pass on what has waited its minute; None: all that waits, as at the end of a file."""
        for key, (passed_utc, waiting, count) in list(self._known.items()):
            if now_utc is not None and abs(now_utc - passed_utc) < self._again_after:
                continue
            self._pass(waiting, count)
            if now_utc is None or waiting is None:
                del self._known[key]
            else:
                self._known[key] = (now_utc, None, 0)

    def _pass(self, alert: Alert | None, count: int) -> None:
        if alert is None:
            return
        told = {**alert.evidence, "repeated_count": count} if count > 1 else alert.evidence
        self._sink.raise_alert(replace(alert, evidence=told))
