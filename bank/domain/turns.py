"""Turns and buttons: what makes a repeated message harmless (trust rule 3), and a click safe.

    (new) ──begin──▶ in_progress ──finish──▶ finished     its replies are kept and replayed
                          └──lease over──▶ retryable      the process that ran it died

A button's payload stays here; the page gets an opaque token of 128 random bits that works
once, for one conversation, for half an hour. Pressing one spends its whole group: "yes" and
"no" of one question cannot both be pressed.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bank.domain.conversations import Speaker
from bank.domain.ids import ConversationId, MessageId

#: Longer than the slowest turn web waits for; after it a silent turn may run again.
TURN_LEASE_S = 45

BUTTON_TTL_S = 30 * 60

#: A page that was away for a weekend of hours may still ask what became of its message.
TURN_KEEP_S = 48 * 3600

#: A spent button answers a retry of the same message; nobody retries this long after its end.
BUTTON_KEEP_S = 10 * 60


class TurnState(StrEnum):
    IN_PROGRESS = "in_progress"
    FINISHED = "finished"


class TurnStart(StrEnum):
    NEW = "new"
    REPLAY = "replay"
    IN_PROGRESS = "in_progress"
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One message id of one conversation; the id is both. Replies are sealed."""

    id: str
    conversation_id: ConversationId
    message_id: MessageId
    fingerprint: str
    state: TurnState
    attempt: int
    begun_at_utc: datetime
    lease_until_utc: datetime
    replies_enc: bytes | None = None


@dataclass(frozen=True, slots=True)
class BegunTurn:
    """What to do with a message: run it (`new`), or answer with `replies` (`replay`).

    `seq` and `speaker` belong to a new turn whose line was stored along with it.
    """

    start: TurnStart
    attempt: int = 0
    replies: tuple[dict[str, Any], ...] = ()
    seq: int = 0
    speaker: Speaker | None = None


@dataclass(frozen=True, slots=True)
class FinishedTurn:
    """What the customer gets. `seqs` number the stored lines.

    `spoken` is False when a person had taken over meanwhile: the bot's lines were dropped.
    """

    replies: tuple[dict[str, Any], ...]
    seqs: tuple[int, ...] = ()
    spoken: bool = True


@dataclass(frozen=True, slots=True)
class ButtonRecord:
    """A button shown once; the id is the token's hash."""

    id: str
    conversation_id: ConversationId
    group_id: str
    title_enc: bytes
    payload_enc: bytes
    expires_at_utc: datetime
    spent_by: str | None = None


@dataclass(frozen=True, slots=True)
class PressedButton:
    """What a redeemed token stood for."""

    title: str
    payload: dict[str, Any]


def turn_key_of(conversation_id: str, message_id: str) -> str:
    """Return the id of a turn's record; hashed because the caller chose the message id."""
    return hashlib.sha256(f"{conversation_id}\x00{message_id}".encode()).hexdigest()


def make_button_token() -> str:
    """Return 128 random bits as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)
