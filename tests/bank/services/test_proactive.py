"""What is told before anybody asks: once an occurrence, and not to whom it is not wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.accounts import Account, AccountKind, AccountStatus
from bank.domain.cards import Card, CardKind, CardStatus
from bank.domain.conversations import NewMessage, Sender
from bank.domain.errors import InvalidInput
from bank.domain.forecasts import low_before_pay, usual_day_minor
from bank.domain.ids import AccountId, CardId, PostingId, TransactionId
from bank.domain.insights import LOW_BALANCE_MINOR, Planned
from bank.domain.ledger import Category, Posting, TransactionKind
from bank.domain.notices import Notice, NoticeKind
from bank.policies.notices import CHOOSABLE, idle_money
from bank.settings import Settings
from bank.worker import make_worker
from tests.bank.builders import NOON, Person, World

TODAY = NOON.date()
ACCOUNT: dict[str, Any] = {
    "id": "ac_1", "customer_id": "cu_1", "kind": AccountKind.CURRENT, "name": "Current",
    "iban": "DE1", "currency": "EUR", "status": AccountStatus.ACTIVE, "opened_at_utc": NOON,
}  # fmt: skip
POSTING = Posting(
    PostingId("po_1"), TransactionId("tx_1"), AccountId("ac_1"), -1, "EUR", NOON,
    TransactionKind.CARD, "Shop", Category.SHOPPING, "Shop",
)  # fmt: skip


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def amal(world: World) -> Person:
    return world.person()


def pay(world: World, person: Person, *days_ago: int, minor: int = 240_000) -> None:
    for days in days_ago:
        world.book(
            person.current.id, minor, kind=TransactionKind.SALARY, category=Category.SALARY,
            merchant="Nordlicht GmbH", at_utc=NOON - timedelta(days=days),
        )  # fmt: skip


def spend(world: World, person: Person, minor_a_day: int, *, days: int = 95) -> None:
    for day in range(1, days):
        world.book(
            person.current.id, -minor_a_day, kind=TransactionKind.CARD, category=Category.GROCERIES,
            merchant=f"Shop {day % 7}", at_utc=NOON - timedelta(days=day),
        )  # fmt: skip


def told(world: World, person: Person) -> dict[str, int]:
    """Look once more; return how many notices of each kind there are by now."""
    world.bank.notices.make_due([person.actor.id])
    found: list[Notice] = world.store.read(lambda uow: uow.notices.list())
    return {str(kind): sum(one.kind is kind for one in found) for kind in NoticeKind}


def a_card(person: Person, month: str) -> Card:
    return Card(
        CardId("cd_1"), person.actor.id, person.current.id, "•••• 4242", CardKind.DEBIT,
        CardStatus.ACTIVE, 100_000, "EUR", month, NOON - timedelta(days=900),
    )  # fmt: skip


def test_given_a_pay_that_comes_every_month_when_it_arrives_then_it_is_told_once(world, amal):
    pay(world, amal, 92, 61, 31, 1)

    assert told(world, amal)["payday"] == 1
    world.clock.turn(hours=20)
    assert told(world, amal)["payday"] == 1


def test_given_money_that_came_once_then_it_is_no_payday(world, amal):
    pay(world, amal, 1)

    assert told(world, amal)["payday"] == 0


def test_given_a_card_near_its_last_day_then_it_is_told_once_and_a_frozen_or_new_one_is_not(
    world, amal
):
    world.store.write(lambda uow: uow.cards.add(a_card(amal, "2028-05")))
    assert told(world, amal)["card_expires"] == 0

    world.store.write(lambda uow: uow.cards.save(a_card(amal, "2026-11")))
    assert told(world, amal)["card_expires"] == 1
    world.clock.turn(days=2)
    assert told(world, amal)["card_expires"] == 1


def test_given_usual_spending_that_outruns_the_balance_before_the_pay_then_it_is_told_once(
    world, amal
):
    pay(world, amal, 100, 70, 40, 10, minor=30_000)
    spend(world, amal, 1_000)
    world.book(amal.current.id, 12_000 - balance(world, amal))

    counted = told(world, amal)

    assert counted["low_balance"] == 1
    world.clock.turn(days=1)
    assert told(world, amal)["low_balance"] == 1


@pytest.mark.parametrize("kind", CHOOSABLE)
def test_given_somebody_who_does_not_want_it_then_it_is_neither_found_nor_told(kind, world, amal):
    pay(world, amal, 92, 61, 31, 1)
    world.store.write(lambda uow: uow.cards.add(a_card(amal, "2026-11")))
    before = told(world, amal)

    world.bank.proactive.choose(amal.actor, kind, is_wanted=False)

    assert kind not in {one.kind for one in world.bank.notices.pending(amal.actor.id)}
    world.store.write(lambda uow: [uow.notices.remove(one.id) for one in uow.notices.list()])
    after = told(world, amal)
    assert after[kind] == 0
    world.bank.proactive.choose(amal.actor, kind, is_wanted=True)
    assert told(world, amal) == before


@pytest.mark.parametrize("kind", sorted(set(NoticeKind) - set(CHOOSABLE)))
def test_given_what_is_owed_then_it_cannot_be_turned_off(kind, world, amal):
    with pytest.raises(InvalidInput):
        world.bank.proactive.choose(amal.actor, kind, is_wanted=False)


def test_given_two_notices_told_then_this_is_the_newer_and_an_old_one_is_none(world, amal):
    assert world.bank.proactive.last_told(amal.actor) is None
    pay(world, amal, 92, 61, 31, 1)
    world.store.write(lambda uow: uow.cards.add(a_card(amal, "2026-11")))
    told(world, amal)
    for kind in (NoticeKind.CARD_EXPIRES, NoticeKind.PAYDAY):
        [one] = [
            one for one in world.bank.notices.pending(amal.actor.id) if one.kind is kind
        ]  # fmt: skip
        world.bank.notices.mark_told(one.id)
        world.clock.turn(minutes=1)

    assert world.bank.proactive.last_told(amal.actor) is NoticeKind.PAYDAY
    world.clock.turn(days=2)
    assert world.bank.proactive.last_told(amal.actor) is None


def test_given_the_worker_when_it_looks_for_notices_then_whoever_has_a_chat_is_told(world, amal):
    chat = world.bank.conversations.start(amal.actor, "web")
    world.bank.conversations.append(amal.actor, chat.id, NewMessage(Sender.CUSTOMER, "hello"))
    pay(world, amal, 92, 61, 31, 1)
    worker = make_worker(world.bank, Settings(_env_file=None))

    worker.run_due(0.0)
    worker.run_due(10_000.0)

    kinds = [one.kind for one in world.bank.notices.pending(amal.actor.id)]
    assert kinds.count(NoticeKind.PAYDAY) == 1


def balance(world: World, person: Person) -> int:
    return world.available_minor(person, person.current)


# --- laws of the forecast ---

plans = st.lists(
    st.builds(
        Planned,
        st.integers(1, 30).map(lambda days: TODAY + timedelta(days=days)),
        st.integers(-60_000, 20_000), st.just("Rent"),
    ),
    max_size=5,
)  # fmt: skip


@given(plans, st.integers(0, 9_000), st.integers(0, 200_000), st.integers(1, 30))
def test_given_a_forecast_then_its_day_is_before_the_pay_and_its_sum_below_the_line(
    planned, day_minor, available, payday_in
):
    payday = TODAY + timedelta(days=payday_in)
    low = low_before_pay(
        an_account(available), planned, day_minor=day_minor, today=TODAY, payday=payday
    )

    if low is not None:
        assert TODAY < low.date < payday
        assert low.expected.amount_minor < LOW_BALANCE_MINOR <= available
        due = sum(one.amount_minor for one in planned if one.on <= low.date)
        days = (low.date - TODAY).days
        assert low.expected.amount_minor == available + due - days * day_minor


@given(plans, st.integers(0, 9_000), st.integers(LOW_BALANCE_MINOR, 200_000))
def test_given_more_usual_spending_then_it_is_low_no_later(planned, day_minor, available):
    payday = TODAY + timedelta(days=25)

    def day(minor: int) -> date:
        low = low_before_pay(
            an_account(available), planned, day_minor=minor, today=TODAY, payday=payday
        )
        return low.date if low else payday

    assert day(day_minor + 100) <= day(day_minor)


def test_given_too_short_a_past_then_nothing_is_usual_and_one_holiday_is_no_habit():
    assert usual_day_minor([], but=frozenset(), now_utc=NOON) is None
    one = a_posting(NOON - timedelta(days=91), -1)
    holiday = a_posting(NOON - timedelta(days=5), -300_000)
    assert usual_day_minor([one, holiday], but=frozenset(), now_utc=NOON) == 0


def an_account(available: int) -> Account:
    return Account(**{**ACCOUNT, "posted_minor": available})


def a_posting(at_utc: datetime, minor: int) -> Posting:
    return replace(POSTING, booked_at_utc=at_utc, amount_minor=minor)


# --- money idle beside a savings account ---


def test_given_money_idle_beside_their_savings_then_it_is_told_once_in_half_a_year(world):
    amal = world.person(funds_minor=500_000)
    assert told(world, amal)["idle_money"] == 0  # the account is not old enough to tell
    world.clock.turn(days=91)

    assert told(world, amal)["idle_money"] == 1
    [notice] = [
        one for one in world.bank.notices.pending(amal.actor.id) if one.kind is NoticeKind.IDLE_MONEY
    ]
    assert notice.facts == {
        "account": "Current account", "savings": "Rainy days", "amount": "4,000.00 EUR",
        "interest": "70.00 EUR", "percent": "1.75",
    }  # fmt: skip
    world.clock.turn(days=90)
    assert told(world, amal)["idle_money"] == 1
    world.clock.turn(days=95)
    assert told(world, amal)["idle_money"] == 2


def test_given_no_savings_account_then_idle_money_is_an_offers_matter_and_not_told(world):
    amal = world.person(funds_minor=500_000)
    world.store.write(lambda uow: uow.accounts.save(
        replace(uow.accounts.get(amal.savings.id), status=AccountStatus.CLOSED)
    ))  # fmt: skip
    world.clock.turn(days=91)

    assert told(world, amal)["idle_money"] == 0


def test_given_money_that_was_needed_lately_then_only_the_least_there_was_is_idle(world):
    amal = world.person(funds_minor=500_000)
    world.clock.turn(days=91)
    world.book(amal.current.id, -390_000, days_ago=40)
    world.book(amal.current.id, 390_000, days_ago=30)

    assert told(world, amal)["idle_money"] == 0


moves = st.lists(st.tuples(st.integers(0, 200), st.integers(-300_000, 300_000)), max_size=6)


@given(moves, st.integers(0, 2_000_000))
def test_given_any_past_then_what_is_called_idle_was_there_every_day_and_earns_enough(
    past, opening
):
    now, postings = opening, []
    for days, minor in sorted(past, reverse=True):
        now += minor
        postings.append(
            replace(a_posting(NOON - timedelta(days=days), minor), balance_after_minor=now)
        )
    account = replace(an_account(now), opened_at_utc=NOON - timedelta(days=400))

    idle = idle_money(account, postings, rate_percent=Decimal("1.75"), now_utc=NOON)

    if idle is not None:
        lately = [one for one in postings if one.booked_at_utc >= NOON - timedelta(days=90)]
        assert all(one.balance_after_minor > idle.amount.amount_minor for one in lately)
        assert now > idle.amount.amount_minor > 0
        assert 1_500 <= idle.interest.amount_minor <= idle.amount.amount_minor * Decimal("0.0175")
