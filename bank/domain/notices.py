"""Notices: what the bank tells without being asked.

    pending ──somebody begins──▶ telling ──said in a chat──▶ told
       │ ▲                          │
       │ └──nobody heard it, or the teller died (TELLING_LEASE_S)
       └─(too old)──▶ expired

A notice has a kind, facts, and a key that makes it once-only: the same charge never rises
twice. It waits for the customer's open chat or the next one. The words are the dialogue's;
here are only facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bank.domain.ids import CustomerId, NoticeId

NOTICE_TTL_DAYS = 14
NOTICE_TTL = timedelta(days=NOTICE_TTL_DAYS)

#: Longer than the slowest turn; after it a telling nobody finished may begin again.
TELLING_LEASE_S = 60


class NoticeKind(StrEnum):
    RECURRING_CHANGED = "recurring_changed"
    SPENDING_PATH = "spending_path"
    MONEY_BACK = "money_back"
    LOW_BALANCE = "low_balance"
    PAYDAY = "payday"
    CARD_EXPIRES = "card_expires"
    IDLE_MONEY = "idle_money"
    PAYMENT_SENT = "payment_sent"
    PAYMENT_NOT_SENT = "payment_not_sent"
    PAYMENT_READY = "payment_ready"
    LOGIN_NEW_PLACE = "login_new_place"
    CARD_UNUSUAL = "card_unusual"


#: What cannot wait comes first, of what was found at the same time.
URGENCY = (
    NoticeKind.CARD_UNUSUAL,
    NoticeKind.LOGIN_NEW_PLACE,
    NoticeKind.PAYMENT_NOT_SENT,
    NoticeKind.PAYMENT_SENT,
    NoticeKind.PAYMENT_READY,
    NoticeKind.LOW_BALANCE,
    NoticeKind.CARD_EXPIRES,
    NoticeKind.PAYDAY,
    NoticeKind.MONEY_BACK,
    NoticeKind.RECURRING_CHANGED,
    NoticeKind.SPENDING_PATH,
    NoticeKind.IDLE_MONEY,
)


#: "Was this you?": said at once in an open chat; each minute may be a stranger's.
AT_ONCE = frozenset({NoticeKind.CARD_UNUSUAL, NoticeKind.LOGIN_NEW_PLACE})


class NoticeState(StrEnum):
    PENDING = "pending"
    TELLING = "telling"
    TOLD = "told"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Notice:
    """All of them are `service` messages; marketing asks for consent and is not made here.

    `told_at_utc` is when it was told; while `telling`, when somebody began to.
    """

    id: NoticeId
    customer_id: CustomerId
    kind: NoticeKind
    once_key: str
    facts: dict[str, Any]
    state: NoticeState
    made_at_utc: datetime
    expires_at_utc: datetime
    told_at_utc: datetime | None = None


def may_be_told(notice: Notice, *, now_utc: datetime) -> bool:
    """Whether telling this notice may begin: it waits, or whoever began is gone."""
    if notice.expires_at_utc <= now_utc:
        return False
    if notice.state is NoticeState.TELLING:
        assert notice.told_at_utc is not None, notice.id
        return now_utc - notice.told_at_utc >= timedelta(seconds=TELLING_LEASE_S)
    return notice.state is NoticeState.PENDING


def order_of_telling(notice: Notice) -> tuple[datetime, int]:
    """Return what notices are sorted by: the oldest first, then the most urgent."""
    return notice.made_at_utc, URGENCY.index(notice.kind)
