"""Scans: many ports, many machines; and what only looks like one."""

from __future__ import annotations

from analytics.threats.scans import ScanWatch
from tests.analytics.threats.builders import NOON_S, THRESHOLDS, a_flow, kinds


def found_in(flows):
    watch = ScanWatch(THRESHOLDS)
    return [alert for flow in flows for alert in watch.take(flow)]


def test_given_many_ports_of_one_machine_then_it_is_a_port_scan():
    found = found_in(a_flow(target_port=port, at_s=NOON_S + port / 10) for port in range(1, 60))

    assert kinds(found) == {"port_scan"}
    assert found[0].count == THRESHOLDS["port_scan"]["ports"]
    assert found[-1].evidence["target_ip"] == "192.0.2.1"


def test_given_one_port_of_many_machines_then_it_is_a_host_scan():
    found = found_in(
        a_flow(target_ip=f"192.0.2.{n}", target_port=22, at_s=NOON_S + n / 10) for n in range(60)
    )

    assert kinds(found) == {"host_scan"}
    assert found[-1].technique == "T1046"


def test_given_a_browser_with_many_connections_to_one_port_then_nothing_is_said():
    assert found_in(a_flow(at_s=NOON_S + n / 50) for n in range(2_000)) == []


def test_given_a_busy_server_that_a_thousand_customers_reach_then_nothing_is_said():
    assert found_in(a_flow(source_ip=f"10.1.{n // 250}.{n % 250}") for n in range(1_000)) == []


def test_given_a_scan_so_slow_that_windows_are_empty_then_it_is_below_the_rule():
    assert found_in(a_flow(target_port=n, at_s=NOON_S + n * 30) for n in range(1, 100)) == []


def test_given_thousands_of_failed_connections_at_once_then_it_is_a_flood():
    found = found_in(a_flow(failed=True, at_s=NOON_S + n / 1_000) for n in range(1_000))

    assert kinds(found) == {"connection_flood"}


def test_given_an_unknown_protocol_without_ports_then_it_is_taken_and_nothing_is_said():
    assert found_in(a_flow(protocol="sctp9", target_port=None) for _ in range(100)) == []


def test_given_every_port_of_the_world_then_memory_is_bounded_and_the_count_says_at_least():
    found = found_in(a_flow(target_port=port % 65_536) for port in range(3_000))

    assert found[-1].count == 128
    assert found[-1].sentence.startswith("At least 128")
