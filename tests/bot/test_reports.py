"""What a turn said, as web is told: its replies, and the language the conversation is held in."""

from __future__ import annotations

from rasa.shared.core.events import BotUttered, SlotSet, UserUttered

from bot.channels.reports import report_turn


def a_turn(message_id, said):
    heard = UserUttered("hola", {"name": "greet", "confidence": 0.9}, message_id=message_id)
    return [heard, SlotSet("language", "es"), BotUttered(said)]


def test_given_a_turn_when_reported_then_its_language_is_told_beside_its_replies():
    report = report_turn(a_turn("m1", "Hola."), "m1", replayed=False, language="es")

    assert [reply["text"] for reply in report["replies"]] == ["Hola."]
    assert report["language"] == "es"
    assert not report["silent"]


def test_given_a_conversation_without_a_language_when_reported_then_none_is_told():
    report = report_turn(a_turn("m1", "Hello."), "m1", replayed=True)

    assert report["language"] is None
    assert report["replayed"]
