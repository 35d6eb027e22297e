"""Conversations: who said what, and who speaks for the bank now.

    speaker   bot ◀──take over / hand back──▶ staff (one member, named)

Exactly one side speaks for the bank at any time. The speaker is one field of the
conversation, changed with its version in the write that also changes the case, so two
speakers, or none, cannot be stored. A bot's reply that was computed before a takeover and
arrives after it is refused (`NotSpeaker`), not shown.

Lines are numbered by `seq` without gaps. Their texts are encrypted with the conversation's own
key (`ConversationKey`); deleting that one row erases the chat.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bank.domain.actors import Actor, ActorKind
from bank.domain.errors import NotFound, NotSpeaker
from bank.domain.ids import ConversationId, CustomerId, MessageId, StaffId


class Speaker(StrEnum):
    BOT = "bot"
    STAFF = "staff"


class Sender(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chat. `external_hash` finds a messenger's chat again without storing its number."""

    id: ConversationId
    customer_id: CustomerId | None
    channel: str
    speaker: Speaker
    speaker_since_utc: datetime
    staff_id: StaffId | None
    version: int
    last_seq: int
    created_at_utc: datetime
    external_hash: str | None = None
    erased_at_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """The data key of one conversation, wrapped by the bank's master key."""

    id: ConversationId
    wrapped_key: bytes
    made_at_utc: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One line, as stored: everything a person wrote is sealed."""

    id: str
    conversation_id: ConversationId
    seq: int
    sender: Sender
    staff_id: StaffId | None
    text_enc: bytes
    data_enc: bytes
    info_enc: bytes
    at_utc: datetime
    message_id: MessageId | None = None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A line before it is stored. `info` (intent, confidence, rule) is for staff only."""

    sender: Sender
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A line in clear, as the reader may see it. `name` is set when staff wrote it."""

    seq: int
    sender: Sender
    name: str | None
    text: str
    data: dict[str, Any]
    info: dict[str, Any]
    at_utc: datetime
    message_id: str | None


@dataclass(frozen=True, slots=True)
class SpeakerView:
    """Who speaks for the bank, as the customer may see it."""

    speaker: Speaker
    name: str | None


class ChangeKind(StrEnum):
    MESSAGE = "message"
    CASE = "case"
    SPEAKER = "speaker"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Change:
    """Something a page may want to redraw; holds ids and numbers, never a text.

    `number` counts all changes of the bank in the order they were committed.
    """

    id: str
    number: int
    kind: ChangeKind
    at_utc: datetime
    conversation_id: str | None = None
    case_id: str | None = None
    customer_id: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counter:
    """A number that only grows, kept in a row so that it grows inside the transaction."""

    id: str
    value: int


def check_may_speak(conversation: Conversation, sender: Sender, *, staff_id: str | None) -> None:
    """Refuse a line of the bank from the side that is not speaking. Raises NotSpeaker.

    Customers may always write; a system line ("a colleague has joined") is said by neither.
    """
    if sender is Sender.BOT and conversation.speaker is not Speaker.BOT:
        raise NotSpeaker(speaker=conversation.speaker)
    if sender is Sender.STAFF and (
        conversation.speaker is not Speaker.STAFF or conversation.staff_id != staff_id
    ):
        raise NotSpeaker(speaker=conversation.speaker)


def pass_to_staff(
    conversation: Conversation, *, staff_id: StaffId, now_utc: datetime
) -> Conversation:
    """Return the conversation with `staff_id` speaking; unchanged if they already are."""
    if conversation.speaker is Speaker.STAFF and conversation.staff_id == staff_id:
        return conversation
    return replace(
        conversation,
        speaker=Speaker.STAFF,
        staff_id=staff_id,
        speaker_since_utc=now_utc,
        version=conversation.version + 1,
    )


def pass_to_bot(conversation: Conversation, *, now_utc: datetime) -> Conversation:
    """Return the conversation with the bot speaking; unchanged if it already is."""
    if conversation.speaker is Speaker.BOT:
        return conversation
    return replace(
        conversation,
        speaker=Speaker.BOT,
        staff_id=None,
        speaker_since_utc=now_utc,
        version=conversation.version + 1,
    )


def check_may_see(actor: Actor, conversation: Conversation) -> None:
    """Refuse everybody but the bank, its staff and the two sides. Raises NotFound.

    A visitor's conversation belongs to the session that holds its id; once a customer has
    logged in there, it is theirs.
    """
    if actor.kind in (ActorKind.SYSTEM, ActorKind.STAFF):
        return
    if conversation.customer_id is not None:
        if actor.kind is ActorKind.CUSTOMER and actor.id == conversation.customer_id:
            return
    elif actor.conversation_id == conversation.id:
        return
    raise NotFound(table="conversations")
