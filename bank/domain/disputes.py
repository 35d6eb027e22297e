"""Disputes: the customer's objection to one posting, and until when it may be made.

    open ──▶ accepted | rejected | withdrawn       decided by staff in the dispute's case

The clock of a reason starts on the day the posting was booked.

Pure: no clock, no store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bank.domain.errors import DisputeTooLate, InvalidInput
from bank.domain.ids import AccountId, CaseId, CustomerId, DisputeId, PostingId
from bank.domain.ledger import Posting, TransactionKind
from bank.domain.money import Money


class DisputeStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class DisputeReason:
    """A reason one may give; `kinds` are the transactions it fits."""

    code: str
    deadline_days: int
    kinds: tuple[TransactionKind, ...]
    freezes_card: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """One objection. `amount_minor` is what the posting took, above zero."""

    id: DisputeId
    customer_id: CustomerId
    account_id: AccountId
    posting_id: PostingId
    merchant: str | None
    amount_minor: int
    currency: str
    reason: str
    note: str
    status: DisputeStatus
    case_id: CaseId
    opened_at_utc: datetime
    answer_by_utc: datetime
    idempotency_key: str
    fingerprint: str

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


def check_disputable(posting: Posting, reason: DisputeReason, *, now_utc: datetime) -> None:
    """Refuse a dispute the rules leave no room for.

    Raises InvalidInput (money came in, or the reason does not fit this kind), DisputeTooLate.
    """
    if posting.amount_minor >= 0:
        raise InvalidInput(field="posting", allowed="outgoing")
    if posting.kind not in reason.kinds:
        raise InvalidInput(field="reason", kind=posting.kind, reason=reason.code)
    if now_utc - posting.booked_at_utc > timedelta(days=reason.deadline_days):
        raise DisputeTooLate(deadline_days=reason.deadline_days)
