"""Closing an account: when it is refused, what goes with it, and what stays."""

from __future__ import annotations

import pytest

from bank.domain.accounts import AccountStatus
from bank.domain.actors import SYSTEM
from bank.domain.cards import CardStatus
from bank.domain.errors import AccountNotActive, Conflict, NotFound, NotPermitted
from bank.domain.money import Money
from bank.domain.periods import Cadence
from bank.domain.standing_orders import StandingOrderStatus
from tests.bank.builders import World


def test_given_an_empty_account_when_closed_then_it_is_no_longer_listed_and_says_since_when() -> (
    None
):
    world = World()
    person = world.person(funds_minor=0)

    closed = world.bank.accounts.close(SYSTEM, person.savings.id)

    assert (closed.status, closed.closed_at_utc) == (AccountStatus.CLOSED, world.clock())
    assert [one.id for one in world.bank.accounts.list(person.actor)] == [person.current.id]


def test_given_a_cent_on_it_when_closed_then_refused_and_nothing_changes() -> None:
    world = World()
    person = world.person(funds_minor=1)

    with pytest.raises(Conflict) as refusal:
        world.bank.accounts.close(SYSTEM, person.current.id)

    assert refusal.value.details["posted"] == "0.01 EUR"
    assert world.bank.accounts.get(person.actor, person.current.id).closed_at_utc is None


def test_given_a_closed_account_when_closed_again_then_refused() -> None:
    world = World()
    person = world.person(funds_minor=0)
    world.bank.accounts.close(SYSTEM, person.current.id)

    with pytest.raises(AccountNotActive):
        world.bank.accounts.close(SYSTEM, person.current.id)


def test_given_a_card_and_a_standing_order_when_closed_then_both_end_and_others_stay() -> None:
    world = World()
    person, other = world.person(funds_minor=0), world.person(funds_minor=0)
    cards = [
        world.bank.cards.issue(SYSTEM, account_id=one.current.id, kind="debit", limit_day_minor=1)
        for one in (person, other)
    ]
    payee = world.payee(person)
    order = world.bank.standing_orders.create(
        SYSTEM, customer_id=person.id, payee_id=payee.id, amount=Money(100, "EUR"),
        cadence=Cadence.MONTHLY, first_date=world.clock().date(), idempotency_key="k",
    )  # fmt: skip

    world.bank.accounts.close(SYSTEM, order.from_account_id)

    held = world.store.read(lambda uow: [uow.cards.get(one.id).status for one in cards])
    assert held == [CardStatus.CLOSED, CardStatus.ACTIVE]
    kept = world.store.read(lambda uow: uow.standing_orders.get(order.id))
    assert kept.status is StandingOrderStatus.CANCELLED


def test_given_the_bank_s_own_account_or_a_customer_when_closing_then_refused() -> None:
    world = World()
    person = world.person()

    with pytest.raises(NotFound):
        world.bank.accounts.close(SYSTEM, "ac_internal_clearing_eur")
    with pytest.raises(NotPermitted):
        world.bank.accounts.close(person.actor, person.savings.id)
