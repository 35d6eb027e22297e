"""The watch: lines in, alerts out, and every line that was not looked at counted.

    lines ──▶ AnyFormat ──▶ Clock ──▶ logins · requests · scans ──▶ Quieter ──▶ AlertSink
                 │                       └── rows of flows wait for up to 512 of them ──▶ model
                 └── malformed, cut, dropped: counted, and an alarm when they are many

A detector that fails on an event is counted too and the next event is looked at: nobody may blind
the watch with one line. All memory is bounded (counting.py, inbox.py, Quieter).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import structlog

from analytics.threats.alerts import Alert, AlertSink, Quieter, Severity
from analytics.threats.events import Event, Flow, Login, Request, moment
from analytics.threats.logins import LoginWatch
from analytics.threats.reading.clock import Clock
from analytics.threats.reading.fields import Malformed
from analytics.threats.reading.formats import AnyFormat
from analytics.threats.reading.sources import Lost
from analytics.threats.requests.detecting import RequestWatch
from analytics.threats.requests.model import RequestModel
from analytics.threats.scans import ScanWatch
from analytics.threats.thresholds import Thresholds

#: Flows are scored together: one call of a model costs as much as fifty rows of it.
FLOWS_TOGETHER = 512
#: More than this share of unreadable lines, of at least so many, is an alarm.
_UNREADABLE_SHARE, _UNREADABLE_OF = 0.2, 200

log = structlog.get_logger("analytics.threats")


class FlowScorer(Protocol):
    """A learnt model of flows (flows/model.py)."""

    def suspicious(self, flows: Sequence[Flow]) -> list[Alert]:
        """Return an alert for each flow above the threshold; other flows than its own: none."""


@dataclass
class Counts:
    """What a watch has seen. `failed_count`: events that broke a detector."""

    lines_count: int = 0
    flows_count: int = 0
    requests_count: int = 0
    logins_count: int = 0
    malformed_count: int = 0
    skipped_count: int = 0
    failed_count: int = 0
    cut_count: int = 0
    dropped_count: int = 0
    skewed_count: int = 0
    forgotten_count: int = 0
    alerts_count: int = 0

    @property
    def events_count(self) -> int:
        return self.flows_count + self.requests_count + self.logins_count

    def as_json(self) -> dict[str, int]:
        return asdict(self)


class Watch:
    """Looks at lines of one source. live: times of lines are near `now_s`, this machine's."""

    def __init__(
        self,
        thresholds: Thresholds,
        sink: AlertSink,
        *,
        requests: RequestModel | None = None,
        flows: FlowScorer | None = None,
        live: bool = False,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.counts = Counts()
        self._sink = sink
        self._quieter = Quieter(self)
        self._logins = LoginWatch(thresholds)
        self._requests = RequestWatch(thresholds, requests)
        self._scans = ScanWatch(thresholds)
        self._flows = flows
        self._waiting: list[Flow] = []
        self._format = AnyFormat()
        self._now_s = now_s
        self._live = live
        self._clock = Clock(now_s if live else None)
        self._newest_s = 0.0
        self._told_dropped = 0
        self._unreadable, self._readable = 0, 0

    def raise_alert(self, alert: Alert) -> None:
        """Pass on what the Quieter lets through. A sink that fails stops nothing."""
        self.counts.alerts_count += 1
        try:
            self._sink.raise_alert(alert)
        except Exception:  # whatever a sink raises, the next line is looked at
            self.counts.failed_count += 1
            log.exception("alert_not_taken", kind=alert.kind)

    def take_lines(self, lines: Sequence[str], lost: Lost | None = None) -> None:
        """Look at some lines; `lost` is what their source has lost so far."""
        for line in lines:
            self.take_line(line)
        if lost is not None:
            self._note_lost(lost)
        self.counts.skewed_count = self._clock.skewed_count
        self.counts.forgotten_count = (
            self._logins.forgotten_count
            + self._requests.forgotten_count
            + self._scans.forgotten_count
        )

    def take_line(self, line: str) -> None:
        """Look at one line."""
        counts = self.counts
        counts.lines_count += 1
        try:
            event = self._format.parse(line, now_s=self._now_s())
        except Malformed:
            counts.malformed_count += 1
            self._note_readable(1, 0)
            return
        if event is None:
            counts.skipped_count += 1
            return
        self._note_readable(0, 1)
        self.take(event)

    def take(self, event: Event) -> None:
        """Look at one event."""
        at_s = self._clock.believed(event.at_s)
        if at_s != event.at_s:
            event = replace(event, at_s=at_s)
        self._newest_s = max(self._newest_s, at_s)
        try:
            found = self._alerts(event)
        except Exception:  # one event must not blind the watch
            self.counts.failed_count += 1
            log.exception("event_not_looked_at", kind=type(event).__name__)
            return
        for alert in found:
            self._quieter.raise_alert(alert)

    def rest(self) -> None:
        """Score what waits and pass on what is due: nothing came for a moment."""
        self._score_waiting()
        # A file is of the past: its newest event says what time it is there.
        now_s = self._now_s() if self._live else self._newest_s
        self._quieter.flush(moment(now_s))

    def end(self) -> Counts:
        """Pass on all that waits; return what was seen."""
        self._score_waiting()
        self._quieter.flush()
        return self.counts

    def _alerts(self, event: Event) -> list[Alert]:
        if isinstance(event, Login):
            self.counts.logins_count += 1
            return self._logins.take(event)
        if isinstance(event, Request):
            self.counts.requests_count += 1
            return self._requests.take(event)
        self.counts.flows_count += 1
        if self._flows is not None:
            self._waiting.append(event)
            if len(self._waiting) >= FLOWS_TOGETHER:
                self._score_waiting()
        return self._scans.take(event) if event.source_ip else []

    def _score_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting or self._flows is None:
            return
        try:
            found = self._flows.suspicious(waiting)
        except Exception:  # one row must not blind the watch
            self.counts.failed_count += len(waiting)
            log.exception("flows_not_scored", rows_count=len(waiting))
            return
        for alert in found:
            self._quieter.raise_alert(alert)

    def _note_lost(self, lost: Lost) -> None:
        self.counts.cut_count, self.counts.dropped_count = lost.cut_count, lost.dropped_count
        new = lost.dropped_count - self._told_dropped
        if new > 0:
            self._told_dropped = lost.dropped_count
            told = f"{lost.dropped_count:,} or more lines were dropped: more came than can be read."
            self._alarm("lines_dropped", Severity.HIGH, new, told, {"total": lost.dropped_count})

    def _note_readable(self, unreadable: int, readable: int) -> None:
        self._unreadable += unreadable
        self._readable += readable
        seen = self._unreadable + self._readable
        if seen < _UNREADABLE_OF:
            return
        if self._unreadable > _UNREADABLE_SHARE * seen:
            told = f"{self._unreadable} of {seen} lines could not be read."
            self._alarm(
                "lines_unreadable", Severity.MEDIUM, self._unreadable, told,
                {"format": self._format.name},
            )  # fmt: skip
        self._unreadable = self._readable = 0

    def _alarm(
        self, kind: str, severity: Severity, count: int, told: str, evidence: dict[str, Any]
    ) -> None:
        # T1562.006: who floods or garbles a log may want to blind whoever reads it.
        self._quieter.raise_alert(
            Alert(
                at_utc=moment(self._newest_s or self._now_s()), kind=kind, severity=severity,
                technique="T1562.006", subject="watch", source_ip="", count=count, sentence=told,
                evidence=evidence,
            )
        )  # fmt: skip
