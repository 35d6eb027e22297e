"""A person, please: opens a handoff case; from the next message on, a person speaks."""

from __future__ import annotations

from typing import ClassVar

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import slots
from actions.base import BankAction, EventType
from bank.domain.actors import Actor

#: As much of the customer's words as staff see at a glance; the transcript has the rest.
WHY_CHARS = 300


class HandOff(BankAction):
    """Hand the conversation to the team. Doing it twice is one case.

    Says  utter_handoff_waiting (kind handoff)
    """

    action_name = "action_hand_off"
    reason_code: ClassVar[str] = "customer_asked"
    response: ClassVar[str] = "utter_handoff_waiting"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        said = str((tracker.latest_message or {}).get("text") or "")
        self.bank.conversations.handoff(
            actor,
            str(actor.conversation_id),
            reason_code=self.reason_code,
            why=said[:WHY_CHARS],
        )
        say.utter_message(response=self.response)
        return []


class Complain(HandOff):
    """A complaint is heard by a person.

    Says  utter_handoff_complaint (kind handoff)
    """

    action_name = "action_complain"
    reason_code = "complaint"
    response = "utter_handoff_complaint"


class TellHandedBack(BankAction):
    """Say that the assistant speaks again, and what the person left.

    Reads  entity summary (from web)
    Says   utter_conversation_handed_back, or …_handed_back_plain
    """

    action_name = "action_tell_handed_back"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        summary = slots.entity(tracker, "summary")
        name = "utter_conversation_handed_back"
        say.utter_message(response=name if summary else f"{name}_plain", summary=summary or "")
        return []


ACTIONS = [HandOff, Complain, TellHandedBack]
