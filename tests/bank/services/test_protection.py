"""Payments that are looked at before they move: paused with a warning, held, decided by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bank.domain import errors
from bank.domain.actors import SYSTEM
from bank.domain.cases import CaseKind, CaseState
from bank.domain.fraud_findings import FindingSource
from bank.domain.notices import NoticeKind
from bank.domain.risk import RiskDecision, RiskOutcome, RiskSource
from bank.domain.transfers import PROPOSAL_TTL_S, TransferStatus
from bank.services.ledger import check
from tests.bank.builders import ELSEWHERE, World, eur
from tests.bank.services.desk import AGENT, OFFICER, Sure


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def amal(world):
    return world.person(funds_minor=900_000)


def hear(world, person, code="safe_account", strength=1.0, source=RiskSource.CONVERSATION):
    world.bank.risk_notes.note(SYSTEM, person.id, source=source, code=code, strength=strength)


def ask(world, person, amount_minor=400_000, **to):
    return world.propose(
        person, amount_minor, payee_id=to.pop("payee_id", None) or world.payee(person).id
    )


def alerts(world):
    return [one for one in world.bank.cases.list(OFFICER) if one.kind is CaseKind.ALERT]


def held(world, person):
    """Return a transfer that was confirmed with its code and waits for a person."""
    world.bank.protection.use(Sure(9.0))
    return world.confirm(person, ask(world, person))


# --- paused --------------------------------------------------------------------------------


def test_given_a_scammers_words_when_confirmed_then_it_waits_a_day_with_the_warning_that_fits(
    world, amal
):
    transfer = ask(world, amal)
    hear(world, amal)

    with pytest.raises(errors.PaymentPaused) as paused:
        world.bank.transfers.confirm(amal.actor, transfer.id)

    until = (world.clock() + timedelta(hours=24)).isoformat(timespec="minutes")
    assert paused.value.details == {"until_utc": until, "story": "safe_account"}
    assert world.available_minor(amal, amal.current) == 900_000
    assert world.bank.transfers.get(amal.actor, transfer.id).status is TransferStatus.VOIDED
    assert [one.reason_code for one in alerts(world)] == ["payment_paused"]


def test_given_a_pause_when_asked_again_then_the_same_hour_and_no_second_case(world, amal):
    payee = world.payee(amal)
    hear(world, amal)
    first = ask(world, amal, payee_id=payee.id)
    with pytest.raises(errors.PaymentPaused) as before:
        world.bank.transfers.confirm(amal.actor, first.id)
    world.clock.turn(hours=2)

    again = ask(world, amal, 5_000, payee_id=payee.id)
    with pytest.raises(errors.PaymentPaused) as after:
        world.bank.transfers.confirm(amal.actor, again.id)

    assert after.value.details == before.value.details
    assert len(alerts(world)) == 1


def test_given_a_pause_when_another_payee_is_paid_then_only_the_words_count(world, amal):
    first = ask(world, amal)
    hear(world, amal)
    with pytest.raises(errors.PaymentPaused):
        world.bank.transfers.confirm(amal.actor, first.id)
    world.clock.turn(days=4)  # the words are forgotten

    other = world.payee(amal, "Ben", iban="GB29NWBK60161331926819")
    posted = world.confirm(amal, ask(world, amal, 20_000, payee_id=other.id))

    assert posted.status is TransferStatus.POSTED


def test_given_a_pause_that_was_waited_out_when_the_words_go_on_then_a_person_looks(world, amal):
    payee = world.payee(amal)
    hear(world, amal)
    with pytest.raises(errors.PaymentPaused):
        world.bank.transfers.confirm(amal.actor, ask(world, amal, payee_id=payee.id).id)
    world.clock.turn(hours=25)
    hear(world, amal)

    done = world.confirm(amal, ask(world, amal, payee_id=payee.id))

    assert done.status is TransferStatus.HELD


def test_given_a_scammers_words_when_a_standing_order_is_made_then_it_waits_too(world, amal):
    payee = world.payee(amal)
    hear(world, amal)

    with pytest.raises(errors.PaymentPaused):
        world.bank.standing_orders.create(
            amal.actor,
            payee_id=payee.id,
            amount=eur(400_000),
            cadence="monthly",
            first_date=world.clock().date(),
            idempotency_key=world.key(),
        )


def test_given_ones_own_savings_when_paid_then_nothing_is_looked_at(world, amal):
    hear(world, amal)
    world.bank.protection.use(Sure(12.0))

    moved = world.confirm(amal, world.propose(amal, 400_000, to_account_id=amal.savings.id))

    assert moved.status is TransferStatus.POSTED


# --- held ----------------------------------------------------------------------------------


def test_given_a_payment_unlike_them_when_confirmed_then_the_code_first_and_then_it_is_held(
    world, amal
):
    world.bank.protection.use(Sure(9.0))
    transfer = ask(world, amal)
    with pytest.raises(errors.StepUpRequired):
        world.bank.transfers.confirm(amal.actor, transfer.id)

    done = world.confirm(amal, transfer)

    assert (done.status, done.status.value) == (TransferStatus.HELD, "processing")
    assert world.posted_minor(amal.current) == 900_000
    assert world.available_minor(amal, amal.current) == 500_000
    (case,) = alerts(world)
    (seen,) = world.bank.protection.assessments(OFFICER, case.id)
    assert (seen.decision, seen.model_version, seen.subject_id) == (
        RiskDecision.HOLD,
        "v1",
        transfer.id,
    )
    assert check(world.store) == []


def test_given_a_held_payment_when_confirmed_again_or_time_passes_then_it_stays_held(world, amal):
    transfer = held(world, amal)
    world.clock.turn(seconds=PROPOSAL_TTL_S * 10)

    again = world.bank.transfers.confirm(amal.actor, transfer.id)
    world.bank.transfers.expire_due()

    assert again.status is TransferStatus.HELD
    assert world.bank.transfers.get(amal.actor, transfer.id).status is TransferStatus.HELD
    assert len(alerts(world)) == 1


def test_given_a_held_payment_when_found_genuine_then_it_goes_and_is_labelled(world, amal):
    transfer = held(world, amal)
    (case,) = alerts(world)
    world.bank.cases.claim(OFFICER, case.id)

    done = world.bank.alert_desk.decide(OFFICER, case.id, "genuine", "Called them.")

    assert (done.state, done.outcome) == (CaseState.RESOLVED, "genuine")
    assert world.bank.transfers.get(amal.actor, transfer.id).status is TransferStatus.POSTED
    assert world.posted_minor(amal.current) == 500_000
    (finding,) = world.store.read(lambda uow: uow.fraud_findings.list())
    assert (finding.is_fraud, finding.source, finding.found_by) == (
        False,
        FindingSource.ALERT,
        "st_1",
    )
    (told,) = world.bank.notices.pending(amal.id)
    assert told.kind is NoticeKind.PAYMENT_SENT
    assert check(world.store) == []


def test_given_a_held_payment_when_found_fraud_then_the_money_is_free_and_the_payee_is_remembered(
    world, amal
):
    transfer = held(world, amal)
    (case,) = alerts(world)
    world.bank.cases.claim(OFFICER, case.id)
    world.bank.protection.use(Sure(0.0))

    world.bank.alert_desk.decide(OFFICER, case.id, RiskOutcome.FRAUD)

    assert world.bank.transfers.get(amal.actor, transfer.id).status is TransferStatus.VOIDED
    assert world.available_minor(amal, amal.current) == 900_000
    (told,) = world.bank.notices.pending(amal.id)
    assert told.kind is NoticeKind.PAYMENT_NOT_SENT
    ben = world.person(funds_minor=900_000)
    other = ask(world, ben, 200_000, payee_id=world.payee(ben, "The same", ELSEWHERE).id)
    view = world.bank.protection.check(other).view
    assert [one.code for one in view.signals if one.source is RiskSource.NETWORK] == [
        "payee_lost_to"
    ]
    assert check(world.store) == []


def test_given_a_held_payment_when_the_customer_cancels_then_the_money_is_free(world, amal):
    transfer = held(world, amal)

    gone = world.bank.transfers.void(amal.actor, transfer.id)

    assert gone.status is TransferStatus.VOIDED
    assert world.available_minor(amal, amal.current) == 900_000
    (case,) = alerts(world)
    world.bank.cases.claim(OFFICER, case.id)
    world.bank.alert_desk.decide(OFFICER, case.id, "fraud")  # what was found still counts
    assert check(world.store) == []


def test_given_a_held_payment_when_its_case_is_just_resolved_then_it_is_refused(world, amal):
    held(world, amal)
    (case,) = alerts(world)
    world.bank.cases.claim(OFFICER, case.id)

    with pytest.raises(errors.Conflict):
        world.bank.cases.resolve(OFFICER, case.id, "done")


@pytest.mark.parametrize(
    ("actor", "refusal"), [(AGENT, errors.NotPermitted), (SYSTEM, errors.NotPermitted)]
)
def test_given_somebody_who_may_not_when_deciding_then_nothing_moves(world, amal, actor, refusal):
    transfer = held(world, amal)
    (case,) = alerts(world)

    with pytest.raises(refusal):
        world.bank.alert_desk.decide(actor, case.id, "genuine")

    assert world.bank.transfers.get(amal.actor, transfer.id).status is TransferStatus.HELD


def test_given_a_case_somebody_else_holds_when_decided_then_nothing_moves(world, amal):
    transfer = held(world, amal)
    (case,) = alerts(world)

    with pytest.raises(errors.CaseNotOwned):
        world.bank.alert_desk.decide(OFFICER, case.id, "genuine")

    assert world.bank.transfers.get(amal.actor, transfer.id).status is TransferStatus.HELD
    assert world.bank.protection.assessments(OFFICER, case.id)[0].outcome is None


@pytest.mark.parametrize("outcome", ["maybe", "", "FRAUD"])
def test_given_a_word_that_is_no_outcome_when_decided_then_it_says_which_there_are(
    world, amal, outcome
):
    held(world, amal)
    (case,) = alerts(world)
    world.bank.cases.claim(OFFICER, case.id)

    with pytest.raises(errors.InvalidInput) as wrong:
        world.bank.alert_desk.decide(OFFICER, case.id, outcome)

    assert wrong.value.details["allowed"] == "fraud, genuine"


# --- step-up, acts, notes --------------------------------------------------------------------


def test_given_a_small_payment_to_a_known_payee_when_a_little_suspicious_then_a_code_is_asked(
    world, amal
):
    payee = world.payee(amal)
    world.confirm(amal, ask(world, amal, 10_000, payee_id=payee.id))
    world.bank.protection.use(Sure(2.5))

    with pytest.raises(errors.StepUpRequired):
        world.bank.transfers.confirm(amal.actor, ask(world, amal, 1_000, payee_id=payee.id).id)


def test_given_a_denied_login_when_a_payee_is_added_then_not_now_and_nobody_says_why(world, amal):
    hear(world, amal, "denied_login", source=RiskSource.LOGIN)

    with pytest.raises(errors.ActPaused) as refused:
        world.bank.payees.add(amal.actor, name="Ben", iban=ELSEWHERE, idempotency_key="k1")

    assert refused.value.details == {}
    assert [one.reason_code for one in alerts(world)] == ["act_paused"]


def test_given_a_denied_login_when_a_card_is_frozen_then_it_is_frozen(world, amal):
    card = world.bank.cards.issue(
        SYSTEM, account_id=amal.current.id, kind="debit", limit_day_minor=100_000
    )
    hear(world, amal, "denied_login", source=RiskSource.LOGIN)

    frozen = world.bank.cards.freeze(amal.actor, card.id)

    assert frozen.status.value == "frozen"


@pytest.mark.parametrize(
    ("code", "strength"), [("no_such", 0.5), ("urgency", 0.0), ("urgency", 1.5)]
)
def test_given_a_note_that_weighs_nothing_or_too_much_then_it_is_refused(
    world, amal, code, strength
):
    with pytest.raises(errors.InvalidInput):
        hear(world, amal, code, strength)


def test_given_notes_when_their_hours_are_over_then_they_are_forgotten(world, amal):
    hear(world, amal)
    world.clock.turn(days=5)

    assert world.bank.risk_notes.purge() == 1


def test_given_an_ordinary_payment_then_nothing_of_it_is_kept(world, amal):
    world.confirm(amal, ask(world, amal))

    assert world.store.read(lambda uow: uow.assessments.count()) == 0
    assert alerts(world) == []
