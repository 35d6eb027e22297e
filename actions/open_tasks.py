"""The open question: which action is waiting for an answer, and which ones wait behind it.

    open_tasks   [action_transfer_money, action_replace_card]     the last one is asking

    open_words   action_open_account                              … and takes any words for one

An action that asks puts its own name on top; when it has its answer, or gives up, it takes its
name away and the one below asks again. `bot/components/open_tasks.py` sends answers to the top
and returns to it after a digression.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions import slots
from actions.base import EventType

SLOT = "open_tasks"
#: Holds the name of the action whose open question wants a name, a street: any words at all.
WORDS_SLOT = "open_words"
#: Deeper than this, the oldest question is forgotten: nobody remembers it either.
MAX_DEPTH = 4
#: These say a word before the wished action runs; they answer nothing.
_PRELUDES = frozenset({"action_listen", "action_go_on_after_login", "action_ask_which_first"})


def opened(tracker: Tracker, action_name: str) -> EventType:
    """Return the event that makes `action_name` the asking action."""
    others = [name for name in slots.find_list(tracker, SLOT) if name != action_name]
    event: EventType = SlotSet(SLOT, [*others, action_name][-MAX_DEPTH:])
    return event


def closed(tracker: Tracker, action_name: str) -> EventType:
    """Return the event that ends `action_name`'s question; those behind it stay."""
    others = [name for name in slots.find_list(tracker, SLOT) if name != action_name]
    event: EventType = SlotSet(SLOT, others)
    return event


def takes_words(action_name: str, *, is_asked: bool) -> EventType:
    """Return the event that says whether `action_name`'s question is answered by any words.

    Then only a message that is surely something else is a digression (bot/components).
    """
    event: EventType = SlotSet(WORDS_SLOT, action_name if is_asked else None)
    return event


def is_open(tracker: Tracker, action_name: str) -> bool:
    """Say whether `action_name` is the asking action."""
    return slots.find_list(tracker, SLOT)[-1:] == [action_name]


def is_return(tracker: Tracker) -> bool:
    """Say whether another action has answered this message, so that this run only asks again."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") not in _PRELUDES:
            return True
    return False


def intent_of(tracker: Tracker) -> str:
    """Return the intent of the latest message; empty when there is none."""
    return slots.intent(tracker) or ""
