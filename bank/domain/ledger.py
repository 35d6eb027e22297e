"""The ledger: every movement of money is one transaction with two or more postings, sum 0.

    transaction  "card payment, 12.40 EUR, 3 March"
      ├─ posting  -12.40 EUR  on the customer's account
      └─ posting  +12.40 EUR  on the bank's card settlement account

Nothing here is ever changed or deleted; a mistake is mended by a transaction the other way.
A posting carries copies of its transaction's merchant, category and text, so that finding a
line on an account touches one table.

Pure: no clock, no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bank.domain.ids import AccountId, PostingId, TransactionId, TransferId, make_id
from bank.domain.money import Money


class TransactionKind(StrEnum):
    TRANSFER = "transfer"
    CARD = "card"
    DIRECT_DEBIT = "direct_debit"
    SALARY = "salary"
    FEE = "fee"
    INTEREST = "interest"
    CASH = "cash"
    REFUND = "refund"
    STANDING_ORDER = "standing_order"
    BILL = "bill"


class Category(StrEnum):
    GROCERIES = "groceries"
    EATING_OUT = "eating_out"
    TRAVEL = "travel"
    TRANSPORT = "transport"
    RENT = "rent"
    UTILITIES = "utilities"
    SUBSCRIPTIONS = "subscriptions"
    SHOPPING = "shopping"
    HEALTH = "health"
    ENTERTAINMENT = "entertainment"
    SALARY = "salary"
    TRANSFERS = "transfers"
    FEES = "fees"
    CASH = "cash"
    INSURANCE = "insurance"
    EDUCATION = "education"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement of money. `merchant` is the other side's name, where there is one."""

    id: TransactionId
    booked_at_utc: datetime
    kind: TransactionKind
    merchant: str | None
    category: Category
    description: str
    reference: str | None = None
    transfer_id: TransferId | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """One signed line on one account; below zero is money out."""

    id: PostingId
    transaction_id: TransactionId
    account_id: AccountId
    amount_minor: int
    currency: str
    booked_at_utc: datetime
    kind: TransactionKind
    merchant: str | None
    category: Category
    description: str
    balance_after_minor: int = 0

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


#: What a customer reads as one line of their statement.
TransactionLine = Posting


@dataclass(frozen=True, slots=True)
class Leg:
    """Where one part of a transaction goes, before it is a posting."""

    account_id: AccountId
    amount: Money


@dataclass(frozen=True, slots=True)
class MerchantSeen:
    """That an account has had to do with a merchant: the words its owner may search by.

    The id is account and merchant, so there is one per pair.
    """

    id: str
    account_id: AccountId
    merchant: str


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise of the ledger, found by `ledger.check`."""

    check: str
    subject: str
    expected: str
    found: str


class Unbalanced(AssertionError):
    """The legs of a transaction do not sum to zero: a bug of the caller, never a refusal."""


def merchant_seen(account_id: AccountId, merchant: str) -> MerchantSeen:
    """Return the record of a merchant on an account."""
    return MerchantSeen(f"{account_id}:{merchant}", account_id, merchant)


def make_postings(transaction: Transaction, legs: Iterable[Leg]) -> list[Posting]:
    """Return the postings of a transaction. Raises Unbalanced."""
    postings = [
        Posting(
            id=PostingId(make_id("po")),
            transaction_id=transaction.id,
            account_id=leg.account_id,
            amount_minor=leg.amount.amount_minor,
            currency=leg.amount.currency,
            booked_at_utc=transaction.booked_at_utc,
            kind=transaction.kind,
            merchant=transaction.merchant,
            category=transaction.category,
            description=transaction.description,
        )
        for leg in legs
    ]
    check_balanced(postings)
    return postings


def two_legs(*, debit_id: AccountId, credit_id: AccountId, amount: Money) -> tuple[Leg, Leg]:
    """Return the legs that move `amount` from the debit to the credit account."""
    assert amount.amount_minor > 0, amount
    return Leg(debit_id, -amount), Leg(credit_id, amount)


def check_balanced(postings: Sequence[Posting]) -> None:
    """Raise Unbalanced unless there are two postings or more and every currency sums to 0."""
    if len(postings) < 2:
        raise Unbalanced("a transaction needs two postings")
    sums: dict[str, int] = {}
    for posting in postings:
        sums[posting.currency] = sums.get(posting.currency, 0) + posting.amount_minor
    if any(sums.values()):
        raise Unbalanced(f"postings sum to {sums}")
