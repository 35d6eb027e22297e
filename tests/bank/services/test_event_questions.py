"""Was this you? Who is asked, of what, where, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bank.domain import errors
from bank.domain.actors import SYSTEM
from bank.domain.asked_events import EventAnswer, EventKind
from bank.domain.notices import NOTICE_TTL, NoticeKind
from bank.policies import protection as policy
from tests.bank.builders import World
from tests.bank.services.desk import OFFICER
from tests.bank.services.events import (
    a_card,
    a_strange_login,
    a_strange_payment,
    asked,
    logs_in,
    mails,
)


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


# --- who is asked ----------------------------------------------------------------------------


def test_given_the_first_place_of_all_when_logged_in_then_nobody_is_asked(world):
    person = world.person()

    world.bank.habits.note_login(person.id, place="home")
    world.bank.habits.note_login(person.id, place="home")

    assert asked(world, person) == []


def test_given_a_place_never_seen_when_logged_in_then_asked_once_in_chat_and_by_mail(world, amal):
    for _ in range(3):
        world.bank.habits.note_login(amal.id, place="elsewhere")

    (event,) = asked(world, amal)
    assert (event.kind, event.place_id) == (EventKind.LOGIN, f"{amal.id}:elsewhere")
    (notice,) = world.bank.notices.pending(amal.id)
    assert (notice.kind, notice.facts["event_id"]) == (NoticeKind.LOGIN_NEW_PLACE, event.id)
    ((subject, body),) = mails(world)
    assert subject == "A login from a new place"
    assert event.facts["time"] in body


def test_given_a_payment_unlike_them_when_asked_then_no_shop_and_no_sum_in_the_subject(world, amal):
    event = a_strange_payment(world, amal)

    assert event.facts == {
        "merchant": "Goldmine Online", "amount": "480.00 EUR",
        "date": world.clock().date().isoformat(),
    }  # fmt: skip
    ((subject, body),) = mails(world)
    assert "Goldmine" not in subject
    assert "480" not in subject
    assert "480.00 EUR at Goldmine Online" in body


def test_given_a_spanish_customer_when_asked_then_the_mail_is_in_spanish(world, amal):
    customer = world.store.read(lambda uow: uow.customers.get(amal.id))
    world.store.write(lambda uow: uow.customers.save(replace(customer, locale="es")))

    a_strange_payment(world, amal)

    ((subject, _),) = mails(world)
    assert subject == "¿Fue usted? Un pago con tarjeta"


def test_given_a_series_of_payments_when_seen_then_it_is_one_question_a_day(world, amal):
    first = a_strange_payment(world, amal)
    same = world.bank.event_questions.ask_card(SYSTEM, first.posting_id)
    second = a_strange_payment(world, amal, "Other shop")
    world.clock.turn(hours=25)
    later = a_strange_payment(world, amal, "Third shop")
    again = world.bank.event_questions.ask_card(SYSTEM, first.posting_id)

    assert (same, second, again) == (None, None, None)
    assert [one.id for one in asked(world, amal)] == [later.id, first.id]


@pytest.mark.parametrize("kind", ["transfer", "direct_debit"])
def test_given_no_card_payment_when_to_be_asked_then_nobody_is(world, amal, kind):
    posting = world.book(amal.current.id, -5_000, kind=kind)

    assert world.bank.event_questions.ask_card(SYSTEM, posting.id) is None


def test_given_a_customer_when_they_ask_the_question_then_it_is_refused(world, amal):
    posting = world.book(amal.current.id, -5_000, merchant="Shop")

    with pytest.raises(errors.NotPermitted):
        world.bank.event_questions.ask_card(amal.actor, posting.id)


def test_given_two_weeks_of_silence_then_it_is_asked_no_more(world, amal):
    a_strange_payment(world, amal)
    world.clock.turn(seconds=NOTICE_TTL.total_seconds())

    assert asked(world, amal) == []
    assert world.bank.notices.pending(amal.id) == []


def test_given_the_chat_of_the_very_login_then_it_is_not_asked_there_but_at_home(world, amal):
    home = logs_in(world, amal, "home")
    _, stranger = a_strange_login(world, amal)
    (notice,) = world.bank.notices.pending(amal.id)

    tells = world.bank.event_questions.may_be_told_in

    assert tells(notice, home.conversation_id)
    assert not tells(notice, stranger.conversation_id)


def test_given_an_answer_elsewhere_then_it_is_not_asked_any_more(world, amal):
    home = logs_in(world, amal, "home")
    event = a_strange_payment(world, amal)
    (notice,) = world.bank.notices.pending(amal.id)

    world.bank.event_answers.yes(home, event.id)

    assert not world.bank.event_questions.may_be_told_in(notice, home.conversation_id)


# --- how often -------------------------------------------------------------------------------


def test_given_many_new_places_in_a_day_then_so_many_questions_and_the_next_day_again(world, amal):
    most = policy.logins_asked_a_day()
    for number in range(most + 4):
        world.bank.habits.note_login(amal.id, place=f"place-{number}")
    assert len(asked(world, amal)) == len(mails(world)) == most

    world.clock.turn(hours=24)
    world.bank.habits.note_login(amal.id, place="the next day")

    assert len(asked(world, amal)) == most + 1


def test_given_a_place_beyond_the_days_questions_when_it_vouches_then_a_code(world, amal):
    event = a_strange_payment(world, amal)
    for number in range(policy.logins_asked_a_day()):
        world.bank.habits.note_login(amal.id, place=f"place-{number}")
    unasked = logs_in(world, amal, "one more")

    with pytest.raises(errors.StepUpRequired):
        world.bank.event_answers.yes(unasked, event.id)


# --- how long --------------------------------------------------------------------------------


def kept(world):
    return world.store.read(lambda uow: {one.id for one in uow.asked_events.list()})


def test_given_questions_when_their_time_is_long_over_then_they_are_forgotten(world, amal):
    home = logs_in(world, amal, "home")
    own = a_strange_payment(world, amal)
    world.bank.event_answers.yes(home, own.id)
    world.clock.turn(hours=25)
    silent = a_strange_payment(world, amal, "Other shop")
    long = NOTICE_TTL + (world.clock() - policy.asked_kept_since(world.clock(), is_denied=False))
    world.clock.turn(seconds=(long - timedelta(minutes=1)).total_seconds())
    assert world.bank.event_questions.purge() == 1
    assert kept(world) == {silent.id}
    world.clock.turn(minutes=2)
    still_open = a_strange_payment(world, amal, "Third shop")

    assert world.bank.event_questions.purge() == 1

    assert kept(world) == {still_open.id}
    assert world.bank.event_questions.purge() == 0


def test_given_a_denial_when_years_have_passed_then_it_goes_once_a_person_has_decided(world, amal):
    home = logs_in(world, amal, "home")
    denied = world.bank.event_answers.no(home, a_strange_payment(world, amal).id)
    world.clock.turn(days=800)
    assert world.bank.event_questions.purge() == 0
    world.bank.cases.claim(OFFICER, denied.case_id)
    world.bank.alert_desk.decide(OFFICER, denied.case_id, "fraud")

    assert world.bank.event_questions.purge() == 1


def test_given_a_denial_of_a_place_then_it_weighs_longer_than_other_questions_are_kept(world, amal):
    home = logs_in(world, amal, "home")
    event, _ = a_strange_login(world, amal)
    denied = world.bank.event_answers.no(home, event.id)
    world.bank.cases.claim(OFFICER, denied.case_id)
    world.bank.alert_desk.decide(OFFICER, denied.case_id, "fraud")
    world.clock.turn(days=200)

    assert world.bank.event_questions.purge() == 0

    (event,) = world.store.read(lambda uow: uow.asked_events.list())
    assert event.answer is EventAnswer.NO
