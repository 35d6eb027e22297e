"""From movements to transactions with their postings: which account stands on the other side.

card, refund ─▶ cards      cash ─▶ cash      pay, rent, bills, other banks ─▶ clearing
savings      ─▶ the person's own savings account
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from bank.demo.movements import Movement
from bank.demo.spending import Life
from bank.domain.accounts import Account, InternalRole, internal_account_id
from bank.domain.ids import AccountId, PostingId, TransactionId, make_id
from bank.domain.ledger import Category, Posting, Transaction, TransactionKind

if TYPE_CHECKING:
    from bank.demo.households import Household

Entry = tuple[Transaction, tuple[Posting, Posting]]

_AGAINST = {
    TransactionKind.CARD: InternalRole.CARDS,
    TransactionKind.REFUND: InternalRole.CARDS,
    TransactionKind.CASH: InternalRole.CASH,
    TransactionKind.FEE: InternalRole.FEES,
}


def entries_of(
    household: Household, life: Life, *, began_utc: datetime
) -> Iterable[tuple[Movement | None, Entry]]:
    """Yield a life as entries with what they are made from, the two openings first."""
    if life.opening_minor:
        yield None, opening_entry(household.current, life.opening_minor, began_utc)
    if life.savings_opening_minor:
        yield None, opening_entry(household.savings, life.savings_opening_minor, began_utc)
    current, savings = household.current.id, household.savings.id
    for movement in life.movements:
        if movement.savings:
            against = savings
        else:
            role = _AGAINST.get(movement.kind, InternalRole.CLEARING)
            against = internal_account_id(role, "EUR")
        yield movement, _entry(movement, current, against, "EUR")


def opening_entry(account: Account, amount_minor: int, at_utc: datetime) -> Entry:
    """Return the entry that brings money from a former bank."""
    movement = Movement(
        at_utc, TransactionKind.TRANSFER, Category.TRANSFERS, None, "From my former bank",
        amount_minor,
    )  # fmt: skip
    against = internal_account_id(InternalRole.CLEARING, account.currency)
    return _entry(movement, account.id, against, account.currency)


def _entry(movement: Movement, account: AccountId, against: AccountId, currency: str) -> Entry:
    transaction_id = TransactionId(make_id("tx"))

    def posting(account_id: AccountId, amount_minor: int) -> Posting:
        return Posting(
            PostingId(make_id("po")), transaction_id, account_id, amount_minor, currency,
            movement.at_utc, movement.kind, movement.merchant, movement.category,
            movement.description,
        )  # fmt: skip

    return (
        Transaction(
            transaction_id, movement.at_utc, movement.kind, movement.merchant, movement.category,
            movement.description,
        ),
        (posting(account, movement.amount_minor), posting(against, -movement.amount_minor)),
    )  # fmt: skip
