"""What is said of an asked event ("was this you?"), and what an answer sets going.

    the question ──yes──▶ noted, or a code first
        └─────────no───▶ what was done at once, and a person, a report, a new password to choose

The event's id stands in the buttons, which only the server can open, or in a slot.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, slots
from actions.asking import button
from actions.base import EventType
from actions.facts import day, in_words
from actions.wishes import find_title
from bank.domain.actors import Actor
from bank.domain.asked_events import AskedEvent, EventAnswer, EventKind
from bank.domain.notices import NoticeKind

if TYPE_CHECKING:
    from bank.bootstrap import Bank

ACTION = "action_answer_event"
#: The event that was asked about last in this conversation, until it is answered.
SLOT = "events_event_id"
#: Whether the answer before was none.
MISSED_SLOT = "events_missed"
_NOTICES = {EventKind.LOGIN: NoticeKind.LOGIN_NEW_PLACE, EventKind.CARD: NoticeKind.CARD_UNUSUAL}


def find_event(bank: Bank, actor: Actor, event_id: str) -> AskedEvent | None:
    """Return an event that still waits for this customer's answer."""
    return next((one for one in bank.event_questions.open(actor) if one.id == event_id), None)


def ask(event: AskedEvent, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
    """Ask, with a button each. A question that was open before keeps its yes and its no."""
    facts = in_words({name: str(value) for name, value in event.facts.items()})
    facts["date"] = day(date.fromisoformat(facts["date"]))
    say.utter_message(
        response=f"utter_notice_{_NOTICES[event.kind].value}",
        buttons=[
            button(find_title(intent) or "", intent, event_id=event.id)
            for intent in ("confirm_event", "deny_event")
        ],
        **facts,
    )
    others = [one for one in slots.find_list(tracker, open_tasks.SLOT) if one != ACTION]
    asking = [] if others else [open_tasks.opened(tracker, ACTION)]
    return [SlotSet(SLOT, event.id), *asking]


def accept(
    bank: Bank, actor: Actor, event_id: str, tracker: Tracker, say: CollectingDispatcher
) -> list[EventType]:
    """Take a yes. Raises StepUpRequired."""
    event = bank.event_answers.yes(actor, event_id)
    if event.answer is EventAnswer.NO:
        say.utter_message(response="utter_events_denied_before")
    else:
        say.utter_message(response=f"utter_events_accepted_{event.kind.value}")
    return ended(tracker)


def deny(
    bank: Bank, actor: Actor, event_id: str, tracker: Tracker, say: CollectingDispatcher
) -> list[EventType]:
    """Take a no; what was done is said the same when it is said twice."""
    event = bank.event_answers.no(actor, event_id)
    report = []
    if event.posting_id is not None and (title := find_title("dispute_transaction")):
        about = {"posting_id": event.posting_id, "dispute_reason": "unrecognised"}
        report = [button(title, "dispute_transaction", **about)]
    say.utter_message(response=f"utter_events_denied_{event.kind.value}", buttons=report)
    return ended(tracker)


def ended(tracker: Tracker) -> list[EventType]:
    """Return the events that end the question in this conversation."""
    return [*slots.clear(SLOT, MISSED_SLOT), open_tasks.closed(tracker, ACTION)]
