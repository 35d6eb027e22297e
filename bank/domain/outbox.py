"""Outbox: what leaves the bank is first a row, written with the act it tells about.

    queued ──worker takes a lease──▶ leased ──accepted──▶ sent
       ▲                               │
       └────────back-off, jitter───────┤
                                       └──eight failures──▶ dead   (kept, counted, shown)

A worker that dies keeps its lease until it runs out; another then sends again with the same
Message-ID, so a receiver can drop the copy. Bodies are sealed, and wiped once sent, because
some hold a one-time code.

Events for the security desk (SIEM) go over one line that is either up or down: while it is down
they are given back untried, in their order, and none dies of it (delivery/siem/worker.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from bank.domain.customers import mask_address
from bank.domain.errors import Conflict

MAX_ATTEMPTS = 8
LEASE_S = 60
BACK_OFF_FIRST_S = 2.0
BACK_OFF_MAX_S = 3600.0


class OutboxKind(StrEnum):
    SMS = "sms"
    MAIL = "mail"
    WEBHOOK = "webhook"
    SIEM = "siem"


class OutboxState(StrEnum):
    QUEUED = "queued"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One thing to deliver. `due_at_utc` is the next try, or the end of the running lease."""

    id: str
    kind: OutboxKind
    to: str
    subject: str
    body_enc: bytes | None
    message_id: str
    state: OutboxState
    attempts: int
    created_at_utc: datetime
    due_at_utc: datetime
    last_error: str | None = None
    sent_at_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class DemoPhoneMessage:
    """What the demo phone shows instead of a real SMS. Only the demo town has one."""

    id: str
    to: str
    kind: OutboxKind
    subject: str
    body_enc: bytes
    message_id: str
    at_utc: datetime


def place_of(item_id: str) -> str:
    """Return the place an item's body is sealed for."""
    return f"outbox|{item_id}|body"


def lease(item: OutboxItem, *, now_utc: datetime) -> OutboxItem:
    """Return the item as one worker's for LEASE_S; this counts as an attempt."""
    return replace(
        item,
        state=OutboxState.LEASED,
        attempts=item.attempts + 1,
        due_at_utc=now_utc + timedelta(seconds=LEASE_S),
    )


def sent(item: OutboxItem, *, now_utc: datetime) -> OutboxItem:
    """Return the item as delivered, its body wiped."""
    return replace(
        item, state=OutboxState.SENT, sent_at_utc=now_utc, body_enc=None, last_error=None
    )


def failed(item: OutboxItem, *, error: str, jitter: float, now_utc: datetime) -> OutboxItem:
    """Return the item queued for a later try, or dead after MAX_ATTEMPTS.

    `jitter` in [0, 1) spreads retries over the upper half of the pause, so that a mail server
    coming back is not met by everything at once.
    """
    assert 0 <= jitter < 1, jitter
    if item.attempts >= MAX_ATTEMPTS:
        return replace(item, state=OutboxState.DEAD, last_error=error)
    pause_s = min(BACK_OFF_MAX_S, BACK_OFF_FIRST_S * 2 ** (item.attempts - 1))
    wait = timedelta(seconds=pause_s * (0.5 + jitter / 2))
    return replace(item, state=OutboxState.QUEUED, due_at_utc=now_utc + wait, last_error=error)


def returned(item: OutboxItem) -> OutboxItem:
    """Return a leased item as it was before its lease: its line is down, it was not tried.

    Due since it was made, so that what waits keeps its order.
    """
    return replace(
        item,
        state=OutboxState.QUEUED,
        attempts=max(0, item.attempts - 1),
        due_at_utc=item.created_at_utc,
    )


def requeued(item: OutboxItem, *, now_utc: datetime) -> OutboxItem:
    """Return a dead item queued anew, its attempts forgotten. Raises Conflict: it is not dead."""
    if item.state is not OutboxState.DEAD:
        raise Conflict(status=item.state)
    return replace(item, state=OutboxState.QUEUED, attempts=0, due_at_utc=now_utc)


def shown_recipient(item: OutboxItem) -> str:
    """Return to whom it was to go, masked; of a webhook and a SIEM the host alone.

    An address of a webhook may carry a secret in its path.
    """
    if item.kind in (OutboxKind.WEBHOOK, OutboxKind.SIEM):
        return urlsplit(item.to).hostname or "?"
    return mask_address(item.to)
