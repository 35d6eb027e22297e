"""A conversation: risk that grows, fades, goes on after a restart, and stories told in pieces."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.suspicion import Detector, Line, Listener
from analytics.suspicion.listening import HALF_LIFE_S, LINE_CHARS, LINES_KEPT
from tests.analytics.suspicion.builders import NOON, heads_of_words, small_detector


def said(text, minutes=0, speaker="customer"):
    return Line(speaker, text, NOON + timedelta(minutes=minutes))


def a_listener(**words):
    return Listener(Detector(heads_of_words(**(words or {"secrecy": "whisper"})), None))


def test_given_the_same_suspicion_twice_when_heard_then_the_risk_has_grown():
    listener = a_listener()

    (first,) = listener.hear(said("whisper"))
    (second,) = listener.hear(said("whisper", 1))

    assert (first.seq, second.seq) == (1, 2)
    assert first.risk < second.risk <= 1


def test_given_a_half_life_later_when_asked_then_half_the_risk_is_left():
    listener = a_listener()
    (found,) = listener.hear(said("whisper"))

    later = listener.risk("secrecy", NOON + timedelta(seconds=HALF_LIFE_S))

    assert later == pytest.approx(found.risk / 2)


def test_given_a_clock_that_went_back_when_heard_then_the_risk_does_not_grow_by_it():
    listener = a_listener()
    (found,) = listener.hear(said("whisper", 60))

    listener.hear(said("hello", 0))

    assert listener.risk("secrecy", NOON) == pytest.approx(found.risk)
    assert listener.heard_at_utc == NOON + timedelta(minutes=60)


def test_given_what_the_assistant_or_staff_say_when_heard_then_nothing_is_noticed():
    listener = a_listener()

    assert listener.hear(said("whisper", speaker="assistant")) == []
    assert listener.hear(said("whisper", speaker="staff")) == []
    assert listener.risks == {}


def test_given_a_state_written_and_read_when_the_talk_goes_on_then_it_is_as_if_never_left():
    lines = [said("hello"), said("whisper", 1), said("whisper please", 5)]
    whole, first = a_listener(), a_listener()
    for line in lines[:2]:
        first.hear(line)
    written = json.loads(json.dumps(first.to_json()))

    second = Listener.from_json(first.detector, written)

    for line in lines[:2]:
        whole.hear(line)
    assert second.hear(lines[2]) == whole.hear(lines[2])
    assert second.to_json() == whole.to_json()


def test_given_a_card_number_when_heard_then_the_state_does_not_hold_it():
    listener = a_listener()

    listener.hear(said("x" * (LINE_CHARS - 25) + " my card 4242 4242 4242 4242 pin 1234"))

    kept = json.dumps(listener.to_json())
    assert "4242 4242" not in kept
    assert "1234" not in kept


def test_given_a_story_in_pieces_when_heard_then_the_last_piece_is_read_with_those_before():
    listener = Listener(small_detector())
    pieces = [
        "I know a man from a dating app",
        "we never met in person",
        "he needs 900 for the flight",
    ]

    found = [one for at, text in enumerate(pieces) for one in listener.hear(said(text, at))]

    assert "romance" in {one.kind for one in found}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=300), st.integers(0, 10_000)), max_size=8))
def test_risks_are_probabilities_and_the_state_is_bounded_and_json(lines):
    listener = a_listener(secrecy="a", urgency="b")

    for text, minutes in lines:
        for one in listener.hear(said(text, minutes)):
            assert 0 <= one.probability <= 1
            assert 0 <= one.risk <= 1

    state = listener.to_json()
    assert len(state["last_lines"]) <= LINES_KEPT
    assert all(len(one) <= LINE_CHARS for one in state["last_lines"])
    assert json.loads(json.dumps(state)) == state
