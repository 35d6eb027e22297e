"""AskingAction: an action that asks, hears, asks again, and gives up politely.

    run ─▶ return from a digression ─▶ ask                     (nothing is heard)
        ─▶ cancel ─▶ cancelled                                  (and the question is closed)
        ─▶ repeat, an event of web ─▶ ask
        ─▶ anything else ─▶ hear ─▶ events, or None: not understood
                                     └─ three times in a row ─▶ a person is offered

A skill gives `hear` and `ask`; both may call the bank. What it collects is in its slots. Most ask
customers only; one that asks anybody says so (`for_visitors`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import copy
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, slots
from actions.base import BankAction, EventType
from bank.domain.actors import Actor

#: Not understood this often in a row: a person is offered.
MAX_TRIES = 3
TRIES_SLOT = "tries_count"


class AskingAction(BankAction):
    """Base of the actions that own a question."""

    #: Slots that hold what was collected; emptied when the question is closed.
    collected: ClassVar[tuple[str, ...]] = ()
    #: Said when the customer cancels.
    cancelled: ClassVar[str]
    #: Whether somebody who is not logged in may be asked.
    for_visitors: ClassVar[bool] = False

    def hear(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        """Use the latest message; say what comes next. None: there was nothing to use."""
        raise NotImplementedError

    def ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        """Ask the open question from the slots alone."""
        raise NotImplementedError

    def cancel(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        """Give up what was collected."""
        del actor
        say.utter_message(response=self.cancelled)
        return self.finish(tracker)

    def told(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        """Hear what web tells while the question is open; ask again."""
        return self.ask(actor, tracker, say)

    def finish(self, tracker: Tracker) -> list[EventType]:
        """Return the events that close the question and empty its slots."""
        return [
            *slots.clear(*self.collected, TRIES_SLOT),
            open_tasks.closed(tracker, self.action_name),
        ]

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        if not self.for_visitors:
            actor.require_customer()
        is_open = open_tasks.is_open(tracker, self.action_name)
        intent = open_tasks.intent_of(tracker)
        if open_tasks.is_return(tracker):
            return self.ask(actor, tracker, say)
        if is_open and intent == "cancel":
            return self.cancel(actor, tracker, say)
        if is_open and intent == "repeat":
            return self.ask(actor, tracker, say)
        if is_open and intent.startswith("EXTERNAL_"):
            return self.told(actor, tracker, say)
        heard = self.hear(actor, tracker, say)
        if heard is None:
            return self._not_understood(actor, tracker, say)
        # What the skill says about its question comes last and wins.
        return [SlotSet(TRIES_SLOT, 0), open_tasks.opened(tracker, self.action_name), *heard]

    def _not_understood(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        # Starting anew is no failure to answer.
        if not open_tasks.is_open(tracker, self.action_name):
            return [
                open_tasks.opened(tracker, self.action_name), *self.ask(actor, tracker, say),
            ]  # fmt: skip
        counted, is_enough = count_try(tracker)
        if is_enough:
            say.utter_message(response="utter_offer_person")
            return [counted]
        say.utter_message(response="utter_not_understood")
        return [counted, *self.ask(actor, tracker, say)]


def count_try(tracker: Tracker) -> tuple[EventType, bool]:
    """Return the event that counts one more failure, and whether a person is to be offered."""
    tries_count = int(tracker.get_slot(TRIES_SLOT) or 0) + 1
    is_enough = tries_count >= MAX_TRIES
    return SlotSet(TRIES_SLOT, 0 if is_enough else tries_count), is_enough


def with_events(tracker: Tracker, events: Sequence[EventType]) -> Tracker:
    """Return the tracker as it will be after these SlotSet events."""
    after = copy(tracker)
    after.slots = {**tracker.slots, **{event["name"]: event["value"] for event in events}}
    return after


def button(title: str, intent: str, **facts: Any) -> dict[str, str]:
    """Return a button; `title` is data (a name, an amount), never a sentence."""
    return {"title": title, "payload": f"/{intent}{json.dumps(facts) if facts else ''}"}
