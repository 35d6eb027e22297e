"""Was this you, in the dialogue: which event is meant, who keeps their yes, what is said."""

from __future__ import annotations

import pytest

from actions import event_replies
from actions.disputes import DisputeTransaction
from actions.events import AnswerEvent
from actions.notices import TellNotice
from bank.domain.actors import SYSTEM, LoginLevel
from bank.domain.asked_events import EventAnswer
from tests.actions.running import TURNS, a_tracker, run
from tests.bank.builders import World

TRANSFER = "action_transfer_money"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def amal(world):
    return world.person()


@pytest.fixture
def action(world):
    return AnswerEvent(world.bank, TURNS)


def a_payment(world, person, merchant="Goldmine", days_ago=0.0):
    world.clock.turn(days=2)
    posting = world.book(person.current.id, -48_000, merchant=merchant, days_ago=days_ago)
    return world.bank.event_questions.ask_card(SYSTEM, posting.id)


def slots_of(events):
    return {one["name"]: one["value"] for one in events if one["event"] == "slot"}


def answer_of(world, event):
    return world.store.read(lambda uow: uow.asked_events.get(event.id)).answer


def about(event, **facts):
    named = {"event_id": event.id, **facts}
    return [{"entity": name, "value": value} for name, value in named.items()]


def then(events):
    return [one["name"] for one in events if one["event"] == "followup"]


async def test_given_a_notice_that_asks_when_told_then_the_asking_action_says_it(world, amal):
    event = a_payment(world, amal)
    told = a_tracker(
        actor=amal.id, intent="EXTERNAL_notice", entities=about(event, kind="card_unusual")
    )

    events, said = await run(TellNotice(world.bank, TURNS), told)

    assert said == []
    assert then(events) == [event_replies.ACTION]


async def test_given_nothing_else_open_when_asked_then_the_question_is_the_open_one(
    world, amal, action
):
    event = a_payment(world, amal)
    told = a_tracker(actor=amal.id, intent="EXTERNAL_notice", entities=about(event))

    events, said = await run(action, told)

    assert said == ["utter_notice_card_unusual"]
    assert slots_of(events)["open_tasks"] == [event_replies.ACTION]
    assert slots_of(events)["events_event_id"] == event.id


async def test_given_a_transfer_that_asks_when_asked_then_the_transfer_keeps_its_yes(
    world, amal, action
):
    event = a_payment(world, amal)
    told = a_tracker(
        actor=amal.id, intent="EXTERNAL_notice", entities=about(event), open_tasks=[TRANSFER]
    )

    events, _ = await run(action, told)

    assert "open_tasks" not in slots_of(events)
    assert slots_of(events)["events_event_id"] == event.id


async def test_given_several_questions_when_answered_in_words_then_of_the_one_asked_last(
    world, amal, action
):
    older, newer = a_payment(world, amal), a_payment(world, amal)

    _, said = await run(
        action, a_tracker(actor=amal.id, intent="deny_event", events_event_id=older.id)
    )

    assert said == ["utter_events_denied_card"]
    assert (answer_of(world, older), answer_of(world, newer)) == (EventAnswer.NO, None)


async def test_given_several_and_none_asked_here_when_answered_then_it_is_not_guessed(
    world, amal, action
):
    older, newer = a_payment(world, amal), a_payment(world, amal)

    events, said = await run(action, a_tracker(actor=amal.id, intent="deny_event"))

    assert said == ["utter_notice_card_unusual"]
    assert slots_of(events)["events_event_id"] == newer.id
    assert (answer_of(world, older), answer_of(world, newer)) == (None, None)


async def test_given_a_bare_yes_when_another_question_is_open_then_it_answers_nothing_here(
    world, amal, action
):
    event = a_payment(world, amal)
    tracker = a_tracker(
        actor=amal.id, intent="affirm", events_event_id=event.id, open_tasks=[TRANSFER]
    )

    await run(action, tracker)

    assert answer_of(world, event) is None


async def test_given_a_button_of_somebody_elses_event_when_pressed_then_it_does_not_exist(
    world, amal, action
):
    event, mallory = a_payment(world, amal), world.person()

    for intent in ("confirm_event", "deny_event"):
        _, said = await run(
            action, a_tracker(actor=mallory.id, intent=intent, entities=about(event))
        )
        assert said == ["utter_not_found"]
    assert answer_of(world, event) is None


async def test_given_a_visitor_when_answering_then_they_log_in_first(world, amal, action):
    event = a_payment(world, amal)

    _, said = await run(action, a_tracker(intent="deny_event", entities=about(event)))

    assert said == ["utter_not_authenticated"]
    assert answer_of(world, event) is None


async def test_given_a_no_before_when_a_button_says_yes_then_a_person_is_offered(
    world, amal, action
):
    event = a_payment(world, amal)
    await run(action, a_tracker(actor=amal.id, intent="deny_event", entities=about(event)))

    _, said = await run(
        action, a_tracker(actor=amal.id, intent="confirm_event", entities=about(event))
    )

    assert said == ["utter_events_denied_before"]
    assert answer_of(world, event) is EventAnswer.NO


async def test_given_no_answer_twice_then_the_words_are_taken_for_something_else(
    world, amal, action
):
    event = a_payment(world, amal)
    asking = {"open_tasks": [event_replies.ACTION], "events_event_id": event.id}

    once, said = await run(action, a_tracker(actor=amal.id, intent="gibberish", **asking))
    twice, silent = await run(
        action, a_tracker(actor=amal.id, intent="gibberish", events_missed=True, **asking)
    )

    assert (said, slots_of(once)["events_missed"]) == (["utter_notice_card_unusual"], True)
    assert (silent, then(twice)) == ([], ["action_default_fallback"])
    assert slots_of(twice)["open_tasks"] == []


async def test_given_a_login_when_yes_from_nobody_knows_where_then_a_code(world, amal, action):
    for place in ("home", "elsewhere"):
        world.bank.habits.note_login(amal.id, place=place)

    events, said = await run(action, a_tracker(actor=amal.id, intent="confirm_event"))
    _, strong = await run(
        action, a_tracker(actor=amal.id, intent="confirm_event", level=LoginLevel.STRONG)
    )

    assert said == ["utter_events_step_up"]
    assert slots_of(events)["open_tasks"] == []
    assert strong == ["utter_events_accepted_login"]


@pytest.mark.parametrize(
    ("text", "entities", "is_denied"),
    [
        ("I did not make this payment", [], True),
        ("I was charged twice", [], False),
        ("I don't recognise Corner shop", [{"entity": "merchant", "value": "Corner shop"}], False),
    ],
)
async def test_given_a_question_when_a_payment_is_disputed_then_only_that_one_is_denied(
    world, amal, text, entities, is_denied
):
    world.book(amal.current.id, -900, merchant="Corner shop", days_ago=3)
    event = a_payment(world, amal)
    tracker = a_tracker(
        actor=amal.id, intent="dispute_transaction", text=text, entities=entities,
        events_event_id=event.id,
    )  # fmt: skip

    _, said = await run(DisputeTransaction(world.bank, TURNS), tracker)

    assert (said == ["utter_events_denied_card"]) is is_denied
    assert (answer_of(world, event) is EventAnswer.NO) is is_denied
