"""The conversation itself: hello, again please, two wishes in one message.

greet        ─▶ hello, with buttons for a customer, or for a visitor
two_wishes   ─▶ "which first?" ─▶ one is done ─▶ "you also wanted …"
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, slots
from actions.asking import button
from actions.base import BankAction, EventType, run_wish
from actions.wishes import find_action, find_title
from bank.domain.actors import Actor, ActorKind

#: The conversation begins, rather than the customer says hello in the middle of it.
BEGINNING = "EXTERNAL_greet"


class Greet(BankAction):
    """Say hello, with what this person can do next: a visitor has no balance to look at.

    Says  utter_conversation_start or utter_smalltalk_greet, for visitors with _visitor
    """

    action_name = "action_greet"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        begins = open_tasks.intent_of(tracker) == BEGINNING
        response = "utter_conversation_start" if begins else "utter_smalltalk_greet"
        is_customer = actor.kind is ActorKind.CUSTOMER
        say.utter_message(response=response if is_customer else f"{response}_visitor")
        return []


class Repeat(BankAction):
    """Say the last replies again, buttons included.

    Says  what was said last, or utter_nothing_to_repeat
    """

    action_name = "action_repeat"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        replies = _last_replies(tracker)
        if not replies:
            say.utter_message(response="utter_nothing_to_repeat")
        for reply in replies:
            data = reply.get("data") or {}
            say.utter_message(
                text=reply.get("text"), buttons=data.get("buttons"), image=data.get("image"),
                json_message=data.get("custom"),
            )  # fmt: skip
        return []


class AskWhichFirst(BankAction):
    """Two wishes in one message: ask which comes first; when it is done, offer the other.

    Reads, sets  wishes_waiting
    Says         utter_which_first, utter_next_wish
    """

    action_name = "action_ask_which_first"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        intent = open_tasks.intent_of(tracker)
        wishes = slots.find_list(tracker, "wishes_waiting")
        if intent == "two_wishes" and not open_tasks.is_return(tracker):
            return self._ask(tracker, say, (tracker.latest_message or {}).get("wishes") or [])
        if intent in ("cancel", "deny") and not open_tasks.is_return(tracker):
            say.utter_message(response="utter_conversation_cancelled")
            return self._finish(tracker)
        left = [wish for wish in wishes if wish["intent"] not in _intents_since(tracker)]
        if len(left) == len(wishes) > 1 and (number := slots.entity(tracker, "number")):
            return self._go_on(tracker, left, int(number))
        if intent == "affirm" and left and not open_tasks.is_return(tracker):
            return self._go_on(tracker, left, 1)
        if not left:
            return self._finish(tracker)
        buttons = [button(one["title"], one["intent"], **one["facts"]) for one in left]
        response = "utter_which_first" if len(left) > 1 else "utter_next_wish"
        say.utter_message(response=response, wish=left[0]["title"], buttons=buttons)
        return []

    def _ask(
        self, tracker: Tracker, say: CollectingDispatcher, found: list[dict[str, Any]]
    ) -> list[EventType]:
        wishes = [
            {**wish, "title": title, "facts": _facts(wish)}
            for wish in found
            if (title := find_title(wish["intent"])) and find_action(wish["intent"])
        ]
        if not wishes:
            say.utter_message(response="utter_one_at_a_time")
            return []
        buttons = [button(one["title"], one["intent"], **one["facts"]) for one in wishes]
        say.utter_message(response="utter_which_first", buttons=buttons)
        return [
            SlotSet("wishes_waiting", wishes), open_tasks.opened(tracker, self.action_name),
        ]  # fmt: skip

    def _go_on(
        self, tracker: Tracker, left: list[dict[str, Any]], number: int
    ) -> list[EventType]:
        wish = left[min(max(number, 1), len(left)) - 1]
        rest = [one for one in left if one is not wish]
        said = {"intent": {"name": wish["intent"]}, "text": wish["text"]}
        events = run_wish(
            tracker, str(find_action(wish["intent"])), {**said, "entities": wish["entities"]}
        )
        if not rest:
            return [*self._finish(tracker), *events]
        return [SlotSet("wishes_waiting", rest), *events]

    def _finish(self, tracker: Tracker) -> list[EventType]:
        return [*slots.clear("wishes_waiting"), open_tasks.closed(tracker, self.action_name)]


def _facts(wish: dict[str, Any]) -> dict[str, Any]:
    return {one["entity"]: one["value"] for one in reversed(wish["entities"])}


def _last_replies(tracker: Tracker) -> list[dict[str, Any]]:
    """Return the bot's events of the turn before this one."""
    replies: list[dict[str, Any]] = []
    users_count = 0
    for event in reversed(tracker.events):
        users_count += event.get("event") == "user"
        if event.get("event") == "bot" and users_count == 1:
            replies.insert(0, event)
        if users_count > 1:
            break
    return replies


def _intents_since(tracker: Tracker) -> set[str]:
    """Return the intents the customer has had since the wishes were noted."""
    names: set[str] = set()
    for event in reversed(tracker.events):
        if event.get("event") == "slot" and event.get("name") == "wishes_waiting":
            break
        if event.get("event") == "user":
            names.add(((event.get("parse_data") or {}).get("intent") or {}).get("name") or "")
    return names


ACTIONS = [Greet, Repeat, AskWhichFirst]
