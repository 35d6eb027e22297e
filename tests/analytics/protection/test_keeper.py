"""The state that serves: the same numbers as a replay of the past, whoever booked the payments."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from analytics.features import draws
from analytics.features import payments as past
from analytics.fraud.features import named
from analytics.fraud.state import State
from analytics.protection.keeper import KEEP_DAYS, StateKeeper
from bank.domain.actors import Actor, ActorKind, LoginLevel
from bank.domain.habits import login_place
from bank.domain.ids import CustomerId
from bank.domain.risk import PaymentAsked
from tests.bank.builders import World

AGENT = Actor(ActorKind.STAFF, "st_1", LoginLevel.STRONG, roles=frozenset({"agent"}))


@pytest.fixture
def world():
    return World()


@pytest.fixture
def amal(world):
    person = world.person(funds_minor=900_000)
    for days in range(60, 1, -3):
        world.book(person.current.id, -1_000 - 7 * days, merchant="Corner shop", days_ago=days)
        world.book(
            person.current.id,
            -20_000,
            merchant="Ana Silva",
            kind="transfer",
            category="transfers",
            days_ago=days,
        )
    return person


def asked(world, person, amount_minor=500_000, payee="Ana Silva"):
    return PaymentAsked(
        "tr_1",
        CustomerId(person.id),
        payee,
        "DE00",
        amount_minor,
        "EUR",
        amount_minor,
        world.clock(),
    )


def replayed(world, payment):
    """Return the row as training sees it: everything again, from the first payment on."""
    log = past.payments(world.store, world.clock() - timedelta(days=KEEP_DAYS), world.clock())
    state, labels = State(), list(log.labels)
    for one in log.payments:
        while labels and labels[0].known_at_s <= one.at_s:
            state.learn(labels.pop(0))
        state.add(one)
    for label in labels:
        state.learn(label)
    places, drawn = world.store.read(
        lambda uow: (
            uow.login_places.list(),
            draws.last_draw(uow, payment.customer_id, payment.at_utc),
        )
    )
    return state.features(past.asked(payment, places, drawn=drawn))


def same(left, right):
    np.testing.assert_allclose(left, right, equal_nan=True)


def test_given_a_warm_state_when_payments_follow_then_the_row_is_that_of_a_replay(world, amal):
    keeper = StateKeeper(world.store, clock=world.clock)
    keeper.warm()
    for minutes in (5, 30, 90):
        world.clock.turn(minutes=minutes)
        world.book(amal.current.id, -4_000, merchant="Corner shop")
        keeper.features(asked(world, amal))

    same(keeper.features(asked(world, amal)), replayed(world, asked(world, amal)))


def test_given_a_posting_seen_late_when_looked_again_then_it_counts_once(world, amal):
    keeper = StateKeeper(world.store, clock=world.clock)
    keeper.warm()
    world.clock.turn(minutes=1)
    keeper.features(asked(world, amal))
    # Another writer's posting with an earlier time becomes visible only now.
    world.book(
        amal.current.id,
        -9_900,
        merchant="Corner shop",
        at_utc=world.clock() - timedelta(seconds=20),
    )

    for _ in range(3):
        row = keeper.features(asked(world, amal))

    same(row, replayed(world, asked(world, amal)))


def test_given_a_finding_when_looked_again_then_it_is_learnt_as_in_a_replay(world, amal):
    keeper = StateKeeper(world.store, clock=world.clock)
    posting = world.book(amal.current.id, -9_900, merchant="Corner shop", days_ago=8)
    keeper.warm()
    world.clock.turn(minutes=5)
    world.bank.fraud_findings.note(AGENT, posting.id, is_fraud=True)
    world.clock.turn(minutes=5)

    payment = asked(world, amal, payee="Corner shop")

    same(keeper.features(payment), replayed(world, payment))


def test_given_a_login_from_a_new_place_when_paying_then_the_device_is_that_place(world, amal):
    keeper = StateKeeper(world.store, clock=world.clock)
    keeper.warm()
    before = keeper.features(asked(world, amal))
    place = login_place(amal.id, "elsewhere", first_seen_at_utc=world.clock())
    world.store.write(lambda uow: uow.login_places.add(place))

    after = keeper.features(asked(world, amal))

    assert before != after
    same(after, replayed(world, asked(world, amal)))


def test_given_nothing_warm_then_there_is_no_row(world, amal):
    assert StateKeeper(world.store, clock=world.clock).features(asked(world, amal)) is None


def test_given_a_day_later_then_it_is_due_again(world, amal):
    keeper = StateKeeper(world.store, clock=world.clock)
    keeper.warm()
    assert not keeper.is_due

    world.clock.turn(days=1)

    assert keeper.is_due


def test_given_savings_drawn_just_before_when_paying_then_the_row_says_so_as_the_booked_one_will(
    world, amal
):
    keeper = StateKeeper(world.store, clock=world.clock)
    keeper.warm()
    world.book(amal.savings.id, 600_000, kind="transfer", category="transfers", days_ago=3)
    drawn = world.propose(
        amal, 400_000, to_account_id=amal.current.id, from_account_id=amal.savings.id
    )
    world.bank.transfers.confirm(amal.actor, drawn.id)
    world.clock.turn(minutes=10)

    row = named(keeper.features(asked(world, amal, 400_000)))

    assert row["m_drawn_s"] == 600
    assert row["m_drawn_ratio"] == pytest.approx(1.0)
