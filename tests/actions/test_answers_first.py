"""Which messages the library is asked about, and how sure it has to be of them."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.answers_first import CERTAIN, answered_first
from actions.readings import FALLBACK
from bank.domain.actors import VISITOR
from bank.domain.answers import Citation, LibraryAnswer, LibraryQuestion, Span
from tests.actions.running import a_tracker
from tests.bank.people.world import World

SPAN = Span("Twenty days.", Citation("transfers", 1, "Transfers", "How long", "how-long"), 1.0)
QUESTION, LOOSE, WISH = "how long does a refund take?", "can my card be in my phone", "block my card"
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
    action = FALLBACK if read_as == "nlu_fallback" else f"action_{read_as}"
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
    (QUESTION, "check_refunds", 0.5, [AMOUNT]),  # a sum is somebody's own
    (QUESTION, "affirm", 0.5, ()),  # an answer
    ("my card", "nlu_fallback", 0.3, ()),  # a fragment
    ("twenty to my friend Ana", "nlu_fallback", 0.3, [PAYEE]),
])  # fmt: skip
def test_given_a_wish_when_read_then_the_surest_library_is_not_asked(
    text, read_as, confidence, entities
):
    assert not told(text, read_as=read_as, confidence=confidence, sure=1.0, entities=entities)


def test_given_an_open_task_when_something_unread_is_typed_then_it_is_an_answer_to_the_task():
    typed = "my card runs out next month"

    assert not told(
        typed, read_as="nlu_fallback", confidence=0.3, sure=1.0,
        open_tasks=["action_transfer_money"],
    )  # fmt: skip
