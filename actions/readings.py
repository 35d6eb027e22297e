"""What people are to look at: clicks on "did you mean", doubtful answers, corrected ones.

    before a turn's first action ─▶ overhear ─┬ a click that says what was meant   kept
                                              ├ "no, I meant …" after an answer    the one before
                                              └ answered, hardly sure              this message

A message is free text that a rule answered by its intent; an answer to an open question is none.
The bank keeps it sealed with its conversation, for staff to label (bank/services/readings.py).

Never in the customer's way: what cannot be kept is left out, and nothing here says a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import structlog
from rasa_sdk import Tracker

from actions import languages, slots
from bank.domain.actors import Actor
from bank.domain.errors import BankError
from bank.domain.readings import NONE_OF_THESE, Why
from bank.policies import readings as policy

if TYPE_CHECKING:
    from bank.bootstrap import Bank

log = structlog.get_logger(__name__)

#: The reading a button answers.
ENTITY = "meant_for"
#: The button beside the readings: none of them.
NONE_INTENT = "EXTERNAL_none_of_these"
FALLBACK = "action_default_fallback"
_CORRECTS = frozenset({"deny", "correct"})
_LISTEN = "action_listen"
_OPEN_TASKS = "open_tasks"


def overhear(bank: Bank, actor: Actor, tracker: Tracker, action_name: str) -> None:
    """Keep what this turn says about how well the assistant understands."""
    turn = next(turns(tracker), None)
    if turn is None or turn.actions:
        return  # another action of this turn has been here
    try:
        reading_id = slots.entity(tracker, ENTITY)
        if reading_id is not None:
            click(bank, actor, str(reading_id), intent=slots.intent(tracker) or "")
        elif (before := corrected(tracker)) is not None:
            intent = slots.intent(tracker) or ""
            note(
                bank, actor, tracker, before.message, Why.CORRECTED,
                meant=intent if policy.is_wish(intent) else None,
            )  # fmt: skip
        elif is_doubtful(tracker, action_name):
            note(bank, actor, tracker, tracker.latest_message or {}, Why.LOW_CONFIDENCE)
    except BankError as refusal:
        log.info("reading_not_kept", code=refusal.code)


def click(bank: Bank, actor: Actor, reading_id: str, *, intent: str) -> None:
    """Keep what was chosen among the readings offered. Raises NotFound, InvalidInput."""
    meant = NONE_OF_THESE if intent == NONE_INTENT else intent
    bank.readings.meant(actor, reading_id, intent=meant)


def note(
    bank: Bank, actor: Actor, tracker: Tracker, message: dict[str, Any], why: Why,
    *, meant: str | None = None,
) -> str | None:  # fmt: skip
    """Note a message of this conversation; return the reading's id where one is kept.

    Raises NotFound, ChatErased.
    """
    return bank.readings.note(
        actor,
        conversation_id=tracker.sender_id,
        message_id=str(message.get("message_id") or ""),
        text=str(message.get("text") or ""),
        ranking=ranking_of(message),
        why=why,
        language=languages.language_of(tracker),
        meant=meant,
    )


def try_note(
    bank: Bank, actor: Actor, tracker: Tracker, message: dict[str, Any], why: Why
) -> str | None:
    """The same, but nothing is kept where it would raise."""
    try:
        return note(bank, actor, tracker, message, why)
    except BankError as refusal:
        log.info("reading_not_kept", code=refusal.code)
        return None


def ranking_of(message: dict[str, Any]) -> list[tuple[str, float]]:
    """Return (intent, confidence) of a message, the likeliest first, the fallback left out."""
    return [
        (str(one["name"]), float(one.get("confidence") or 0.0))
        for one in message.get("intent_ranking") or []
        if one.get("name") not in (None, "nlu_fallback")
    ]


def is_typed(message: dict[str, Any]) -> bool:
    """Say whether a message is the customer's own words, not a button or an event of web."""
    text = str(message.get("text") or "")
    return bool(text) and not text.startswith("/")


def is_doubtful(tracker: Tracker, action_name: str) -> bool:
    """Say whether the latest message is answered by its intent, with little confidence."""
    message = tracker.latest_message or {}
    intent = message.get("intent") or {}
    answers = slots.find_list(tracker, _OPEN_TASKS)[-1:] == [action_name]
    return (
        is_typed(message)
        and policy.is_wish(str(intent.get("name") or ""))
        and not answers
        and policy.is_low(float(intent.get("confidence") or 0.0))
    )


@dataclass
class TurnEvents:
    """One message as it was parsed, and the actions it led to, in their order.

    `asks`: the last thing said is a question.
    """

    message: dict[str, Any] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    asks: bool = False


def turns(tracker: Tracker) -> Iterator[TurnEvents]:
    """Yield the turns of the conversation, the latest first."""
    turn, is_last_word = TurnEvents(), True
    for event in reversed(tracker.events):
        kind = event.get("event")
        if kind == "action" and event.get("name") != _LISTEN:
            turn.actions.insert(0, str(event.get("name")))
        elif kind == "bot" and is_last_word:
            is_last_word = False
            turn.asks = str(event.get("text") or "").rstrip().endswith("?")
        elif kind == "user":
            parsed = event.get("parse_data") or {}
            text = event.get("text") or parsed.get("text") or ""
            turn.message = {**parsed, "text": text, "message_id": event.get("message_id")}
            yield turn
            turn, is_last_word = TurnEvents(), True


def corrected(tracker: Tracker) -> TurnEvents | None:
    """Return the turn before, when the latest message says that its answer was not what was meant.

    "No" alone says so only where nothing was asked; while a question is open, only the words of
    the policy do, and another wish with them.
    """
    message, intent = tracker.latest_message or {}, slots.intent(tracker) or ""
    found = list(islice(turns(tracker), 2))
    if len(found) < 2 or not is_typed(message) or not is_typed(found[1].message):
        return None
    before = found[1]
    read_as = str((before.message.get("intent") or {}).get("name") or "")
    if not policy.is_wish(read_as) or read_as == intent or before.actions[:1] in ([], [FALLBACK]):
        return None
    if _tasks_before(tracker, before)[-1:] == before.actions[:1]:
        return None  # that was an answer
    is_open = bool(slots.find_list(tracker, _OPEN_TASKS))
    if policy.is_correction(str(message.get("text"))):
        return before if not is_open or policy.is_wish(intent) else None
    return before if intent in _CORRECTS and not before.asks and not is_open else None


def _tasks_before(tracker: Tracker, turn: TurnEvents) -> list[Any]:
    """Return the open questions as they were when the turn's message came."""
    tasks: list[Any] = []
    for event in tracker.events:
        if event.get("event") == "slot" and event.get("name") == _OPEN_TASKS:
            tasks = event.get("value") or []
        is_message = event.get("event") == "user"
        if is_message and event.get("message_id") == turn.message.get("message_id"):
            break
    return tasks
