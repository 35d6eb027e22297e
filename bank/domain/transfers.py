"""Transfers: money moves between two accounts, in two phases.

    proposed ──confirm──▶ posted      the only step that moves money
        │  └────confirm──▶ processing  confirmed, and waits for a person's look: held
        │                     ├─ released ─▶ posted     ├─ rejected, cancelled ─▶ voided
        ├─────cancel────▶ voided      the customer changed their mind
        └────(timeout)──▶ expired     no answer within PROPOSAL_TTL_S

A proposal, and a held transfer, lowers the *available* balance, never the *posted* one.

Pure: no clock, no database, no network; callers pass `now_utc`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bank.domain import ibans
from bank.domain.accounts import Account
from bank.domain.errors import (
    Conflict,
    InsufficientFunds,
    InvalidAmount,
    InvalidText,
    ProposalExpired,
    ProposalVoided,
)
from bank.domain.ids import (
    AccountId,
    BillId,
    CustomerId,
    PayeeId,
    StandingOrderId,
    TransactionId,
    TransferId,
)
from bank.domain.money import Money

PROPOSAL_TTL_S = 300
#: More than any tier's limit; keeps sums far from the 64 bits of a database integer.
AMOUNT_MAX_MINOR = 10**12
#: SEPA remittance information, unstructured: 140 characters.
REFERENCE_MAX_CHARS = 140
KEY_MAX_CHARS = 200


class TransferStatus(StrEnum):
    PROPOSED = "proposed"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"
    #: Customers read this word, here and of any slow payment: it says nothing of a suspicion.
    HELD = "processing"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One wish to move money, from proposal to its end.

    `to_account_id` is None when the money leaves for another bank. `amount_eur_minor` is what
    counts against limits that are stated in euros. `is_own`: both accounts are the customer's.
    """

    id: TransferId
    customer_id: CustomerId
    from_account_id: AccountId
    to_account_id: AccountId | None
    payee_id: PayeeId | None
    payee_name: str
    to_iban: str
    amount_minor: int
    currency: str
    amount_eur_minor: int
    reference: str
    status: TransferStatus
    proposed_at_utc: datetime
    expires_at_utc: datetime
    idempotency_key: str
    fingerprint: str
    needs_step_up: bool
    is_own: bool
    bill_id: BillId | None = None
    standing_order_id: StandingOrderId | None = None
    posted_at_utc: datetime | None = None
    transaction_id: TransactionId | None = None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def to_iban_masked(self) -> str:
        return ibans.mask(self.to_iban)


def fingerprint(**body: str | int | None) -> str:
    """Return the SHA-256 of a request's body: the same words in any order, the same print."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def expires_at(proposed_at_utc: datetime) -> datetime:
    """Return when a proposal made at this moment lapses."""
    return proposed_at_utc + timedelta(seconds=PROPOSAL_TTL_S)


def is_overdue(transfer: Transfer, *, now_utc: datetime) -> bool:
    """Whether this proposal's time is over and its hold is to be released."""
    return transfer.status is TransferStatus.PROPOSED and now_utc >= transfer.expires_at_utc


def as_of(transfer: Transfer, *, now_utc: datetime) -> Transfer:
    """Return the transfer as it stands now: an overdue proposal reads as expired."""
    if is_overdue(transfer, now_utc=now_utc):
        return replace(transfer, status=TransferStatus.EXPIRED)
    return transfer


def check_open(transfer: Transfer, *, now_utc: datetime) -> None:
    """Refuse a proposal that can no longer be confirmed or changed.

    Raises ProposalVoided, ProposalExpired, Conflict (posted or held already).
    """
    if transfer.status in (TransferStatus.POSTED, TransferStatus.HELD):
        raise Conflict(transfer_id=transfer.id, status=transfer.status)
    if transfer.status is TransferStatus.VOIDED:
        raise ProposalVoided(transfer_id=transfer.id)
    if transfer.status is TransferStatus.EXPIRED or is_overdue(transfer, now_utc=now_utc):
        raise ProposalExpired(transfer_id=transfer.id)


def check_funds(account: Account, amount: Money, *, own_hold_minor: int = 0) -> None:
    """Refuse an amount above what is available. Raises InsufficientFunds.

    `own_hold_minor` is what this very transfer has already reserved.
    """
    available_minor = account.available_minor + own_hold_minor
    if amount.amount_minor > available_minor:
        raise InsufficientFunds(available=Money(available_minor, account.currency), needed=amount)


def confirm(
    transfer: Transfer, *, account: Account, transaction_id: TransactionId, now_utc: datetime
) -> Transfer:
    """Return the posted transfer; the caller stores it, its postings and the released hold.

    Confirming a posted transfer returns it unchanged, so a retry after a lost reply moves
    nothing twice. Raises ProposalVoided, ProposalExpired, InsufficientFunds.
    """
    if transfer.status is TransferStatus.POSTED:
        return transfer
    if transfer.status is not TransferStatus.HELD:
        check_open(transfer, now_utc=now_utc)
    check_funds(account, transfer.amount, own_hold_minor=transfer.amount_minor)
    return replace(
        transfer,
        status=TransferStatus.POSTED,
        posted_at_utc=now_utc,
        transaction_id=transaction_id,
    )


def parse_amount(amount: Money) -> Money:
    """Return an amount that may be moved. Raises InvalidAmount: zero, negative, absurd."""
    if not 0 < amount.amount_minor <= AMOUNT_MAX_MINOR:
        raise InvalidAmount(amount=amount, max=Money(AMOUNT_MAX_MINOR, amount.currency))
    return amount


def parse_reference(text: str) -> str:
    """Return a reference on one line. Raises InvalidText."""
    reference = " ".join(text.split())
    if len(reference) > REFERENCE_MAX_CHARS or not reference.isprintable():
        raise InvalidText(field="reference", max_chars=REFERENCE_MAX_CHARS)
    return reference


def parse_key(key: str) -> str:
    """Return an idempotency key. Raises InvalidText."""
    if not 0 < len(key) <= KEY_MAX_CHARS or not key.isprintable():
        raise InvalidText(field="idempotency_key", max_chars=KEY_MAX_CHARS)
    return key
