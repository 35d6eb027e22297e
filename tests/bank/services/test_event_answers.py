"""Was this you? What a yes is worth from where, and what a no sets going."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from bank.domain import errors
from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.asked_events import EventAnswer, EventKind
from bank.domain.cards import CardStatus
from bank.domain.cases import CaseKind, Priority
from bank.domain.challenges import CodeProof
from bank.domain.fraud_findings import FindingSource
from bank.domain.risk import RiskSource
from bank.services.risk_view import see_customer
from tests.bank.builders import World
from tests.bank.services.desk import OFFICER
from tests.bank.services.events import (
    a_card,
    a_strange_login,
    a_strange_payment,
    asked,
    logs_in,
)

MEMBER = Actor(ActorKind.STAFF, "st_2", LoginLevel.STRONG, roles=frozenset({"agent"}))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def amal(world):
    """A customer of many years with a home, and a card."""
    person = world.person()
    world.bank.habits.note_login(person.id, place="home")
    a_card(world, person)
    world.clock.turn(days=90)
    return person


def alerts(world):
    return [one for one in world.bank.cases.list(OFFICER) if one.kind is CaseKind.ALERT]


def cards(world, person):
    return [one.status for one in world.bank.cards.list(person.actor)]


def findings(world):
    return world.store.read(lambda uow: uow.fraud_findings.list(order_by="id"))


def signals(world, person):
    seen = world.store.read(lambda uow: see_customer(uow, person.id, now_utc=world.clock()))
    return {one.code for one in seen if one.source is RiskSource.LOGIN}


def code_for(world, person, actor, event):
    with pytest.raises(errors.StepUpRequired) as refusal:
        world.bank.event_answers.yes(actor, event.id)
    return CodeProof(world.code(person, refusal.value))


# --- yes -------------------------------------------------------------------------------------


def test_given_a_card_payment_when_it_was_them_then_it_is_labelled_genuine(world, amal):
    home = logs_in(world, amal, "home")
    event = a_strange_payment(world, amal)

    answered = world.bank.event_answers.yes(home, event.id)
    world.bank.event_answers.yes(home, event.id)

    assert answered.answer is EventAnswer.YES
    (finding,) = findings(world)
    assert (finding.is_fraud, finding.source, finding.found_by) == (
        False,
        FindingSource.REPORT,
        amal.id,
    )
    assert cards(world, amal) == [CardStatus.ACTIVE]


def test_given_a_new_place_when_an_older_one_says_yes_then_the_place_is_known(world, amal):
    home = logs_in(world, amal, "home")
    event, _ = a_strange_login(world, amal)
    assert signals(world, amal) == {"new_place"}

    world.bank.event_answers.yes(home, event.id)

    assert signals(world, amal) == set()


def test_given_a_new_place_when_it_says_yes_itself_then_a_code_and_the_signal_stays(world, amal):
    event, stranger = a_strange_login(world, amal)

    with pytest.raises(errors.StepUpRequired):
        world.bank.event_answers.yes(stranger, event.id)

    assert signals(world, amal) == {"new_place"}
    assert asked(world, amal) == [event]


def test_given_the_code_of_ones_own_phone_when_entered_then_the_place_is_known(world, amal):
    event, here = a_strange_login(world, amal)
    proof = code_for(world, amal, here, event)
    challenge = world.bank.step_up.pending(here)

    world.bank.step_up_acts.perform(here, challenge, proof)

    assert asked(world, amal) == []
    assert signals(world, amal) == set()


def test_given_a_wrong_code_when_entered_then_it_still_waits(world, amal):
    event, here = a_strange_login(world, amal)
    right = code_for(world, amal, here, event)

    with pytest.raises(errors.WrongCode):
        world.bank.event_answers.yes(
            here, event.id, proof=CodeProof("000000" if right.code != "000000" else "111111")
        )

    assert asked(world, amal) == [event]


def test_given_two_new_places_when_one_vouches_for_the_other_then_a_code(world, amal):
    first, one = a_strange_login(world, amal, "cafe")
    second, other = a_strange_login(world, amal, "tower")

    for actor, event in ((one, second), (other, first)):
        with pytest.raises(errors.StepUpRequired):
            world.bank.event_answers.yes(actor, event.id)


def test_given_a_messenger_nobody_knows_the_place_of_when_yes_to_a_login_then_a_code(world, amal):
    event, _ = a_strange_login(world, amal)

    with pytest.raises(errors.StepUpRequired):
        world.bank.event_answers.yes(amal.actor, event.id)


def test_given_a_card_question_when_a_new_place_says_yes_then_a_code(world, amal):
    event = a_strange_payment(world, amal)
    _, stranger = a_strange_login(world, amal)

    with pytest.raises(errors.StepUpRequired):
        world.bank.event_answers.yes(stranger, event.id)
    assert findings(world) == []


# --- no --------------------------------------------------------------------------------------


def test_given_a_card_payment_when_it_was_not_them_then_that_card_and_an_urgent_alert(world, amal):
    a_card(world, amal, amal.savings)
    home = logs_in(world, amal, "home")
    event = a_strange_payment(world, amal)

    denied = world.bank.event_answers.no(home, event.id)

    frozen = {one.account_id: one.status for one in world.bank.cards.list(amal.actor)}
    assert frozen == {
        amal.current.id: CardStatus.FROZEN, amal.savings.id: CardStatus.ACTIVE,
    }  # fmt: skip
    (finding,) = findings(world)
    assert (finding.is_fraud, finding.source, finding.posting_id) == (
        True, FindingSource.REPORT, event.posting_id,
    )  # fmt: skip
    (case,) = alerts(world)
    assert (case.id, case.priority, case.reason_code) == (
        denied.case_id, Priority.URGENT, "event_denied",
    )  # fmt: skip
    assert "480.00 EUR to Goldmine Online" in case.why
    assert signals(world, amal) == {"denied_login"}


def test_given_a_login_when_it_was_not_them_then_all_cards_and_all_other_sessions(world, amal):
    a_card(world, amal, amal.savings)
    home = logs_in(world, amal, "home")
    event, stranger = a_strange_login(world, amal)

    world.bank.event_answers.no(home, event.id)

    assert cards(world, amal) == [CardStatus.FROZEN, CardStatus.FROZEN]
    live = world.store.read(lambda uow: uow.sessions.list(ended_at_utc=None))
    assert [one.conversation_id for one in live] == [home.conversation_id]
    assert stranger.conversation_id != home.conversation_id
    with pytest.raises(errors.ActPaused):
        world.bank.payees.add(home, name="Ben", iban="GB29NWBK60161331926819", idempotency_key="k")


def test_given_a_no_when_said_again_then_nothing_more(world, amal):
    home = logs_in(world, amal, "home")
    event = a_strange_payment(world, amal)

    first = world.bank.event_answers.no(home, event.id)
    logs_in(world, amal, "home")
    again = world.bank.event_answers.no(home, event.id)

    assert again == first
    assert len(alerts(world)) == len(findings(world)) == 1
    assert len(world.store.read(lambda uow: uow.sessions.list(ended_at_utc=None))) == 2


def test_given_a_no_when_a_yes_follows_then_it_undoes_nothing(world, amal):
    home = logs_in(world, amal, "home")
    event, _ = a_strange_login(world, amal)
    world.bank.event_answers.no(home, event.id)

    after = world.bank.event_answers.yes(home, event.id)

    assert after.answer is EventAnswer.NO
    assert "denied_login" in signals(world, amal)


def test_given_a_yes_when_a_no_follows_then_the_no_counts(world, amal):
    home = logs_in(world, amal, "home")
    event = a_strange_payment(world, amal)
    world.bank.event_answers.yes(home, event.id)

    world.bank.event_answers.no(home, event.id)

    assert cards(world, amal) == [CardStatus.FROZEN]
    assert [one.is_fraud for one in findings(world)] == [False, True]


def test_given_a_denied_place_when_logged_in_from_again_then_it_is_noted_again(world, amal):
    home = logs_in(world, amal, "home")
    event, _ = a_strange_login(world, amal)
    world.bank.event_answers.no(home, event.id)
    world.clock.turn(days=5)  # the first note is forgotten
    assert signals(world, amal) == set()

    logs_in(world, amal, "elsewhere")

    assert signals(world, amal) == {"denied_login"}


def test_given_somebody_elses_event_when_answered_then_it_does_not_exist(world, amal):
    mallory = world.person()
    event = a_strange_payment(world, amal)

    for answer in (world.bank.event_answers.yes, world.bank.event_answers.no):
        with pytest.raises(errors.NotFound):
            answer(mallory.actor, event.id)


@pytest.mark.parametrize("actor", [SYSTEM, MEMBER])
def test_given_no_customer_when_answered_then_it_is_refused(world, amal, actor):
    event = a_strange_payment(world, amal)

    with pytest.raises(errors.NotPermitted):
        world.bank.event_answers.no(actor, event.id)


# --- a person --------------------------------------------------------------------------------


def test_given_a_no_when_staff_find_it_genuine_then_the_denial_is_taken_back(world, amal):
    home = logs_in(world, amal, "home")
    event, _ = a_strange_login(world, amal)
    denied = world.bank.event_answers.no(home, event.id)
    world.bank.cases.claim(OFFICER, denied.case_id)

    world.bank.alert_desk.decide(OFFICER, denied.case_id, "genuine", "Called them.")

    kept = world.store.read(lambda uow: uow.asked_events.get(event.id))
    assert (kept.answer, kept.answered_by) == (EventAnswer.YES, "st_1")
    assert signals(world, amal) == set()
    assert cards(world, amal) == [CardStatus.FROZEN]  # the customer's to unfreeze, with a code


def test_given_a_denied_payment_when_staff_find_it_fraud_then_theirs_is_the_last_label(world, amal):
    home = logs_in(world, amal, "home")
    denied = world.bank.event_answers.no(home, a_strange_payment(world, amal).id)
    world.bank.cases.claim(OFFICER, denied.case_id)

    world.bank.alert_desk.decide(OFFICER, denied.case_id, "fraud")

    assert [(one.is_fraud, one.source) for one in findings(world)] == [
        (True, FindingSource.REPORT), (True, FindingSource.ALERT),
    ]  # fmt: skip


def test_given_a_denied_event_when_its_case_is_just_resolved_then_it_is_refused(world, amal):
    home = logs_in(world, amal, "home")
    denied = world.bank.event_answers.no(home, a_strange_payment(world, amal).id)
    world.bank.cases.claim(OFFICER, denied.case_id)

    with pytest.raises(errors.Conflict):
        world.bank.cases.resolve(OFFICER, denied.case_id, "done")


# --- laws ------------------------------------------------------------------------------------

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["login", "pay", "yes", "no", "wait"]),
        st.sampled_from(["home", "cafe", "tower"]),
        st.integers(0, 5),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(_STEPS)
def test_a_no_is_never_undone_and_no_new_place_clears_itself(steps):
    world = World()
    person = world.person()
    a_card(world, person)
    actors = {"home": logs_in(world, person, "home")}
    denied, said_yes = set(), {}
    for act, place, number in steps:
        world.clock.turn(hours=1)
        if act == "wait":
            world.clock.turn(hours=20)
        elif act == "pay":
            a_strange_payment(world, person, f"Shop {number}")
        elif act == "login":
            actors[place] = logs_in(world, person, place)
        elif place in actors and (events := asked_ever(world)):
            event = events[number % len(events)]
            if act == "no":
                world.bank.event_answers.no(actors[place], event.id)
                denied.add(event.id)
            else:
                try:
                    world.bank.event_answers.yes(actors[place], event.id)
                except errors.StepUpRequired:
                    continue
                said_yes.setdefault(event.id, place)
    kept = {one.id: one for one in asked_ever(world)}
    assert {one for one, event in kept.items() if event.answer is EventAnswer.NO} == denied
    vouched = {
        (event.place_id, said_yes[one])
        for one, event in kept.items()
        if event.kind is EventKind.LOGIN and event.answer is EventAnswer.YES
    }
    assert all(not place_id.endswith(by) for place_id, by in vouched)
    assert len(alerts(world)) == len(denied)
    if denied:
        assert cards(world, person) == [CardStatus.FROZEN]
    wrong = [one for one in findings(world) if one.is_fraud]
    assert len(wrong) == sum(kept[one].kind is EventKind.CARD for one in denied)


def asked_ever(world):
    return world.store.read(lambda uow: uow.asked_events.list(order_by="id"))
