"""Scans and floods, counted from connections: many doors tried, or one door very often.

    one source ──▶ many ports of one target   port_scan           T1046  (vertical)
               ──▶ one port of many targets   host_scan           T1046  (horizontal)
               ──▶ many that fail, at once    connection_flood    T1499

Only connections to ports are counted, whatever their protocol is called. A web server that answers
a thousand browsers, or a browser that opens a hundred connections to one port, is neither. Sets
are capped and sources bounded: an attacker fills neither memory.
"""

from __future__ import annotations

from analytics.threats.alerts import Alert, Evidence, Severity, source_alert
from analytics.threats.counting import Book, Burst, Distinct
from analytics.threats.events import Flow
from analytics.threats.thresholds import Thresholds

_COUNTED_MOST = 128
#: Targets and ports of one source that are followed at once.
_PARTS_MOST = 8
_SHOWN = 8


class _Source:
    """One address: its last few targets with their ports, its last few ports with their targets."""

    __slots__ = ("failures", "hosts", "ports")

    def __init__(self) -> None:
        self.ports = Book(_counted, most=_PARTS_MOST)
        self.hosts = Book(_counted, most=_PARTS_MOST)
        self.failures = Burst()


def _counted() -> Distinct:
    return Distinct(most=_COUNTED_MOST)


class ScanWatch:
    """Takes connections one by one; returns the alerts each one causes."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._at = thresholds
        self._sources = Book(_Source, most=int(thresholds["memory"]["sources"]))

    @property
    def forgotten_count(self) -> int:
        """Sources that memory had no place for any more."""
        return self._sources.forgotten_count

    def take(self, flow: Flow) -> list[Alert]:
        """Count one connection; return what it makes suspicious."""
        source = self._sources.at(flow.source_ip)
        found: list[Alert] = []
        if flow.target_port is not None:
            # One of many targets is followed by its ports, one of many ports by its targets.
            ports = source.ports.at(flow.target_ip)
            hosts = source.hosts.at(str(flow.target_port))
            at = self._at["port_scan"]
            count = ports.add(flow.target_port, flow.at_s, span_s=at["span_s"])
            if count >= at["ports"]:
                found.append(self._ports(flow, ports))
            at = self._at["host_scan"]
            count = hosts.add(flow.target_ip, flow.at_s, span_s=at["span_s"])
            if count >= at["hosts"]:
                found.append(self._hosts(flow, hosts))
        if flow.failed:
            at = self._at["connection_flood"]
            level = source.failures.add(flow.at_s, half_life_s=at["half_life_s"])
            if level >= at["failures"]:
                found.append(self._flood(flow, source.failures))
        return found

    def _ports(self, flow: Flow, ports: Distinct) -> Alert:
        told = f"{_so_many(ports)} ports of {flow.target_ip} tried within a minute."
        evidence: Evidence = {"target_ip": flow.target_ip, "ports": ports.some(_SHOWN)}
        return source_alert(flow, "port_scan", Severity.HIGH, "T1046", len(ports), told, evidence)

    def _hosts(self, flow: Flow, hosts: Distinct) -> Alert:
        told = f"Port {flow.target_port} of {_so_many(hosts)} machines tried within a minute."
        evidence: Evidence = {"target_port": flow.target_port or 0, "hosts": hosts.some(_SHOWN)}
        return source_alert(flow, "host_scan", Severity.HIGH, "T1046", len(hosts), told, evidence)

    def _flood(self, flow: Flow, failures: Burst) -> Alert:
        told = f"{failures.count} connections of one address failed at once."
        return source_alert(
            flow, "connection_flood", Severity.MEDIUM, "T1499", failures.count, told, {}
        )


def _so_many(things: Distinct) -> str:
    return f"At least {len(things)}" if things.is_full else str(len(things))
