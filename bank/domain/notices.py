"""Notices: what the bank tells without being asked.

    pending ──said in a chat──▶ told
       └─────(too old)────────▶ expired

A notice has a kind, facts, and a key that makes it once-only: the same charge never rises
twice. It waits for the customer's open chat or the next one. The words are the dialogue's;
here are only facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bank.domain.ids import CustomerId, NoticeId

NOTICE_TTL_DAYS = 14


class NoticeKind(StrEnum):
    RECURRING_CHANGED = "recurring_changed"
    SPENDING_PATH = "spending_path"
    MONEY_BACK = "money_back"
    LOW_BALANCE = "low_balance"


class NoticeState(StrEnum):
    PENDING = "pending"
    TOLD = "told"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Notice:
    """All of them are `service` messages; marketing asks for consent and is not made here."""

    id: NoticeId
    customer_id: CustomerId
    kind: NoticeKind
    once_key: str
    facts: dict[str, Any]
    state: NoticeState
    made_at_utc: datetime
    expires_at_utc: datetime
    told_at_utc: datetime | None = None
