"""What staff decide of payments, and how far it is taken: stopped ones, and one person's flood."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from analytics import tenants
from analytics.features.payments import payments
from analytics.fraud.features import ALL
from bank.domain.actors import Actor, ActorKind, LoginLevel
from bank.policies.feedback import most_of_one
from tests.bank.builders import World
from tests.bank.services.desk import OFFICER, Sure

LEAST = most_of_one(0)
AGENT = Actor(ActorKind.STAFF, "st_2", LoginLevel.STRONG, roles=frozenset({"agent"}))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def amal(world):
    person = world.person(funds_minor=900_000)
    for days in range(80, 1, -4):
        world.book(person.current.id, -3_000 - days, merchant="Corner shop", days_ago=days)
    return person


def stopped(world, person, outcome, amount_minor=400_000):
    """A payment that was held, and decided by the officer."""
    world.bank.protection.use(Sure(9.0))
    payee = world.payee(person)
    held = world.confirm(person, world.propose(person, amount_minor, payee_id=payee.id))
    (case,) = world.bank.cases.list(OFFICER, queue="alerts")
    world.bank.cases.claim(OFFICER, case.id)
    world.clock.turn(minutes=5)
    world.bank.alert_desk.decide(OFFICER, case.id, outcome)
    return held


def read(world):
    return payments(world.store, world.clock() - timedelta(days=400), world.clock())


def test_given_a_held_payment_found_fraud_then_it_is_told_with_its_label_and_did_not_happen(
    world, amal
):
    held = stopped(world, amal, "fraud")

    log = read(world)

    (one,) = log.stopped
    assert (one.payment_id, one.payee, one.amount_minor) == (held.id, "Ana Silva", 400_000)
    assert held.id in log.frauds
    assert held.id not in {each.payment_id for each in log.payments}
    (label,) = [each for each in log.labels if each.payment.payment_id == held.id]
    assert label.is_fraud
    assert label.known_at_s == int(world.clock().timestamp())


def test_given_a_held_payment_found_genuine_then_its_posting_alone_is_told(world, amal):
    stopped(world, amal, "genuine")

    log = read(world)

    assert log.stopped == []
    assert [one.amount_minor for one in log.payments if one.payee == "Ana Silva"] == [400_000]


def test_given_a_stopped_fraud_when_settled_then_the_table_has_its_row_and_later_rows_do_not_count_it(
    world, amal
):
    held = stopped(world, amal, "fraud")
    world.clock.turn(days=1)
    after = world.book(amal.current.id, -2_000, merchant="Ana Silva")
    world.clock.turn(days=40)

    table, labels, _ = tenants.tenant("fraud").table(world.bank, as_of_utc=world.clock())

    rows = table.set_index("payment_id")
    assert labels[table["payment_id"] == held.id].tolist() == [1]
    assert rows.loc[held.id, "amount_minor"] == 400_000
    assert rows.loc[held.id, "c_payees"] == 1
    assert rows.loc[after.id, "c_pair_count"] == 0
    assert np.isnan(rows.loc[after.id, "p_since_last_s"])
    assert set(ALL.names) <= set(table.columns)


def test_given_one_agents_flood_then_what_is_beyond_the_bound_is_unknown_and_no_row(world, amal):
    postings = [
        world.book(amal.current.id, -1_000, merchant="Kiosk", days_ago=40)
        for _ in range(LEAST + 12)
    ]
    for number, one in enumerate(postings):
        world.bank.fraud_findings.note(AGENT, one.id, is_fraud=number % 2 == 0)
        world.clock.turn(seconds=1)

    log = read(world)
    table, _, _ = tenants.tenant("fraud").table(world.bank, as_of_utc=world.clock())

    beyond = {one.id for one in postings[LEAST:]}
    assert log.unknown == beyond
    assert not beyond & {one.payment.payment_id for one in log.labels}
    assert not beyond & set(table["payment_id"])
    assert not beyond & log.frauds


def test_given_a_customers_report_when_a_flood_overrules_it_then_the_report_stands(world, amal):
    reported = world.book(amal.current.id, -9_000, merchant="Kiosk", days_ago=10)
    asked = world.bank.event_questions.ask_card(
        Actor(ActorKind.SYSTEM, "system", LoginLevel.STRONG), reported.id
    )
    world.bank.event_answers.no(amal.actor, asked.id)
    for _ in range(LEAST):
        other = world.book(amal.current.id, -1_000, merchant="Kiosk", days_ago=9)
        world.bank.fraud_findings.note(AGENT, other.id, is_fraud=False)
        world.clock.turn(seconds=1)
    assert reported.id in read(world).frauds

    world.bank.fraud_findings.note(AGENT, reported.id, is_fraud=False)

    assert reported.id in read(world).frauds
