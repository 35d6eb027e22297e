"""What came over from a customer's own savings: who is talked into paying empties them first.

    savings ──▶ current account ──within a day──▶ a payment to somebody else

Within the bank alone: what comes from savings elsewhere is not known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from bank.domain.accounts import Account, AccountKind
from bank.domain.ledger import Posting, TransactionKind
from bank.ports import UnitOfWork

#: By customer: when money came over, in order, and how much in minor units.
Draws: TypeAlias = Mapping[str, tuple[list[datetime], list[int]]]

#: What is told where nothing came over.
NOT_DRAWN = (0, -1)
_DRAWN = timedelta(days=1)


def draws_of(accounts: Sequence[Account], postings: Sequence[Posting]) -> Draws:
    """Return by customer when money came over from their own savings, in order, and how much."""
    owner = {str(one.id): str(one.customer_id) for one in accounts}
    savings = {str(one.id) for one in accounts if one.kind is AccountKind.SAVINGS}
    drawn = {
        (one.transaction_id, owner[one.account_id])
        for one in postings
        if one.account_id in savings and one.amount_minor < 0
    }
    found: dict[str, tuple[list[datetime], list[int]]] = {}
    for one in sorted(postings, key=lambda one: (one.booked_at_utc, one.id)):
        who = owner[one.account_id]
        if one.amount_minor > 0 and (one.transaction_id, who) in drawn:
            times, amounts = found.setdefault(who, ([], []))
            times.append(one.booked_at_utc)
            amounts.append(one.amount_minor)
    return found


def last_draw(uow: UnitOfWork, customer_id: str, at_utc: datetime) -> tuple[int, int]:
    """Return what came over from own savings last within a day, and when in Unix seconds.

    NOT_DRAWN where nothing did. For `payments.asked`, before a payment moves.
    """
    accounts: list[Account] = uow.accounts.list(customer_id=customer_id)
    postings = uow.postings.list(
        account_id=tuple(one.id for one in accounts), kind=TransactionKind.TRANSFER,
        booked_at_utc__gte=at_utc - _DRAWN, booked_at_utc__lte=at_utc,
    )  # fmt: skip
    return drawn_by(draws_of(accounts, postings), customer_id, at_utc)


def drawn_by(draws: Draws, customer_id: str, at_utc: datetime) -> tuple[int, int]:
    """Return what came over last within a day before a moment, as `last_draw` does."""
    times, amounts = draws.get(customer_id, ([], []))
    place = bisect_right(times, at_utc) - 1
    if place < 0 or at_utc - times[place] > _DRAWN:
        return NOT_DRAWN
    return amounts[place], int(times[place].timestamp())
