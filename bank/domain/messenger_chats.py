"""Messenger chats: where the chat of a Telegram, WhatsApp or Slack account is sent to, and how far.

    linked to nobody ──code──▶ the customer's        each change of hands begins a *new* chat,
        ▲                          │                 because the lines of the old one stay with
        └────────unlinked──────────┘                 whom they were said to

`sent_seq` is the last line the messenger has taken. A line that cannot be sent is postponed
with a growing pause, and after TRIES_MOST it is given up: it stays in the transcript, where
staff read it, and the lines after it go out.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bank.domain.ids import ConversationId, CustomerId

#: Longer than sending one line with its retries may take.
SEND_LEASE_S = 120
TRIES_MOST = 10
FIRST_PAUSE_S = 5
PAUSE_MOST_S = 600

#: An account that wrote this recently may be written to unasked: WhatsApp allows no more.
OPEN_S = 24 * 3600

#: A chat silent for longer is not looked through for lines that were missed.
LOOK_BACK_S = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class MessengerChat:
    """The id is the link's: channel and hashed account, so an account has one chat."""

    id: str
    channel: str
    conversation_id: ConversationId
    address_enc: bytes
    sent_seq: int
    tries: int
    seen_at_utc: datetime
    due_at_utc: datetime | None = None
    lease_until_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenChat:
    """A chat as it is now: whom its account speaks for, and whether anything was said in it."""

    chat: MessengerChat
    customer_id: CustomerId | None
    is_new: bool


def pause_s(tries: int) -> int:
    """Return how long to wait after this many failed tries.

    >>> [pause_s(tries) for tries in (1, 2, 3, 9)]
    [5, 10, 20, 600]
    """
    assert tries >= 1, tries
    return min(PAUSE_MOST_S, FIRST_PAUSE_S << (tries - 1))


def sent(chat: MessengerChat, seq: int) -> MessengerChat:
    """Return the chat after line `seq` was taken or given up."""
    return replace(chat, sent_seq=max(chat.sent_seq, seq), tries=0, due_at_utc=None)


def postponed(chat: MessengerChat, *, now_utc: datetime, at_least_s: float = 0) -> MessengerChat:
    """Return the chat after its next line could not be sent."""
    tries = chat.tries + 1
    wait = timedelta(seconds=max(float(pause_s(tries)), at_least_s))
    return replace(chat, tries=tries, due_at_utc=now_utc + wait, lease_until_utc=None)


def may_send(chat: MessengerChat, *, now_utc: datetime) -> bool:
    """Whether nobody is sending just now and no pause runs."""
    is_leased = chat.lease_until_utc is not None and chat.lease_until_utc > now_utc
    is_paused = chat.due_at_utc is not None and chat.due_at_utc > now_utc
    return not is_leased and not is_paused
