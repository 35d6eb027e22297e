"""Sinks of alerts: one that remembers, one that tells several.

The bank's own (security events to the SIEM, cases to the desk) are built above this room and obey
the same protocol, AlertSink.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from analytics.threats.alerts import Alert, AlertSink

log = structlog.get_logger("analytics.threats")


class Remembering:
    """Keeps alerts in memory: for measuring and for tests."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def raise_alert(self, alert: Alert) -> None:
        self.alerts.append(alert)


class Several:
    """Tells each sink; a fault of one is raised after all have heard."""

    def __init__(self, sinks: Sequence[AlertSink]) -> None:
        self._sinks = tuple(sinks)

    def raise_alert(self, alert: Alert) -> None:
        failed: list[Exception] = []
        for sink in self._sinks:
            try:
                sink.raise_alert(alert)
            except Exception as fault:  # noqa: BLE001  every sink hears first
                failed.append(fault)
        if failed:
            raise failed[0]
