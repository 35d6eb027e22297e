"""Runs one action as the server would: a tracker with a signed turn in, events and words out."""

from __future__ import annotations

from functools import cache
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BankAction, BankForm, TurnReader
from actions.domain_parts import load_domain
from bank.domain.actors import LoginLevel
from bank.domain.ids import ConversationId, CustomerId, MessageId
from bank.security.turns import Turn, mint_turn

TURN_KEY = "test-turn-key-of-enough-length-for-hmac"
TURNS = TurnReader(TURN_KEY)


def a_tracker(
    *,
    actor: str | None = None,
    level: LoginLevel = LoginLevel.PASSWORD,
    intent: str = "inform",
    entities: list[dict[str, Any]] | None = None,
    text: str = "…",
    conversation_id: str = "cv_1",
    message_id: str = "m1",
    token: str | None = None,
    active_loop: dict[str, Any] | None = None,
    **slots: Any,
) -> Tracker:
    """Return a tracker whose latest message `actor` (a customer id, or None) sent."""
    turn = Turn(
        ConversationId(conversation_id), MessageId(message_id), text,
        CustomerId(actor) if actor else None, level if actor else LoginLevel.NONE,
    )  # fmt: skip
    message = {
        "text": text, "message_id": message_id, "intent": {"name": intent, "confidence": 0.9},
        "entities": entities or [], "metadata": {"turn": token or mint_turn(TURN_KEY, turn)},
    }  # fmt: skip
    empty = dict.fromkeys(_domain()["slots"])
    return Tracker(
        conversation_id, {**empty, **slots}, message, [], False, None, active_loop or {},
        "action_listen",
    )  # fmt: skip


@cache
def _domain() -> dict[str, Any]:
    return load_domain()


async def run(
    action: BankAction | BankForm, tracker: Tracker
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the events and the names of the responses said."""
    say = CollectingDispatcher()
    events = await action.run(say, tracker, _domain())
    return events, [message["response"] for message in say.messages]
