"""How an event is written: CEF, ECS, the envelope of syslog. Readers of the tests' own read it back."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.delivery.siem.cef import format_cef
from bank.delivery.siem.ecs import format_ecs
from bank.delivery.siem.kinds import KINDS
from bank.delivery.siem.syslog import (
    STREAM_MAX_BYTES,
    UDP_MAX_BYTES,
    Envelopes,
    TooLong,
    count_octets,
)
from bank.domain.errors import InvalidInput
from bank.domain.security_events import (
    DEFAULTS,
    DETAIL_MAX_CHARS,
    DETAILS_MAX_COUNT,
    SUBJECT_MAX_CHARS,
    EventOutcome,
    SecurityEvent,
    SecurityEventKind,
    clean_details,
    from_json,
    one_line,
    parse_ip,
    to_json,
    validate_event,
)
from tests.bank.builders import NOON

#: ECS 8, event.category and event.type: closed lists.
CATEGORIES = set(
    "api authentication configuration database driver email file host iam intrusion_detection "
    "library malware network package process registry session threat vulnerability web".split()
)
TYPES = set(
    "access admin allowed change connection creation deletion denied device end error group "
    "indicator info installation protocol start user".split()
)


def an_event(**more) -> SecurityEvent:
    told = {
        "id": "sv_1", "at_utc": NOON, "kind": SecurityEventKind.THREAT_LOGIN, "severity": 7,
        "outcome": EventOutcome.SUCCESS, "actor_kind": "system", "actor_id": "system",
        "customer_id": "cu_1", "conversation_id": "cv_1", "source_ip": "203.0.113.7",
        "subject": "cu_1", "reason": "password_spraying", "case_id": "ca_1",
        "technique": "T1110.003", "details": {"names_count": 40},
    }  # fmt: skip
    return SecurityEvent(**{**told, **more})


TEXTS = st.text(max_size=200)
EVENTS = st.builds(
    an_event,
    kind=st.sampled_from(SecurityEventKind),
    severity=st.integers(0, 10),
    subject=TEXTS.map(one_line),
    actor_id=TEXTS,
    customer_id=st.none() | TEXTS,
    case_id=st.none() | TEXTS,
    source_ip=st.none() | st.ip_addresses().map(lambda one: parse_ip(str(one))),
    technique=st.none() | st.just("T1595") | st.just("T1110.003"),
    details=st.dictionaries(
        st.from_regex(r"\A[a-z][a-z0-9_]{0,20}\Z"), TEXTS | st.integers(), max_size=20
    ).map(clean_details),
)


def read_cef(line: str) -> tuple[list[str], dict[str, str]]:
    """Split at unescaped pipes and at keys before an unescaped equals sign, as receivers do."""
    *header, extension = re.split(r"(?<!\\)(?:\\\\)*\|", line, maxsplit=7)
    keys = list(re.finditer(r"(?:^| )([A-Za-z0-9]+)=", extension))
    told = {}
    for key, after in zip(keys, [*keys[1:], None], strict=True):
        raw = extension[key.end() : after.start() if after else None]
        told[key[1]] = re.sub(r"\\(.)", lambda one: {"n": "\n", "r": "\r"}.get(one[1], one[1]), raw)
    return header, told


@given(EVENTS)
def test_any_event_in_cef_is_one_line_that_reads_back(event):
    line = format_cef(event)

    header, told = read_cef(line)

    assert "\n" not in line
    assert "\r" not in line
    assert header[:2] == ["CEF:0", "Florin"]
    assert (header[4], int(header[6])) == (event.kind.value, event.severity)
    assert told["externalId"] == event.id
    assert told["cs4"] == event.subject
    assert told["suid"] == event.actor_id
    assert told.get("src", told.get("c6a2")) == event.source_ip


@given(EVENTS)
def test_any_event_in_ecs_is_one_line_of_json_that_reads_back(event):
    line = format_ecs(event)

    told = json.loads(line)

    assert "\n" not in line
    assert told["event"]["id"] == event.id
    assert told["event"]["severity"] == event.severity
    assert told["labels"]["subject"] == event.subject
    assert told["user"]["id"] == event.actor_id
    assert told.get("source", {}).get("ip") == event.source_ip
    assert told.get("florin", {}).get("details", {}) == event.details


@given(EVENTS, st.sampled_from([UDP_MAX_BYTES, STREAM_MAX_BYTES]))
def test_no_envelope_is_longer_than_its_line_and_none_is_cut(event, max_bytes):
    known = replace(event, actor_id=one_line(event.actor_id), customer_id=None, case_id=None)
    envelopes = Envelopes(format_ecs, max_bytes=max_bytes, host="branch-1")

    raw = envelopes.wrap(known)

    assert len(raw) <= max_bytes
    body = raw.decode().partition("] ")[2]
    assert json.loads(body)["event"]["id"] == event.id


@given(st.lists(st.binary(min_size=1), max_size=8))
def test_a_stream_of_counted_octets_is_read_back_whatever_it_holds(envelopes):
    stream, found = count_octets(envelopes), []

    while stream:
        length, _, rest = stream.partition(b" ")
        found.append(rest[: int(length)])
        stream = rest[int(length) :]

    assert found == envelopes


@given(EVENTS)
def test_an_event_waits_in_the_outbox_and_comes_back_the_same(event):
    assert from_json(to_json(event)) == event


def test_given_a_long_event_on_a_narrow_line_then_it_goes_without_details_and_is_counted():
    details = {f"part_{number}": "💶" * DETAIL_MAX_CHARS for number in range(DETAILS_MAX_COUNT)}
    envelopes = Envelopes(format_ecs, max_bytes=UDP_MAX_BYTES, host="branch-1")

    raw = envelopes.wrap(an_event(details=details, subject="💶" * SUBJECT_MAX_CHARS))

    told = json.loads(raw.decode().partition("] ")[2])
    assert told["florin"]["details"] == {"details_count": DETAILS_MAX_COUNT, "shortened": 1}
    assert envelopes.shortened_count == 1


def test_given_an_event_that_cannot_fit_then_it_is_refused_rather_than_cut():
    with pytest.raises(TooLong):
        Envelopes(format_cef, max_bytes=200).wrap(an_event())


def test_given_the_envelope_then_priority_and_fields_are_those_of_rfc_5424():
    raw = Envelopes(format_cef, host="büro 1").wrap(an_event()).decode()

    assert re.match(
        r"<107>1 2026-\d\d-\d\dT\d\d:\d\d:\d\d\.000000\+00:00 b-ro-1 florin \d+ threat_login "
        r'\[event@32473 id="sv_1" severity="7"\] CEF:0\|',
        raw,
    )


def test_given_every_kind_then_it_has_a_weight_a_title_and_words_of_the_schema():
    assert set(DEFAULTS) == set(KINDS) == set(SecurityEventKind)
    for shape in KINDS.values():
        assert set(shape.categories) <= CATEGORIES
        assert set(shape.types) <= TYPES
    assert len({shape.title for shape in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"severity": 11},
        {"severity": -1},
        {"reason": "two words"},
        {"reason": ""},
        {"technique": "X"},
    ],
)
def test_given_a_value_that_is_none_when_checked_then_it_is_refused(wrong):
    with pytest.raises(InvalidInput):
        validate_event(an_event(**wrong))
