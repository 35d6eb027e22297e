"""What nobody should write, and somebody does: a sensible reading or a question, never a fault."""

from __future__ import annotations

import pytest

from tests.nlu.sentences import DISGUISED, WRITTEN

#: Readings that ask, or take a value for what was asked.
ASKS = {"nlu_fallback", "gibberish", "inform", "out_of_scope", "other_language", "tell_details"}


@pytest.mark.rasa
@pytest.mark.parametrize("text", WRITTEN, ids=lambda text: ascii(text[:30]))
def test_given_what_is_no_wish_when_read_then_it_is_asked_about(readings, text):
    reading = readings[text]

    assert reading["intent"] in ASKS | WRITTEN[text] or reading["confidence"] < 0.5, reading


@pytest.mark.rasa
@pytest.mark.parametrize("text", DISGUISED, ids=ascii)
def test_given_letters_in_disguise_when_read_then_they_are_what_they_look_like(readings, text):
    assert readings[text]["intent"] == DISGUISED[text], readings[text]
