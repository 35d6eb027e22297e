"""What may be proposed by itself, and what never."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadTable
from analytics.threats.alerts import Severity
from analytics.threats.responses import (
    DEFAULT_FILE,
    Policy,
    ResponseKind,
    Responses,
    WhyNot,
    load_policy,
    propose,
)
from tests.analytics.threats.builders import NOON, an_alert

POLICY = load_policy()
_KINDS = [*POLICY.rules, "something_else"]


def proposed(alert, past=(), now_utc=NOON):
    return propose(alert, past=past, policy=POLICY, now_utc=now_utc)


def test_given_stuffing_with_evidence_then_the_address_is_blocked_for_an_hour():
    found = proposed(an_alert(kind="credential_stuffing", count=40))

    assert (found.kind, found.subject, found.expires_s) == ("block", "203.0.113.5", 3_600)
    assert found.reason.startswith("credential_stuffing: ")


def test_given_brute_force_then_the_account_is_asked_for_more_and_not_locked():
    found = proposed(an_alert())

    assert (found.kind, found.subject) == (ResponseKind.FORCE_STEP_UP, "cu_amal")


def test_given_a_score_alone_then_the_most_is_a_rate_limit():
    assert proposed(an_alert(kind="request_anomaly", count=0)).kind is ResponseKind.RATE_LIMIT


def test_given_our_own_machine_then_it_is_never_touched():
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "no address"):
        alert = an_alert(kind="port_scan", count=99, source_ip=address)
        assert proposed(alert) is WhyNot.NEVER


def test_given_a_block_that_runs_then_it_is_not_proposed_again_until_it_has_expired():
    responses = Responses(POLICY)
    alert = an_alert(kind="port_scan", count=99)

    first = responses.propose(alert, now_utc=NOON)
    again = responses.propose(alert, now_utc=NOON + timedelta(minutes=59))
    later = responses.propose(alert, now_utc=NOON + timedelta(minutes=61))

    assert first is not None
    assert again is None
    assert later is not None
    assert responses.refused_count[WhyNot.RUNNING] == 1


_ALERTS = st.builds(
    an_alert,
    kind=st.sampled_from(_KINDS),
    count=st.integers(0, 1_000),
    severity=st.sampled_from(Severity),
    subject=st.sampled_from(["", "cu_1", "cu_2", "cu_3"]),
    source_ip=st.sampled_from(["", "203.0.113.5", "198.51.100.2", "127.0.0.1", "nonsense"]),
)


@given(_ALERTS)
def test_a_score_alone_never_blocks(alert):
    found = proposed(alert)

    if not isinstance(found, WhyNot) and found.kind is ResponseKind.BLOCK:
        assert alert.count >= max(1, POLICY.rules[alert.kind].count_least)
        assert alert.kind not in {"flow_anomaly", "request_anomaly"}


@given(_ALERTS)
def test_every_response_expires_and_has_a_subject_and_a_reason(alert):
    found = proposed(alert)

    if not isinstance(found, WhyNot):
        assert 0 < found.expires_s <= 7 * 86_400
        assert found.subject
        assert alert.kind in found.reason


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 7_200)), max_size=120),
    st.integers(1, 20),
)
def test_no_hour_holds_more_blocks_than_the_bound(raised, most):
    policy = Policy(POLICY.rules, {**POLICY.most_per_hour, ResponseKind.BLOCK: most}, POLICY.never)
    responses, times = Responses(policy), []

    for number, second in sorted(raised, key=lambda one: one[1]):
        now_utc = NOON + timedelta(seconds=second)
        source_ip = f"203.0.{number // 250}.{number % 250}"
        alert = an_alert(kind="host_scan", count=50, source_ip=source_ip)
        if responses.propose(alert, now_utc=now_utc) is not None:
            times.append(now_utc)

    for start in times:
        assert sum(start <= one < start + timedelta(hours=1) for one in times) <= most


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('response = "block"\ncount_least = 25', 'response = "block"\ncount_least = 0'),
        ("expires_s = 3_600", "expires_s = 99_999_999"),
        ("block = 50\n", ""),
        ('response = "block"', 'response = "hang_up"'),
        ("count_least", "least"),
    ],
)
def test_given_a_policy_without_a_bound_then_it_is_refused(tmp_path, before, after):
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    assert before in text
    file = tmp_path / "responses.toml"
    file.write_text(text.replace(before, after), encoding="utf-8")

    with pytest.raises(BadTable):
        load_policy(file)
