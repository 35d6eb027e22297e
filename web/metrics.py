"""What an operator watches: one registry per application, no customer id in any label."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


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
        self.faults = Counter(
            "florin_faults", "Requests that ended in a bug of ours", registry=self.registry
        )

    def render(self) -> bytes:
        """Return the Prometheus text format."""
        return generate_latest(self.registry)
