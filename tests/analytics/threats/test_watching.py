"""The watch as a whole: mixed lines, floods, faults; everything seen or counted."""

from __future__ import annotations

import random

from analytics.threats.alerts import Severity
from analytics.threats.reading.lines import LineCutter
from analytics.threats.reading.sources import Lost
from analytics.threats.sinks import Remembering
from analytics.threats.watching import Watch
from tests.analytics.threats.builders import NOON_S, THRESHOLDS, a_flow, an_alert, kinds

ACCESS = '{} - - [02/Mar/2026:12:00:{:02d} +0000] "GET {} HTTP/1.1" {} 1 "-" "-"'


def a_watch(**changes):
    sink = changes.pop("sink", None) or Remembering()
    return Watch(THRESHOLDS, sink, **changes), sink


def test_given_an_attack_among_ordinary_lines_then_its_alert_names_source_and_reason():
    watch, sink = a_watch()
    lines = [ACCESS.format("198.51.100.1", n, f"/cards?page={n}", 200) for n in range(50)]
    lines.insert(20, ACCESS.format("203.0.113.9", 20, "/a?id=1%27%20or%201=1--", 200))

    watch.take_lines(lines)
    counts = watch.end()

    assert counts.requests_count == 51
    (alert,) = sink.alerts
    assert (alert.kind, alert.source_ip, alert.severity) == (
        "request_attack", "203.0.113.9", Severity.HIGH,
    )  # fmt: skip
    assert alert.technique == "T1190"
    assert "' or 1=" in alert.evidence["spans"][0]


def test_given_forty_paths_that_are_not_there_then_it_is_a_path_scan():
    watch, sink = a_watch()

    watch.take_lines([ACCESS.format("203.0.113.9", n, f"/p{n}", 404) for n in range(40)])

    assert kinds(sink.alerts) == {"path_scan"}


def test_given_malformed_lines_then_they_are_counted_and_many_are_an_alarm():
    watch, sink = a_watch()
    good = ACCESS.format("198.51.100.1", 1, "/", 200)

    watch.take_lines([good, *["\x00garbage"] * 300])
    counts = watch.end()

    assert counts.malformed_count == 300
    assert kinds(sink.alerts) == {"lines_unreadable"}


def test_given_lines_that_a_source_dropped_then_an_alarm_says_how_many():
    watch, sink = a_watch()

    watch.take_lines([], Lost(cut_count=2, dropped_count=1_000))
    watch.take_lines([], Lost(cut_count=2, dropped_count=1_000))
    counts = watch.end()

    assert (counts.cut_count, counts.dropped_count) == (2, 1_000)
    assert [(alert.kind, alert.count) for alert in sink.alerts] == [("lines_dropped", 1_000)]


def test_given_a_sink_that_fails_then_the_watch_goes_on_and_counts():
    class Broken:
        def raise_alert(self, alert):
            raise RuntimeError

    watch, _ = a_watch(sink=Broken())

    watch.take_lines([ACCESS.format("203.0.113.9", 1, "/etc/passwd", 200)] * 2)
    counts = watch.end()

    assert counts.requests_count == 2
    assert counts.failed_count == counts.alerts_count == 2


def test_given_a_model_that_fails_then_its_flows_are_counted_and_rules_still_hold():
    class Broken:
        def suspicious(self, flows):
            raise RuntimeError

    watch, sink = a_watch(flows=Broken())

    for port in range(1, 60):
        watch.take(a_flow(target_port=port, at_s=NOON_S + port / 10))
    counts = watch.end()

    assert kinds(sink.alerts) == {"port_scan"}
    assert counts.failed_count == 59


def test_given_flows_then_the_model_gets_them_together_and_none_is_missed():
    class Counting:
        sizes = ()

        def suspicious(self, flows):
            self.sizes += (len(flows),)
            return [an_alert(kind="flow_anomaly", count=0)]

    scorer = Counting()
    watch, sink = a_watch(flows=scorer)

    for _ in range(1_100):
        watch.take(a_flow())
    watch.end()

    assert scorer.sizes == (512, 512, 76)
    assert "flow_anomaly" in kinds(sink.alerts)


def test_given_a_flood_of_invented_sources_then_memory_is_bounded_and_all_are_counted():
    small = {**THRESHOLDS, "memory": {"sources": 100, "accounts": 100}}
    watch = Watch(small, Remembering())

    lines = [ACCESS.format(f"10.{n >> 8}.{n & 255}.1", n % 60, "/x", 404) for n in range(5_000)]
    watch.take_lines(lines)
    counts = watch.end()

    assert counts.lines_count == counts.requests_count == 5_000
    assert counts.forgotten_count == 4_900
    assert len(watch._requests._sources) == 100


def test_given_a_million_bytes_in_one_line_then_its_attack_is_still_seen():
    watch, sink = a_watch()
    line = ACCESS.format("203.0.113.9", 1, "/a?q=<script>alert(1)</script>" + "a" * 1_000_000, 200)
    cutter = LineCutter()

    watch.take_lines(list(cutter.feed(line.encode() + b"\n")), Lost(cutter.cut_count))
    counts = watch.end()

    assert counts.cut_count == 1
    assert kinds(sink.alerts) == {"request_attack"}


def test_every_line_is_an_event_a_skip_or_malformed():
    draw = random.Random(2)
    watch, _ = a_watch()
    lines = [
        draw.choice(
            [ACCESS.format("198.51.100.1", 1, "/", 200), "{", "", '{"src": "203.0.113.1"}',
             "<13>Mar  2 12:00:00 h cron[9]: x", "\udcff", "a,b"]
        )
        for _ in range(500)
    ]  # fmt: skip

    watch.take_lines(lines)
    counts = watch.end()

    seen = counts.events_count + counts.malformed_count + counts.skipped_count
    assert counts.lines_count == seen == 500
    assert counts.failed_count == 0
