"""Accounts: places for money.

    posted      what the postings on the account add up to
    held        what open proposals have reserved
    available   posted - held: what can still be promised

`posted_minor` and `held_minor` are kept on the account so that a balance is one read; they
change only together with the postings and proposals they sum up, in the same unit of work.
`ledger.check` recomputes both.

Internal accounts belong to the bank, may go below zero, and close the circle: a payment to
another bank leaves through `clearing`, a fee arrives on `fees`. So every transaction sums to 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bank.domain.errors import AccountNotActive, Conflict
from bank.domain.ids import AccountId, CustomerId
from bank.domain.money import Money


class AccountKind(StrEnum):
    CURRENT = "current"
    SAVINGS = "savings"
    LOAN = "loan"
    INTERNAL = "internal"


class AccountStatus(StrEnum):
    ACTIVE = "active"
    RESTRICTED = "restricted"
    CLOSED = "closed"


class InternalRole(StrEnum):
    """What an internal account is for; there is one per role and currency."""

    CLEARING = "clearing"  # money to and from other banks
    CARDS = "cards"  # settled with the card schemes
    CASH = "cash"
    FEES = "fees"
    INTEREST = "interest"
    LOANS = "loans"


@dataclass(frozen=True, slots=True)
class Account:
    """One place for money in one currency. `iban` is compact and upper case."""

    id: AccountId
    customer_id: CustomerId | None
    kind: AccountKind
    name: str
    iban: str
    currency: str
    status: AccountStatus
    opened_at_utc: datetime
    posted_minor: int = 0
    held_minor: int = 0
    closed_at_utc: datetime | None = None

    @property
    def posted(self) -> Money:
        return Money(self.posted_minor, self.currency)

    @property
    def held(self) -> Money:
        return Money(self.held_minor, self.currency)

    @property
    def available_minor(self) -> int:
        return self.posted_minor - self.held_minor

    @property
    def available(self) -> Money:
        return Money(self.available_minor, self.currency)

    @property
    def is_internal(self) -> bool:
        return self.kind is AccountKind.INTERNAL


def internal_account_id(role: InternalRole, currency: str) -> AccountId:
    """Return the id of the bank's own account for a role; always the same."""
    return AccountId(f"ac_internal_{role}_{currency.lower()}")


def close(account: Account, *, now_utc: datetime) -> Account:
    """Return the account closed; nothing is on it and nothing will ever move on it again.

    Raises AccountNotActive (closed already), Conflict (it is not empty, or something is reserved).
    """
    if account.status is AccountStatus.CLOSED:
        raise AccountNotActive(account_id=account.id, status=account.status)
    if account.posted_minor or account.held_minor:
        raise Conflict(account_id=account.id, posted=str(account.posted), held=str(account.held))
    return replace(account, status=AccountStatus.CLOSED, closed_at_utc=now_utc)


def check_active(account: Account) -> None:
    """Raise AccountNotActive unless money may move on this account."""
    if account.status is not AccountStatus.ACTIVE:
        raise AccountNotActive(account_id=account.id, status=account.status)
