"""Silence is a failure: an action server that is down makes the turn fail, and a retry run anew."""

from __future__ import annotations

import pytest

from tests.attacks.conftest import Attacker
from tests.dialogue.facts import stored_events

pytestmark = pytest.mark.rasa


def test_given_no_action_server_when_said_then_503_and_the_same_id_works_afterwards(
    attacker: Attacker,
):
    turn = attacker.a_turn("what is my balance")
    attacker.branch.stop_actions()
    try:
        down = attacker.say(turn)
        again = attacker.say(turn)
    finally:
        attacker.branch.start_actions()

    up = attacker.say(turn)

    assert (down.status, down.json()["error"]["code"]) == (503, "actions_unavailable")
    assert again.status == 503
    assert up.status == 200
    assert up.json()["replayed"] is False
    assert up.json()["replies"]
    heard = [e for e in stored_events(attacker.branch, turn.conversation_id) if e["event"] == "user"]
    assert len(heard) == 1


def test_given_a_conversation_when_a_turn_of_it_fails_then_it_goes_on_where_it_was(
    attacker: Attacker,
):
    first = attacker.a_turn("hello")
    attacker.say(first)
    failing = attacker.a_turn("what is my balance", conversation_id=first.conversation_id)
    attacker.branch.stop_actions()
    try:
        assert attacker.say(failing).status == 503
    finally:
        attacker.branch.start_actions()

    third = attacker.a_turn("hello", conversation_id=first.conversation_id)

    assert attacker.say(third).json()["replies"]
    events = stored_events(attacker.branch, first.conversation_id)
    assert [e["message_id"] for e in events if e["event"] == "user"] == [
        first.message_id, third.message_id,
    ]  # fmt: skip
