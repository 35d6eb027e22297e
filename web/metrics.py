"""What an operator watches: one registry per application, no customer id in any label."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bank.domain.security_events import LineCounts
from bank.services.security_events import SiemQueue


class Metrics:
    """The counters of one web process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Counter(
            "florin_turns", "Customer messages handled", ["outcome"], registry=self.registry
        )
        self.apologies = Counter(
            "florin_assistant_failures",
            "Turns the assistant left without an answer: raise an alarm when this grows",
            registry=self.registry,
        )
        self.turn_s = Histogram(
            "florin_turn_seconds",
            "Time from receiving a message to its stored replies",
            buckets=(0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 15, 35),
            registry=self.registry,
        )
        self.sockets = Gauge(
            "florin_open_sockets", "Open live connections", ["side"], registry=self.registry
        )
        self.rate_limited = Counter(
            "florin_rate_limited", "Requests refused as too many", registry=self.registry
        )
        self.scores = Counter(
            "florin_score_calls",
            "Calls of the scoring door; the caller is a key's id",
            ["model", "caller", "outcome"],
            registry=self.registry,
        )
        self.scored_rows = Counter(
            "florin_scored_rows", "Rows scored", ["model"], registry=self.registry
        )
        self.score_s = Histogram(
            "florin_score_seconds",
            "Time from a checked caller to the scores",
            ["model"],
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
            registry=self.registry,
        )
        self.guards = Gauge(
            "florin_guard_ready",
            "Whether what watches beside the doors is loaded: 0 for long is an alarm",
            ["guard"],
            registry=self.registry,
        )
        self.siem_waiting = Gauge(
            "florin_siem_waiting", "Security events not delivered yet", registry=self.registry
        )
        self.siem_dead = Gauge(
            "florin_siem_dead", "Security events that cannot be written", registry=self.registry
        )
        self.siem_dropped = Gauge(
            "florin_siem_dropped",
            "Security events counted instead of kept, and not told yet: raise an alarm",
            registry=self.registry,
        )
        self.siem_line = Gauge(
            "florin_siem_line", "This process's line to the SIEM", ["count"],
            registry=self.registry,
        )  # fmt: skip
        self.faults = Counter(
            "florin_faults", "Requests that ended in a bug of ours", registry=self.registry
        )

    def set_siem(self, queue: SiemQueue, line: LineCounts) -> None:
        """Show the way to the SIEM as it is now."""
        self.siem_waiting.set(queue.waiting_count)
        self.siem_dead.set(queue.dead_count)
        self.siem_dropped.set(queue.dropped_count)
        for name in ("written", "believed", "returned", "breaks", "shortened"):
            self.siem_line.labels(name).set(getattr(line, name))

    def render(self) -> bytes:
        """Return the Prometheus text format."""
        return generate_latest(self.registry)
