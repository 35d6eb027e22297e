"""Asked events: what happened in a customer's name, and whether they say it was them.

    asked ──"yes, that was me"──▶ yes ──"no, after all"──▶ no
      └─────"no, that was not me"──────────────────────────▲    only a person undoes a no

A login from a place never seen before, a card payment unlike them. A yes is worth nothing from a
stranger: `is_believed` says from where it counts.

Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bank.domain.ids import CaseId, CustomerId, PostingId


class EventKind(StrEnum):
    LOGIN = "login"
    CARD = "card"


class EventAnswer(StrEnum):
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class AskedEvent:
    """One event and its answer.

    once_key: the same event is asked about once. facts: what the customer reads of it.
    place_id: the login place of a LOGIN. posting_id: the payment of a CARD.
    answered_by: the customer, or the member of staff who overruled them.
    """

    id: str
    customer_id: CustomerId
    kind: EventKind
    once_key: str
    facts: dict[str, Any]
    asked_at_utc: datetime
    expires_at_utc: datetime
    place_id: str | None = None
    posting_id: PostingId | None = None
    answer: EventAnswer | None = None
    answered_by: str = ""
    answered_at_utc: datetime | None = None
    case_id: CaseId | None = None


def is_open(event: AskedEvent, *, now_utc: datetime) -> bool:
    """Whether an answer is waited for."""
    return event.answer is None and now_utc < event.expires_at_utc


def is_in_question(event: AskedEvent, *, now_utc: datetime) -> bool:
    """Whether the place of a login still is: denied, or asked about and not answered yet."""
    return event.answer is EventAnswer.NO or is_open(event, now_utc=now_utc)


def is_believed(
    event: AskedEvent, *, from_places: Collection[str], in_question: Collection[str]
) -> bool:
    """Whether a yes from a session of these places counts without a step-up.

    from_places: where the sessions of this chat began; empty: nobody knows (a messenger).
    in_question: places of this customer that wait for an answer, or were denied.

    >>> from datetime import UTC, datetime
    >>> now = datetime(2026, 11, 20, tzinfo=UTC)
    >>> login = AskedEvent("ae_1", "cu_1", EventKind.LOGIN, "k", {}, now, now, place_id="cu_1:b")
    >>> is_believed(login, from_places={"cu_1:b"}, in_question={"cu_1:b"})
    False
    >>> is_believed(login, from_places={"cu_1:a"}, in_question={"cu_1:b"})
    True

    Nor is one from another new place: a thief with two addresses must not vouch for himself.

    >>> is_believed(login, from_places={"cu_1:c"}, in_question={"cu_1:b", "cu_1:c"})
    False
    """
    if set(from_places) & set(in_question):
        return False
    return bool(from_places) or event.kind is not EventKind.LOGIN
