"""The bank as tables: one customer and all alike, as of a moment, whatever happens afterwards."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import dataset
from analytics.features.draws import last_draw
from analytics.features.payments import SETTLED_DAYS, payments
from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.cases import CaseKind
from bank.domain.ids import PostingId, TransactionId
from bank.domain.ledger import Category, Posting, Transaction, TransactionKind
from bank.services.ledger import post_batch
from tests.bank.builders import Person, World

AGENT = Actor(ActorKind.STAFF, "st_1", LoginLevel.STRONG, frozenset({"agent"}))


@pytest.fixture
def world() -> World:
    made = World()
    for _ in range(3):
        person = made.person(funds_minor=300_000)
        for days in (1, 12, 45, 80, 150):
            made.book(person.current.id, -1_000 * days, merchant="Shop", days_ago=days)
        made.book(person.current.id, 250_000, kind="salary", category="salary", days_ago=20)
        made.bank.habits.note_login(person.id, place="here")
    made.clock.turn(days=200)
    return made


def people(world: World) -> list[str]:
    return dataset.customer_ids(world.store)


def test_given_one_customer_or_all_then_the_same_numbers(world: World) -> None:
    now = world.clock() - timedelta(days=190)
    everybody = dataset.customers_table(world.store, now)

    for who in people(world):
        alone = dataset.customers_table(world.store, now, customers=[who])
        assert alone.equals(everybody.loc[[who]])
    assert len(everybody) == 3


def test_given_a_window_of_reading_then_the_numbers_are_those_of_the_whole_history(
    world: World,
) -> None:
    now = world.clock()
    whole = dataset.read_books(world.store, to_utc=now)
    us = dataset.us_of(now)

    from_all = dataset.customer_features(whole.until(us), as_of_us=us)

    assert from_all.equals(dataset.customers_table(world.store, now))
    assert (from_all["balance_minor"] > 0).all()


HAPPENS = st.sampled_from(("payment", "pay", "complaint", "login", "card", "account", "closing"))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(HAPPENS, st.integers(1, 60), st.integers(0, 2)), max_size=5))
def test_nothing_that_happens_later_changes_a_table(events) -> None:
    world = World()
    for _ in range(3):
        person = world.person(funds_minor=0)
        world.book(person.current.id, -1_000, merchant="Shop", days_ago=3)
        world.book(person.current.id, 1_000, kind="salary", category="salary", days_ago=2)
    as_of = world.clock()
    before = dataset.customers_table(world.store, as_of)

    for what, days, number in sorted(events, key=lambda one: one[1]):
        world.clock.now_utc = as_of + timedelta(days=days)
        happen(world, what, people(world)[number])

    assert dataset.customers_table(world.store, as_of).equals(before)


def happen(world: World, what: str, who: str) -> None:
    accounts = world.store.read(lambda uow: uow.accounts.list(customer_id=who))
    current, savings = accounts[0], accounts[1]
    if what == "payment":
        world.book(current.id, -5_000, merchant="Elsewhere")
    elif what == "pay":
        world.book(current.id, 9_000, kind="salary", category="salary")
    elif what == "complaint":
        world.bank.cases.open(
            SYSTEM, kind=CaseKind.COMPLAINT, queue="complaints", subject="", reason_code="x",
            why="", customer_id=who,
        )  # fmt: skip
    elif what == "login":
        world.bank.habits.note_login(who, place="there")
    elif what == "card":
        world.bank.cards.issue(SYSTEM, account_id=current.id, kind="debit", limit_day_minor=1)
    elif what == "account":
        world.bank.accounts.open(
            SYSTEM, customer_id=who, kind="savings", name="More", currency="EUR"
        )
    elif savings.closed_at_utc is None:
        world.bank.accounts.close(SYSTEM, savings.id)


def test_given_who_closed_the_last_account_then_only_they_have_left_and_only_within_the_days() -> (
    None
):
    world = World()
    leaver, half, stayer = (world.person(funds_minor=0) for _ in range(3))
    as_of = world.clock()
    world.clock.turn(days=80)
    for account in (leaver.current, leaver.savings, half.current):
        world.bank.accounts.close(SYSTEM, account.id)
    world.clock.turn(days=30)
    books = dataset.read_books(world.store, to_utc=world.clock())
    asked = [leaver.id, half.id, stayer.id]

    def left(days: int) -> list[int]:
        return list(dataset.left_within(books, asked, as_of_utc=as_of, days=days))

    assert left(90) == [1, 0, 0]
    assert left(79) == [0, 0, 0]


def test_given_payments_then_what_leaves_is_told_with_what_became_known_and_when() -> None:
    world = World()
    person = world.person()
    bad = world.book(person.current.id, -9_900, merchant="Shady", days_ago=50)
    good = world.book(person.current.id, -500, merchant="Baker", days_ago=50)
    fresh = world.book(person.current.id, -700, merchant="Baker", days_ago=1)
    world.book(person.current.id, -700, kind="fee", category="fees", days_ago=1)
    world.bank.fraud_findings.note(AGENT, bad.id, is_fraud=True)
    began = world.clock() - timedelta(days=400)

    log = payments(world.store, began, world.clock())
    before = payments(world.store, began, world.clock() - timedelta(seconds=1))

    assert [one.payment_id for one in log.payments] == [bad.id, good.id, fresh.id] or [
        one.payment_id for one in log.payments
    ] == [good.id, bad.id, fresh.id]
    assert log.frauds == {bad.id}
    told = {one.payment.payment_id: one for one in log.labels}
    assert told[bad.id].known_at_s == int(world.clock().timestamp())
    settled = good.booked_at_utc + timedelta(days=SETTLED_DAYS)
    assert (told[good.id].is_fraud, told[good.id].known_at_s) == (False, int(settled.timestamp()))
    assert fresh.id not in told
    assert before.frauds == frozenset()


def test_given_a_bank_without_anybody_then_the_table_is_empty_and_has_its_columns() -> None:
    world = World()

    table = dataset.customers_table(world.store, world.clock())

    assert table.empty
    assert len(table.columns) == len(dataset.customer_features(
        dataset.books_of([], [], [], [], [], []), as_of_us=0
    ).columns)  # fmt: skip
    assert dataset.first_and_last_utc(world.store) is None
    assert np.all(table.dtypes == np.float64)


def test_given_money_from_savings_just_before_then_the_payment_carries_it_and_later_ones_not() -> (
    None
):
    world = World()
    person = world.person(funds_minor=400_000)
    a_sweep(world, person, 90_000, days_ago=10)
    told = [
        world.book(person.current.id, -80_000, merchant="Somebody new", days_ago=days)
        for days in (9.9, 8.5)
    ]

    log = payments(world.store, world.clock() - timedelta(days=400), world.clock())

    drawn = {one.payment_id: (one.drawn_minor, one.drawn_at_s) for one in log.payments}
    swept_s = int((world.clock() - timedelta(days=10)).timestamp())
    assert drawn[told[0].id] == (90_000, swept_s)
    assert drawn[told[1].id] == (0, -1)
    just_after = world.clock() - timedelta(days=9.9)
    assert world.store.read(lambda uow: last_draw(uow, person.id, just_after)) == (90_000, swept_s)
    assert world.store.read(lambda uow: last_draw(uow, person.id, world.clock())) == (0, -1)


def a_sweep(world: World, person: Person, minor: int, *, days_ago: float) -> None:
    """Move money from a person's savings to their current account."""
    at_utc, kind = world.clock() - timedelta(days=days_ago), TransactionKind.TRANSFER
    about = (kind, None, Category.TRANSFERS, "From savings")
    moved = Transaction(TransactionId("tx_sweep"), at_utc, *about)
    sides = tuple(
        Posting(PostingId(f"po_{account}"), moved.id, account, amount, "EUR", at_utc, *about)
        for account, amount in ((person.savings.id, -minor), (person.current.id, minor))
    )
    post_batch(world.store, [(moved, sides)])
