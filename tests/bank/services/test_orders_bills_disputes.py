"""Standing orders, bills and disputes: made once, done once, refused by name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bank.domain import errors
from bank.domain.actors import SYSTEM
from bank.domain.bills import BillStatus
from bank.domain.standing_orders import StandingOrderStatus
from bank.services.ledger import check
from tests.bank.builders import ELSEWHERE, World, eur
from tests.bank.services.test_cards import stepped_up


@pytest.fixture
def world() -> World:
    return World()


def an_order(world: World, person, *, amount_minor: int = 5_000, key: str = "k", **more):
    payee_id = more.pop("payee_id", None) or world.payee(person).id
    today = world.clock().date()

    def act():
        return world.bank.standing_orders.create(
            person.actor, payee_id=payee_id, amount=eur(amount_minor), cadence="monthly",
            first_date=more.get("first_date", today), reference="rent", idempotency_key=key,
        )

    return act


def test_given_an_order_when_made_then_a_code_first_and_the_same_key_makes_one(world):
    amal = world.person()
    act = an_order(world, amal)

    done = stepped_up(world, amal, act)

    assert act().id == done.record_id
    assert [one.id for one in world.bank.standing_orders.list(amal.actor)] == [done.record_id]


def test_given_a_due_order_when_run_twice_then_it_is_paid_once_and_waits_for_the_next_month(world):
    amal = world.person()
    stepped_up(world, amal, an_order(world, amal))
    today = world.clock().date()

    assert [world.bank.standing_orders.run_due(), world.bank.standing_orders.run_due()] == [1, 0]

    order = world.bank.standing_orders.list(amal.actor)[0]
    assert (order.last_outcome, order.next_date) == ("posted", date(today.year, 12, today.day))
    assert world.posted_minor(amal.current) == 145_000
    assert check(world.store) == []


def test_given_too_little_money_when_due_then_it_is_missed_with_the_reason(world):
    amal = world.person(funds_minor=1_000)
    stepped_up(world, amal, an_order(world, amal))

    assert world.bank.standing_orders.run_due() == 0

    order = world.bank.standing_orders.list(amal.actor)[0]
    assert order.last_outcome == "insufficient_funds"
    assert world.posted_minor(amal.current) == 1_000


def test_given_an_order_of_the_31st_when_run_through_february_then_march_has_its_31st_again(world):
    amal = world.person()
    payee = world.payee(amal)
    world.clock.now_utc = world.clock.now_utc.replace(year=2027, month=1, day=31)
    stepped_up(world, amal, an_order(world, amal, payee_id=payee.id))

    days = []
    for _ in range(3):
        days.append(world.bank.standing_orders.list(amal.actor)[0].next_date)
        world.clock.now_utc = world.clock.now_utc.replace(month=days[-1].month, day=days[-1].day)
        world.bank.standing_orders.run_due()

    assert days == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]


def test_given_a_cancelled_order_when_due_then_nothing_is_paid(world):
    amal = world.person()
    done = stepped_up(world, amal, an_order(world, amal))

    cancelled = world.bank.standing_orders.cancel(amal.actor, done.record_id)

    assert cancelled.status is StandingOrderStatus.CANCELLED
    assert world.bank.standing_orders.run_due() == 0
    assert world.bank.standing_orders.list(amal.actor) == []


def test_given_a_date_that_is_past_when_an_order_is_made_then_it_is_invalid(world):
    amal = world.person()
    act = an_order(world, amal, first_date=world.clock().date() - timedelta(days=1))

    with pytest.raises(errors.InvalidInput):
        act()


def a_bill(world: World, person, amount_minor: int = 6_000):
    return world.bank.bills.receive(
        SYSTEM, customer_id=person.id, biller="Larkmouth Power", iban=ELSEWHERE,
        amount=eur(amount_minor), due_date=world.clock().date(), reference="INV 1",
    )


def test_given_a_bill_when_its_transfer_is_confirmed_then_it_is_paid_in_the_same_moment(world):
    amal = world.person()
    bill = a_bill(world, amal)

    transfer = world.bank.bills.pay(amal.actor, bill.id, idempotency_key="k")
    assert world.bank.bills.get(amal.actor, bill.id).status is BillStatus.OPEN
    world.confirm(amal, transfer)

    paid = world.bank.bills.get(amal.actor, bill.id)
    assert (paid.status, paid.transfer_id) == (BillStatus.PAID, transfer.id)
    assert world.bank.bills.list(amal.actor) == []


def test_given_two_proposals_for_one_bill_when_both_are_confirmed_then_it_is_paid_once(world):
    amal = world.person()
    bill = a_bill(world, amal)
    first, second = (
        world.bank.bills.pay(amal.actor, bill.id, idempotency_key=key) for key in "ab"
    )
    world.confirm(amal, first)

    with pytest.raises(errors.Conflict):
        world.confirm(amal, second)

    assert world.posted_minor(amal.current) == 144_000
    assert check(world.store) == []


def test_given_a_paid_bill_when_paid_again_then_it_is_refused_and_the_old_key_is_the_old_reply(world):
    amal = world.person()
    bill = a_bill(world, amal)
    transfer = world.bank.bills.pay(amal.actor, bill.id, idempotency_key="k")
    world.confirm(amal, transfer)

    assert world.bank.bills.pay(amal.actor, bill.id, idempotency_key="k").id == transfer.id
    with pytest.raises(errors.Conflict):
        world.bank.bills.pay(amal.actor, bill.id, idempotency_key="other")


def dispute(world: World, person, posting, *, reason: str = "unrecognised", key: str = "k"):
    return world.bank.disputes.open(
        person.actor, posting.id, reason=reason, note="not me", idempotency_key=key
    )


def test_given_a_card_payment_when_disputed_then_staff_have_a_case_and_once_is_once(world):
    amal = world.person()
    posting = world.book(amal.current.id, -1_299, merchant="Somewhere", days_ago=100)

    opened = dispute(world, amal, posting)
    again = dispute(world, amal, posting)

    assert opened == again
    case = world.store.read(lambda uow: uow.cases.get(opened.case_id))
    assert (case.kind, case.queue, case.priority) == ("dispute", "disputes", "high")
    with pytest.raises(errors.DisputeAlreadyOpen):
        dispute(world, amal, posting, key="other")
    with pytest.raises(errors.IdempotencyMismatch):
        dispute(world, amal, posting, reason="duplicate")


@pytest.mark.parametrize(
    ("reason", "days_ago", "kind", "refusal"),
    [
        ("unrecognised", 396, "card", None),
        ("unrecognised", 397, "card", errors.DisputeTooLate),
        ("not_received", 120, "card", None),
        ("not_received", 121, "card", errors.DisputeTooLate),
        ("unwanted_direct_debit", 56, "direct_debit", None),
        ("unwanted_direct_debit", 57, "direct_debit", errors.DisputeTooLate),
        ("unwanted_direct_debit", 1, "card", errors.InvalidInput),
        ("unrecognised", 1, "transfer", errors.InvalidInput),
        ("no_such_reason", 1, "card", errors.InvalidInput),
    ],
)
def test_given_a_reason_and_an_age_when_disputed_then_the_deadline_decides(
    world, reason, days_ago, kind, refusal
):
    amal = world.person()
    posting = world.book(amal.current.id, -1_299, days_ago=days_ago, kind=kind)

    if refusal is None:
        assert dispute(world, amal, posting, reason=reason).reason == reason
    else:
        with pytest.raises(refusal):
            dispute(world, amal, posting, reason=reason)


def test_given_money_that_came_in_or_anothers_line_when_disputed_then_it_is_refused(world):
    amal, mallory = world.person(), world.person()
    incoming = world.book(amal.current.id, 1_299, kind="card")
    mine = world.book(amal.current.id, -1_299)

    with pytest.raises(errors.InvalidInput):
        dispute(world, amal, incoming)
    with pytest.raises(errors.NotFound):
        dispute(world, mallory, mine)
