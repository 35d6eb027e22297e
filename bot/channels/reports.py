"""What a turn said, read back from its events: the same for a fresh turn and for a replayed one.

    user ─▶ action_check_balance ─▶ slot ─▶ bot(text, buttons, custom) ─▶ listen
                      │                            └──▶ one reply {text, buttons, kind, data, …}
                      └──────▶ actions [{name, policy, confidence}]

Nothing is collected while the turn runs, so nothing can be said that was not stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Optional

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered

RANKING_LENGTH = 3
FALLBACK_INTENT = "nlu_fallback"


def report_turn(
    events: Iterable[Event], message_id: str, *, replayed: bool, language: Optional[str] = None
) -> dict[str, Any]:
    """Return the body of the answer: `silent` is true when the turn said nothing.

    `language` is what the conversation is held in, so that web's own sentences follow it.
    """
    said, heard = _events_of_turn(events, message_id)
    replies = [reply for reply in map(_reply, said) if reply is not None]
    return {
        "message_id": message_id,
        "replies": replies,
        "nlu": _reading(heard) if heard is not None else {},
        "actions": [
            {"name": event.action_name, "policy": event.policy, "confidence": event.confidence}
            for event in said
            if isinstance(event, ActionExecuted) and event.action_name != ACTION_LISTEN_NAME
        ],
        "replayed": replayed,
        "silent": not replies,
        "language": language,
    }


def _events_of_turn(
    events: Iterable[Event], message_id: str
) -> tuple[list[Event], Optional[UserUttered]]:
    """Return what followed the message, and the message itself."""
    said: list[Event] = []
    heard: Optional[UserUttered] = None
    for event in events:
        if isinstance(event, UserUttered):
            if event.message_id == message_id:
                heard, said = event, []
            elif heard is not None:
                break
        elif heard is not None:
            said.append(event)
    return said, heard


def _reply(event: Event) -> Optional[dict[str, Any]]:
    if not isinstance(event, BotUttered):
        return None
    data = event.data or {}
    custom = data.get("custom") or {}
    reply = {
        "text": event.text or None,
        "buttons": [
            {"title": button["title"], "payload": button.get("payload", "")}
            for button in data.get("buttons") or []
        ],
        "image": data.get("image"),
        "kind": custom.get("kind", "text"),
        "data": custom.get("data", {}),
        "utter": (event.metadata or {}).get("utter_action"),
    }
    has_content = reply["text"] or reply["buttons"] or reply["image"] or custom
    return reply if has_content else None


def _reading(heard: UserUttered) -> dict[str, Any]:
    parsed = heard.parse_data or {}
    ranking = [
        {"name": one.get("name"), "confidence": one.get("confidence")}
        for one in parsed.get("intent_ranking") or []
        if one.get("name") != FALLBACK_INTENT
    ]
    return {
        "intent": heard.intent.get("name"),
        "confidence": heard.intent.get("confidence"),
        "ranking": ranking[:RANKING_LENGTH],
        "entities": [
            {key: entity.get(key) for key in ("entity", "value", "start", "end")}
            for entity in heard.entities
        ],
    }
