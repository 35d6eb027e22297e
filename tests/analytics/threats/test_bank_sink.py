"""Alerts told to the bank: an event, a bounded response, a note, a case; each part on its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics.threats.alerts import Alert, Severity
from analytics.threats.bank_sink import BankSink
from bank.domain.actors import SYSTEM
from bank.domain.blocks import BlockKind
from tests.bank.builders import World

THIEF = "203.0.113.66"


@pytest.fixture
def world() -> World:
    return World()


def an_alert(world, kind="port_scan", **other) -> Alert:
    about = {
        "at_utc": world.clock(), "kind": kind, "severity": Severity.MEDIUM, "technique": "T1046",
        "subject": "", "source_ip": THIEF, "count": 40, "sentence": "Many ports.", **other,
    }  # fmt: skip
    return Alert(**about)


def test_given_counted_evidence_then_the_address_is_blocked_and_the_block_ends(world):
    BankSink(world.bank).raise_alert(an_alert(world))

    assert world.bank.blocks.active(BlockKind.IP, THIEF).evidence == {"count": 40}
    world.clock.turn(hours=2)
    assert world.bank.blocks.active(BlockKind.IP, THIEF) is None


def test_given_a_score_alone_then_the_address_is_slowed_and_never_blocked(world):
    BankSink(world.bank).raise_alert(
        an_alert(world, "request_anomaly", count=0, severity=Severity.CRITICAL)
    )

    assert world.bank.blocks.active(BlockKind.IP, THIEF) is None
    assert world.bank.blocks.active(BlockKind.RATE_LIMIT, THIEF) is not None


def test_given_a_sink_that_only_watches_then_nothing_is_closed(world):
    BankSink(world.bank, responds=False).raise_alert(an_alert(world))

    assert world.bank.blocks.list_active() == []


def test_given_high_severity_then_one_case_a_kind_source_and_day(world):
    sink = BankSink(world.bank)
    for _ in range(3):
        sink.raise_alert(an_alert(world, severity=Severity.HIGH))
    assert len(world.bank.cases.list(SYSTEM)) == 1

    sink.raise_alert(
        an_alert(world, severity=Severity.HIGH, at_utc=world.clock() + timedelta(days=1))
    )

    assert [one.reason_code for one in world.bank.cases.list(SYSTEM)] == ["port_scan"] * 2


def test_given_an_attack_on_an_account_then_its_owner_is_noted_and_asked_for_more(world):
    amal = world.person()
    name = world.bank.customers.get(SYSTEM, amal.id).login_name

    BankSink(world.bank).raise_alert(an_alert(world, "brute_force", subject=name, count=9))

    (note,) = world.store.read(lambda uow: uow.risk_notes.list())
    assert (note.customer_id, note.code) == (amal.id, "login_attacked")
    assert world.bank.blocks.active(BlockKind.CUSTOMER_STEP_UP, amal.id) is not None


def test_given_a_name_nobody_has_then_nobody_is_noted(world):
    BankSink(world.bank).raise_alert(an_alert(world, "brute_force", subject="nobody", count=9))

    assert world.store.read(lambda uow: uow.risk_notes.count()) == 0
    assert world.bank.blocks.list_active() == []


def test_given_our_own_address_then_it_is_never_closed(world):
    BankSink(world.bank).raise_alert(an_alert(world, source_ip="127.0.0.1"))

    assert world.bank.blocks.list_active() == []


def test_given_a_wave_from_many_addresses_then_the_bound_holds_and_the_events_go_on(world):
    sink = BankSink(world.bank)
    for number in range(200):
        sink.raise_alert(
            an_alert(world, source_ip=f"203.0.{number // 250 + 100}.{number % 250 + 1}")
        )

    blocked = [one for one in world.bank.blocks.list_active() if one.kind is BlockKind.IP]
    assert 0 < len(blocked) <= 50
