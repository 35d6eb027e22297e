"""A paused payment that a person found genuine: its customer may make it at once, and only it."""

from __future__ import annotations

import pytest

from bank.domain import errors
from bank.domain.actors import SYSTEM
from bank.domain.notices import NoticeKind
from bank.domain.risk import RiskSource
from bank.domain.transfers import TransferStatus
from tests.bank.builders import World, eur
from tests.bank.services.desk import OFFICER, Sure


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def amal(world):
    return world.person(funds_minor=900_000)


@pytest.fixture
def payee(world, amal):
    return world.payee(amal)


def hear(world, person, code="safe_account", source=RiskSource.CONVERSATION):
    world.bank.risk_notes.note(SYSTEM, person.id, source=source, code=code, strength=1.0)


def pauses(world, person, payee, amount_minor=400_000):
    """Confirm a payment that is paused."""
    with pytest.raises(errors.PaymentPaused):
        world.confirm(person, world.propose(person, amount_minor, payee_id=payee.id))


def decides(world, outcome="genuine"):
    (case,) = [one for one in world.bank.cases.list(OFFICER) if one.kind == "alert"]
    world.clock.turn(minutes=20)
    world.bank.cases.claim(OFFICER, case.id)
    world.bank.alert_desk.decide(OFFICER, case.id, outcome, "Called them.")
    world.clock.turn(minutes=1)


def test_given_a_pause_when_found_genuine_then_the_customer_may_pay_at_once_with_a_code(
    world, amal, payee
):
    hear(world, amal)
    pauses(world, amal, payee)
    decides(world)
    transfer = world.propose(amal, 400_000, payee_id=payee.id)

    with pytest.raises(errors.StepUpRequired):
        world.bank.transfers.confirm(amal.actor, transfer.id)
    done = world.confirm(amal, transfer)

    assert done.status is TransferStatus.POSTED


def test_given_a_pause_when_found_genuine_then_the_customer_hears_it_and_the_record_has_it(
    world, amal, payee
):
    hear(world, amal)
    pauses(world, amal, payee)
    decides(world)

    (told,) = world.bank.notices.pending(amal.id)
    assert (told.kind, told.facts) == (NoticeKind.PAYMENT_READY, {"payee": "Ana Silva"})
    written = world.store.read(lambda uow: uow.audit.list(action="payment_pause.lift"))
    assert [one.actor_id for one in written] == [OFFICER.id]


def test_given_a_pause_when_found_fraud_then_it_goes_on_and_nothing_is_said(world, amal, payee):
    hear(world, amal)
    pauses(world, amal, payee)
    decides(world, "fraud")

    pauses(world, amal, payee)
    assert world.bank.notices.pending(amal.id) == []


def test_given_a_lifted_pause_when_more_is_asked_for_than_was_looked_at_then_a_person_looks(
    world, amal, payee
):
    hear(world, amal)
    pauses(world, amal, payee)
    decides(world)

    done = world.confirm(amal, world.propose(amal, 400_001, payee_id=payee.id))

    assert done.status is TransferStatus.HELD


def test_given_a_lifted_pause_when_it_was_paid_then_a_second_one_is_looked_at_again(
    world, amal, payee
):
    hear(world, amal)
    pauses(world, amal, payee)
    decides(world)
    world.confirm(amal, world.propose(amal, 400_000, payee_id=payee.id))

    again = world.confirm(amal, world.propose(amal, 400_000, payee_id=payee.id))

    assert again.status is TransferStatus.HELD


def test_given_a_lifted_pause_when_words_are_heard_anew_then_a_person_looks_again(
    world, amal, payee
):
    hear(world, amal)
    pauses(world, amal, payee)
    decides(world)
    hear(world, amal, "coaching")

    done = world.confirm(amal, world.propose(amal, 400_000, payee_id=payee.id))

    assert done.status is TransferStatus.HELD


def test_given_a_lifted_pause_when_a_day_has_passed_then_it_is_a_payment_as_any(world, amal, payee):
    hear(world, amal)
    pauses(world, amal, payee)
    decides(world)
    world.clock.turn(hours=25)
    world.bank.protection.use(Sure(9.0))

    done = world.confirm(amal, world.propose(amal, 400_000, payee_id=payee.id))

    assert done.status is TransferStatus.HELD


def test_given_a_standing_order_that_was_paused_when_found_genuine_then_it_can_be_made(
    world, amal, payee
):
    def create(proof=None):
        return world.bank.standing_orders.create(
            amal.actor, payee_id=payee.id, amount=eur(400_000), cadence="monthly",
            first_date=world.clock().date(), idempotency_key=world.key(), proof=proof,
        )  # fmt: skip

    hear(world, amal)
    with pytest.raises(errors.PaymentPaused):
        create()
    decides(world)

    with pytest.raises(errors.StepUpRequired):
        create()
    (told,) = world.bank.notices.pending(amal.id)
    assert told.facts == {"payee": "Ana Silva"}
