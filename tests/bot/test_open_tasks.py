"""The open question: what is an answer to it, and what is something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.core.events import UserUttered

from bot.components.open_tasks import is_answer, is_bare_value


def said(text, intent="ask_fees", confidence=0.95):
    return UserUttered(text, {"name": intent, "confidence": confidence})


@pytest.mark.parametrize(
    "text",
    ["Joy Agent", "Pat Loan", "Dolores Branch", "Zoë van den Heuvel", "O'Neil Price"],
)
def test_given_a_question_any_words_may_answer_when_a_name_is_told_then_it_is_the_answer(text):
    confidence = 0.99 if text.istitle() else 0.5

    assert is_answer(said(text, confidence=confidence), takes_words=True)


@pytest.mark.parametrize("text", ["what are your fees", "is there a branch?", "why do you ask"])
def test_given_a_question_any_words_may_answer_when_something_is_asked_then_it_is_none(text):
    assert not is_answer(said(text, confidence=0.6), takes_words=True)
    assert is_answer(said(text, confidence=0.4), takes_words=True)


def test_given_a_sure_wish_when_any_words_may_answer_then_it_is_a_wish():
    assert not is_answer(said("let me talk to a person", "ask_human"), takes_words=True)
    assert is_answer(said("bank street 14 in 1010 wien", "find_branch", 0.7), takes_words=True)


def test_given_a_word_that_looks_foreign_when_any_words_will_do_then_it_is_an_answer():
    assert is_answer(said("Portgual", "other_language", 0.98), takes_words=True)
    assert not is_answer(said("no hablo nada de inglés", "other_language", 0.98), takes_words=True)
    assert not is_answer(said("¿español?", "other_language", 0.98), takes_words=True)
    assert not is_answer(said("Portgual", "other_language", 0.98))
    assert not is_answer(said("bank street 14 in 1010 wien", "find_branch", 0.8))


@pytest.mark.parametrize("intent", ["tell_details", "affirm", "cancel", "nlu_fallback"])
def test_given_an_intent_that_only_answers_then_it_is_always_an_answer(intent):
    assert is_answer(said("whatever it may be, in many words", intent, 0.3))


@given(st.text(max_size=40))
def test_given_an_event_of_web_then_words_do_not_make_it_an_answer(text):
    assert not is_answer(said(f"/{text}", "EXTERNAL_notice", 1.0), takes_words=True)


@pytest.mark.parametrize(
    ("text", "value", "is_bare"),
    [
        ("20 euros", "20 euros", True),
        ("20 euros please", "20 euros", True),
        ("send 20 euros", "20 euros", False),
        ("/inform", "/inform", False),
        ("hello", "", False),
    ],
)
def test_given_a_value_alone_when_no_question_is_open_then_it_is_bare(text, value, is_bare):
    start = text.index(value)
    found = {"entity": "amount", "value": {}, "start": start, "end": start + len(value)}
    message = UserUttered(text, {"name": "inform"}, [found] if value else [])

    assert is_bare_value(message) is is_bare
