"""Replies on their way: from Rasa's wire, into the bank's store, out to the customer.

    WireReply ─from_wire▶ Reply (payloads) ─issue▶ Reply (tokens) ─to_stored▶ dict ─from_stored▶

`/intent{"entity": "value"}` payloads exist only between Rasa and the store; a customer sees
tokens. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bank.domain.errors import AssistantUnavailable
from web.assistant import WireReply

_PAYLOAD = re.compile(r"/(?P<intent>\w+)\s*(?P<entities>\{.*\})?\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ReplyButton:
    """Before storing it has a payload, afterwards a token."""

    title: str
    token: str = ""
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One bubble. `utter` names the response it came from; it is not sent to customers."""

    text: str | None = None
    buttons: tuple[ReplyButton, ...] = ()
    image: str | None = None
    kind: str = "text"
    data: dict[str, Any] = field(default_factory=dict)
    utter: str | None = None


def parse_payload(payload: str) -> dict[str, Any]:
    """Return what pressing the button means: an intent with entities, or a text to say.

    >>> parse_payload('/affirm'), parse_payload('/pay{"payee": "Ana"}')
    ({'intent': 'affirm', 'entities': {}}, {'intent': 'pay', 'entities': {'payee': 'Ana'}})
    >>> parse_payload("show my balance")
    {'text': 'show my balance'}
    """
    match = _PAYLOAD.fullmatch(payload.strip())
    if match is None:
        return {"text": payload.strip()}
    try:
        entities = json.loads(match["entities"] or "{}")
    except ValueError as fault:
        raise AssistantUnavailable(reason="bad_button") from fault
    return {"intent": match["intent"], "entities": entities}


def from_wire(wire: WireReply) -> Reply:
    """Return Rasa's reply. Raises AssistantUnavailable when a button's payload is no JSON."""
    return Reply(
        text=wire.text,
        buttons=tuple(
            ReplyButton(button.title, payload=parse_payload(button.payload))
            for button in wire.buttons
        ),
        image=wire.image,
        kind=wire.kind,
        data=dict(wire.data),
        utter=wire.utter,
    )


def to_stored(reply: Reply) -> dict[str, Any]:
    """Return what the bank keeps and shows: buttons with their tokens, payloads left out."""
    return {
        "text": reply.text,
        "buttons": [{"title": button.title, "token": button.token} for button in reply.buttons],
        "image": reply.image,
        "kind": reply.kind,
        "data": reply.data,
        "utter": reply.utter,
    }


def from_stored(stored: Mapping[str, Any]) -> Reply:
    """Return a kept reply, with tokens instead of payloads."""
    return Reply(
        text=stored.get("text"),
        buttons=tuple(
            ReplyButton(button["title"], token=button["token"])
            for button in stored.get("buttons") or ()
        ),
        image=stored.get("image"),
        kind=stored.get("kind") or "text",
        data=dict(stored.get("data") or {}),
        utter=stored.get("utter"),
    )
