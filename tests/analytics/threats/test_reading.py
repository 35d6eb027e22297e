"""Lines of every format, and lines of none: read, or counted as malformed; never a crash."""

from __future__ import annotations

import gzip
import json
import os
import random
import socket
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.threats.events import Flow, Login, Request
from analytics.threats.reading.clock import Clock
from analytics.threats.reading.fields import Malformed
from analytics.threats.reading.formats import AnyFormat
from analytics.threats.reading.inbox import Inbox
from analytics.threats.reading.lines import LineCutter
from analytics.threats.reading.sources import (
    FileSource,
    GrowingSource,
    InputSource,
    SocketSource,
    open_source,
)
from tests.analytics.threats.builders import NOON_S

NOON_LOG = "02/Mar/2026:12:00:00 +0000"


def read(*lines, now_s=NOON_S):
    form = AnyFormat()
    return [form.parse(line, now_s=now_s) for line in lines]


def test_given_a_combined_access_line_then_it_is_a_request():
    (event,) = read(
        f'203.0.113.7 - amal [{NOON_LOG}] "GET /a?b=\\"1 HTTP/1.1" 404 12 "-" "curl/8 \\"x\\""'
    )

    assert event == Request(NOON_S, "203.0.113.7", "GET", '/a?b=\\"1', 404, 'curl/8 \\"x\\"')


def test_given_aiohttps_own_access_line_then_it_is_a_request():
    (event,) = read(f'::1 [{NOON_LOG}] "POST /login HTTP/1.1" 200 12 "-" "Mozilla/5.0"')

    assert event == Request(NOON_S, "::1", "POST", "/login", 200, "Mozilla/5.0")


def test_given_bytes_of_a_tls_client_as_a_request_line_then_they_are_the_target():
    (event,) = read(f'203.0.113.7 - - [{NOON_LOG}] "\\x16\\x03\\x01" 400 0 "-" "-"')

    assert (event.method, event.target, event.status) == ("", "\\x16\\x03\\x01", 400)


def test_given_a_zone_then_the_time_is_utc():
    (event,) = read('203.0.113.7 - - [02/Mar/2026:13:30:00 +0130] "GET / HTTP/1.1" 200 1 "-" "-"')

    assert event.at_s == NOON_S


def test_given_zeeks_conn_log_then_fields_follow_its_header():
    events = read(
        "#separator \\x09",
        "#fields\tts\tid.orig_h\tid.resp_h\tid.resp_p\tproto\tconn_state",
        f"{NOON_S}\t203.0.113.7\t192.0.2.1\t22\ttcp\tS0",
        f"{NOON_S}\t203.0.113.7\t192.0.2.1\t-\tunknown_transport\t-",
        "#close\t2026",
    )

    first, second = events[2:4]
    assert (first.source_ip, first.target_port, first.failed) == ("203.0.113.7", 22, True)
    assert (second.target_port, second.protocol) == (None, "unknown_transport")
    assert events[0] is events[1] is events[4] is None


def test_given_a_csv_then_its_header_names_the_columns_whatever_the_separator():
    header, row = read("src_ip;dst_ip;dport;proto;bytes", "203.0.113.7;192.0.2.1;443;tcp;12")

    assert header is None
    assert (row.source_ip, row.target_port, row.row["bytes"]) == ("203.0.113.7", 443, "12")


def test_given_json_of_elastics_schema_then_nested_names_are_found():
    line = json.dumps(
        {"@timestamp": "2026-03-02T12:00:00Z", "source": {"ip": "203.0.113.7"},
         "user": {"name": "cu_amal"}, "event": {"outcome": "failure", "reason": "unknown user"}}
    )  # fmt: skip

    (event,) = read(line)

    assert event == Login(NOON_S, "cu_amal", "203.0.113.7", False, unknown_account=True)


@pytest.mark.parametrize(
    "line",
    [
        "<38>Mar  2 12:00:00 host sshd[8]: Failed password for invalid user bob from 203.0.113.7 port 9 ssh2",
        "<38>1 2026-03-02T12:00:00Z host sshd 8 - - Failed password for invalid user bob from 203.0.113.7 port 9 ssh2",
        "Mar  2 12:00:00 host sshd[8]: Failed password for invalid user bob from 203.0.113.7 port 9 ssh2",
        '104 <38>1 2026-03-02T12:00:00Z host sshd 8 - [a b="c\\]"] Failed password for invalid user bob from 203.0.113.7 port 9 ssh2',
    ],
)
def test_given_both_kinds_of_syslog_then_sshds_words_are_a_login(line):
    (event,) = read(line)

    assert event == Login(NOON_S, "bob", "203.0.113.7", False, unknown_account=True)


def test_given_syslog_around_an_access_line_then_it_is_a_request_at_syslogs_time():
    (event,) = read(
        "<134>1 2026-03-02T12:00:00Z web florin - - - 203.0.113.7 - - "
        '[01/Jan/2020:00:00:00 +0000] "GET /x HTTP/1.1" 200 1 "-" "-"'
    )

    assert isinstance(event, Request)
    assert event.at_s == NOON_S


def test_given_syslog_about_something_else_then_it_is_whole_and_says_nothing():
    assert read("<13>Mar  2 12:00:00 host cron[9]: job done") == [None]


def test_given_lines_of_several_formats_then_each_is_read_by_its_looks():
    events = read(
        '{"src": "203.0.113.7", "dst": "192.0.2.1", "dport": 22}',
        f'203.0.113.7 - - [{NOON_LOG}] "GET / HTTP/1.1" 200 1 "-" "-"',
        "<38>Mar  2 12:00:00 host sshd[8]: Accepted password for bob from 203.0.113.7 port 9 ssh2",
    )

    assert [type(event) for event in events] == [Flow, Request, Login]


@pytest.mark.parametrize(
    "line",
    [
        '{"at": "no time", "src": "1"}', '{"a": ', "[" * 5_000, '{"dport": 99999, "src": "1"}',
        '{"lat": 99, "lon": 0, "user": "a", "success": 1}', '{"at": 1e999999}',
        "1\t2\t3", '"an open quote', '203.0.113.7 - - [99/Foo/2026:12:00:00 +0000] "GET" 1 1',
        "<38>Feb 30 12:00:00 host sshd[8]: x",
    ],
)  # fmt: skip
def test_given_a_malformed_line_then_it_is_refused_without_quoting_it(line):
    form = AnyFormat()
    form.parse('{"src": "203.0.113.7"}', now_s=NOON_S)

    try:
        form.parse(line, now_s=NOON_S)
    except Malformed as refusal:
        assert line[:20] not in str(refusal)  # noqa: PT017


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_lines_give_events_or_malformed(first, second):
    form = AnyFormat()
    for line in (first, second):
        try:
            form.parse(line, now_s=NOON_S)
        except Malformed:
            continue


@given(st.binary(max_size=2_000), st.integers(1, 97), st.integers(8, 200))
def test_lines_do_not_depend_on_where_the_bytes_are_cut(raw, step, most):
    whole, parts = LineCutter(most_bytes=most), LineCutter(most_bytes=most)

    at_once = [*whole.feed(raw), *whole.end()]
    piecewise = [
        line for start in range(0, len(raw), step) for line in parts.feed(raw[start : start + step])
    ] + list(parts.end())

    assert piecewise == at_once
    assert parts.cut_count == whole.cut_count
    assert all(len(line) <= most for line in at_once)


def test_given_a_line_of_a_megabyte_then_its_head_is_given_and_it_is_counted():
    cutter = LineCutter()

    lines = list(cutter.feed(b"GET /" + b"a" * 1_000_000 + b"\nnext\n"))

    assert lines[0].startswith("GET /aaa")
    assert lines[1] == "next"
    assert cutter.cut_count == 1


def test_given_a_line_that_never_ends_then_memory_is_bounded():
    cutter = LineCutter()

    for _ in range(200):
        assert len(list(cutter.feed(b"x" * 65_536))) <= 1

    assert len(cutter._rest) <= 16_384
    assert cutter.cut_count == 1


def test_given_a_full_inbox_then_what_does_not_fit_is_counted_and_not_kept():
    inbox = Inbox(lines_most=10, characters_most=100)

    taken = [inbox.put("x" * 8) for _ in range(20)]

    assert sum(taken) == 10
    assert inbox.dropped_count == 10
    assert inbox.take(most=7, wait_s=0) == ["x" * 8] * 7
    inbox.close()
    assert inbox.dropped_count == 13  # nobody came for the last three
    assert inbox.take(most=1, wait_s=0) is None


def test_given_a_gzipped_file_then_it_is_read(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"one\ntwo"))

    assert [line for lines in FileSource(path).batches() for line in lines] == ["one", "two"]


def test_given_a_file_that_grows_and_is_rotated_then_nothing_is_missed(tmp_path):
    path = tmp_path / "log"
    path.write_text("one\n")
    source = GrowingSource(path)
    seen, steps = (
        [],
        iter(
            [
                lambda: path.write_text("one\ntwo\n"),
                lambda: path.rename(tmp_path / "old"),
                lambda: path.write_text("three\n"),
                lambda: None,
                lambda: None,
                lambda: None,
                source.close,
            ]
        ),
    )

    for lines in source.batches():
        seen += lines
        if not lines:
            next(steps, source.close)()

    assert seen == ["one", "two", "three"]


def test_given_standard_input_that_stays_open_then_lines_are_given_as_they_come(monkeypatch):
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as ours, os.fdopen(writing, "wb", buffering=0) as theirs:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=ours))
        batches = InputSource().batches()

        theirs.write(b"one\ntw")
        first = next(batches)
        theirs.write(b"o\n")
        second = next(batches)

    assert (first, second) == (["one"], ["two"])


def test_given_more_than_the_kernel_holds_then_what_it_dropped_is_counted():
    source = SocketSource("udp", "127.0.0.1", 0)
    source._listener._stop.set()  # nobody reads for a while
    source._listener._thread.join()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", source.port))
        for _ in range(600):
            sender.send(b"x" * 32_000)
        source._listener._stop.clear()
        thread = threading.Thread(target=source._listener._datagrams, daemon=True)
        thread.start()
        for _ in range(300):
            sender.send(b"last")
            if source.lost().dropped_count:
                break
            time.sleep(0.01)
    source._listener._thread = thread
    source.close()

    assert source.lost().dropped_count > 0


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_given_a_port_then_lines_sent_to_it_arrive(kind):
    source = SocketSource(kind, "127.0.0.1", 0)
    how = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, how) as sender:
        sender.connect(("127.0.0.1", source.port))
        for place in range(50):
            sender.send(f"line {place}\n".encode())

    seen = []
    for tries, lines in enumerate(source.batches()):
        seen += lines
        if len(seen) == 50 or tries > 100:
            source.close()

    assert seen == [f"line {place}" for place in range(50)]


def test_given_more_datagrams_than_fit_then_the_rest_is_counted():
    source = SocketSource("udp", "127.0.0.1", 0, inbox=Inbox(lines_most=5))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", source.port))
        sender.send(b"\n".join(b"x" for _ in range(40)))
    for _ in range(200):
        if source.lost().dropped_count:
            break
        time.sleep(0.01)
    source.close()

    assert source.lost().dropped_count == 40  # and the five that nobody came for


@pytest.mark.parametrize("told", ["udp:", "udp:x", "tcp:70000", "nowhere.log"])
def test_given_a_source_that_is_none_then_it_is_refused_with_a_sentence(told):
    with pytest.raises((ValueError, OSError), match=told.split(":", maxsplit=1)[0]):
        open_source(told)


def test_given_one_line_from_the_future_then_the_clock_does_not_follow():
    clock = Clock()

    times = [clock.believed(at_s) for at_s in (0, 10, 4e9, 20, 30)]

    assert times == [0, 10, 10, 20, 30]
    assert clock.skewed_count == 1


def test_given_three_lines_that_agree_then_a_night_has_passed():
    clock = Clock()

    assert [clock.believed(at_s) for at_s in (0, 40_000, 40_001, 40_002, 40_003)][-2:] == [
        40_002, 40_003,
    ]  # fmt: skip


def test_given_a_live_source_then_a_clock_two_hours_late_counts_as_now():
    clock = Clock(lambda: 10_000.0)

    assert [clock.believed(at_s) for at_s in (9_990, 2_800, 99_999)] == [9_990, 10_000, 10_000]
    assert clock.skewed_count == 2


@given(st.lists(st.floats(-1e12, 1e12), max_size=50))
def test_a_clock_of_a_file_never_jumps_ahead_of_two_lines(times):
    clock = Clock()
    believed = [clock.believed(at_s) for at_s in times]

    assert all(one in times for one in believed)


def test_a_random_mutation_of_good_lines_never_breaks_a_reader():
    draw = random.Random(5)
    good = [
        f'203.0.113.7 - - [{NOON_LOG}] "GET /a HTTP/1.1" 200 1 "-" "-"',
        '{"src": "203.0.113.7", "dport": 22, "at": 1}',
        "<38>1 2026-03-02T12:00:00Z h sshd 8 - - Failed password for a from 203.0.113.7 port 9",
        f"{NOON_S}\tC\t203.0.113.7\t1\t192.0.2.1\t22\ttcp\t-\t1\t1\t1\tS0\tT\tT\t0\tS\t1\t1\t1\t1\t-",
    ]
    for _ in range(1_500):
        line = list(draw.choice(good))
        for _ in range(draw.randrange(1, 6)):
            line[draw.randrange(len(line))] = chr(draw.randrange(1, 300))
        form = AnyFormat()
        try:
            form.parse("".join(line), now_s=NOON_S)
        except Malformed:
            continue
