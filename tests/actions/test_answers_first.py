"""Which messages the library is asked about, and how sure it has to be of them."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import AnswerQuestion
from actions.answers_first import CERTAIN, OWN_ANSWERS, READY_ANSWER, answered_first
from actions.readings import FALLBACK
from actions.ready_answers import READY
from actions.wishes import all_rules
from bank.domain.actors import VISITOR
from bank.domain.answers import Citation, LibraryAnswer, LibraryQuestion, Span
from tests.actions.running import TURNS, a_tracker
from tests.bank.people.world import World

SPAN = Span("Twenty days.", Citation("transfers", 1, "Transfers", "How long", "how-long"), 1.0)
QUESTION, LOOSE, WISH = "how long does a refund take?", "can my card be in my phone", "block my card"
STORY = "spotify took my money again although I have left them"
ACTIONS = {"nlu_fallback": FALLBACK, "two_wishes": "action_ask_which_first"}
ACTIONS |= dict.fromkeys(READY, READY_ANSWER)
AMOUNT = {"entity": "amount", "value": {"amount": "20", "currency": "EUR"}}
PAYEE = {"entity": "payee_name", "value": "Ana"}


class Librarian:
    """Answers everything, as sure as it is told to be."""

    def __init__(self, sure: float) -> None:
        self.sure = sure

    def answer(self, question: LibraryQuestion) -> LibraryAnswer | None:
        if self.sure < question.sure_least:
            return None
        return LibraryAnswer(text=SPAN.text, spans=(SPAN,), topic="transfers")


def told(
    text: str, *, read_as: str, confidence: float, sure: float, entities: Any = (), **slots: Any
) -> bool:
    """Whether the library's words come instead of the action."""
    bank = World().bank
    bank.library.use(Librarian(sure))  # type: ignore[arg-type]
    tracker = a_tracker(intent=read_as, text=text, entities=list(entities), **slots)
    tracker.latest_message["intent"]["confidence"] = confidence
    tracker.events = [{"event": "user", "text": text}]
    action = ACTIONS.get(read_as, f"action_{read_as}")
    say = CollectingDispatcher()
    return answered_first(bank, VISITOR, tracker, say, action) is not None and bool(say.messages)


@pytest.mark.parametrize(("text", "read_as", "confidence"), [
    (QUESTION, "transfer_money", 0.99),
    (QUESTION, "check_refunds", 0.5),
    (QUESTION, "nlu_fallback", 0.3),
    (LOOSE, "nlu_fallback", 0.3),
])  # fmt: skip
def test_given_a_question_taken_for_a_task_or_hardly_read_then_the_library_decides_alone(
    text, read_as, confidence
):
    assert told(text, read_as=read_as, confidence=confidence, sure=0.0)


@pytest.mark.parametrize(("text", "read_as", "confidence"), [
    (QUESTION, "check_refunds", 0.7),  # the reading has something for it
    (LOOSE, "check_refunds", 0.5),  # the words may as well be a wish
    ("my card runs out next month", "nlu_fallback", 0.3),  # they do not ask at all
    (STORY, "check_recurring", 0.5),  # it tells what happened
    (QUESTION, "ask_pin", 0.99),  # what is said to everybody
    (QUESTION, "new_code", 0.99),
    (QUESTION, "two_wishes", 1.0),  # one, as the library says
])  # fmt: skip
def test_given_what_may_be_a_question_when_the_library_answers_then_it_is_certain(
    text, read_as, confidence
):
    assert told(text, read_as=read_as, confidence=confidence, sure=CERTAIN)
    assert not told(text, read_as=read_as, confidence=confidence, sure=CERTAIN - 0.01)


@pytest.mark.parametrize(("text", "read_as", "confidence", "entities"), [
    (QUESTION, "check_refunds", 0.8, ()),  # the bank's own figures answer it
    (WISH, "freeze_card", 0.5, ()),  # a wish in a wish's words
    (QUESTION, "transfer_money", 0.99, [PAYEE]),  # somebody is acted upon
    (QUESTION, "check_refunds", 0.6, [AMOUNT]),  # a sum is somebody's own
    (STORY, "check_recurring", 0.6, ()),  # the reading has something for it
    (STORY, "check_recurring", 0.5, [AMOUNT]),
    ("my card is lost", "report_lost_card", 0.5, ()),  # no story
    ("what is my pin", "ask_pin", 0.99, [PAYEE]),
    (QUESTION, "affirm", 0.5, ()),  # an answer
    ("my card", "nlu_fallback", 0.3, ()),  # a fragment
    ("twenty to my friend Ana", "nlu_fallback", 0.3, [PAYEE]),
])  # fmt: skip
def test_given_a_wish_when_read_then_the_surest_library_is_not_asked(
    text, read_as, confidence, entities
):
    assert not told(text, read_as=read_as, confidence=confidence, sure=1.0, entities=entities)


@pytest.mark.parametrize(("text", "entities"), [(QUESTION, [AMOUNT]), (QUESTION, [PAYEE])])
def test_given_a_doubtful_question_that_names_a_sum_or_somebody_then_the_library_is_certain(
    text, entities
):
    assert told(text, read_as="check_refunds", confidence=0.5, sure=CERTAIN, entities=entities)
    assert not told(text, read_as="check_refunds", confidence=0.5, sure=0.8, entities=entities)


def test_given_a_story_that_nothing_was_understood_of_when_it_names_a_sum_then_it_is_answered():
    assert told(STORY, read_as="nlu_fallback", confidence=0.3, sure=CERTAIN, entities=[AMOUNT])


def test_given_an_open_task_when_its_ready_answer_is_asked_for_then_the_library_keeps_silent():
    assert not told(
        QUESTION, read_as="ask_application_time", confidence=0.99, sure=1.0,
        open_tasks=["action_open_account"],
    )  # fmt: skip


def answered(text: str, *, read_as: str, ranking: Any = (), sure: float) -> list[dict[str, Any]]:
    """What is said where the library is asked first."""
    bank = World().bank
    bank.library.use(Librarian(sure))  # type: ignore[arg-type]
    tracker = a_tracker(intent=read_as, text=text)
    tracker.latest_message["intent_ranking"] = [
        {"name": name, "confidence": confidence} for name, confidence in ranking
    ]
    say = CollectingDispatcher()
    AnswerQuestion(bank, TURNS).perform(VISITOR, tracker, say)
    return say.messages


@pytest.mark.parametrize(("text", "read_as", "sure", "is_told"), [
    (QUESTION, "out_of_scope", 0.5, True),
    (STORY, "out_of_scope", CERTAIN, True),
    (STORY, "out_of_scope", 0.8, False),  # it asks for nothing
    (QUESTION, "change_account", 0.5, True),
    ("change my address please", "change_account", 1.0, False),  # a colleague does it
    (STORY, "ask_library", 0.5, True),
])  # fmt: skip
def test_given_who_has_an_own_answer_when_the_library_is_sure_enough_then_it_speaks(
    text, read_as, sure, is_told
):
    said = answered(text, read_as=read_as, sure=sure)[-1]["response"]

    assert (said == "utter_answers_found") == is_told
    assert is_told or said == OWN_ANSWERS[read_as]


def test_given_what_the_library_does_not_know_when_it_may_be_a_wish_then_the_wish_is_offered():
    ranking = [("ask_library", 0.5), ("out_of_scope", 0.2), ("list_cards", 0.2), ("affirm", 0.01)]

    (said,) = answered(QUESTION, read_as="ask_library", ranking=ranking, sure=-1.0)

    assert said["response"] == "utter_answers_unknown_or_wish"
    assert [one["payload"] for one in said["buttons"]] == ["/list_cards", "/ask_human"]


def test_given_what_the_library_does_not_know_when_it_is_surely_a_question_then_it_says_so():
    ranking = [("ask_library", 0.97), ("list_cards", 0.01)]

    (said,) = answered(QUESTION, read_as="ask_library", ranking=ranking, sure=-1.0)

    assert said["response"] == "utter_answers_unknown"


def test_given_a_ready_answer_when_rules_lead_to_it_then_there_is_one_for_each():
    assert {intent for intent, action in all_rules().items() if action == READY_ANSWER} == {*READY}


def test_given_an_open_task_when_something_unread_is_typed_then_it_is_an_answer_to_the_task():
    typed = "my card runs out next month"

    assert not told(
        typed, read_as="nlu_fallback", confidence=0.3, sure=1.0,
        open_tasks=["action_transfer_money"],
    )  # fmt: skip
