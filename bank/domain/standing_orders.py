"""Standing orders: the same amount to the same payee, again and again.

    active ──cancel──▶ cancelled
      │ ▲
      └─┘ run on `next_date`: posted, or missed with the reason's code; then the next date

A missed run is not tried again; the customer sees `last_outcome` and may pay by hand.

Pure: no clock, no store.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bank.domain.ids import AccountId, CustomerId, PayeeId, StandingOrderId
from bank.domain.money import Money
from bank.domain.periods import Cadence, next_date

POSTED = "posted"


class StandingOrderStatus(StrEnum):
    ACTIVE = "active"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class StandingOrder:
    """An order to pay on a cadence, from `first_date` on."""

    id: StandingOrderId
    customer_id: CustomerId
    from_account_id: AccountId
    payee_id: PayeeId
    payee_name: str
    amount_minor: int
    currency: str
    cadence: Cadence
    first_date: date
    next_date: date
    reference: str
    status: StandingOrderStatus
    created_at_utc: datetime
    idempotency_key: str
    fingerprint: str
    last_outcome: str | None = None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


def after_run(order: StandingOrder, *, outcome: str) -> StandingOrder:
    """Return the order as it waits for its next date; `outcome` is posted or a refusal's code."""
    following = next_date(order.next_date, order.cadence, anchor_day=order.first_date.day)
    return replace(order, next_date=following, last_outcome=outcome)
