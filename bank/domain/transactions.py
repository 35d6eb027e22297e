"""Transactions as a customer looks for them: the question, the page found, the statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bank.domain.accounts import Account
from bank.domain.errors import InvalidInput
from bank.domain.ids import AccountId
from bank.domain.ledger import Category, Posting, TransactionLine
from bank.domain.money import Money
from bank.domain.periods import Period

LIMIT_MAX = 200

__all__ = [
    "LIMIT_MAX", "Category", "Direction", "Posting", "Statement", "TransactionLine",
    "TransactionPage", "TransactionQuery",
]  # fmt: skip


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class TransactionQuery:
    """What to look for; None asks for anything.

    `min_minor` and `max_minor` bound the size of a line, whichever way the money went.
    `merchant` may be misspelt; `text` is looked for in the description as it is.
    """

    account_id: AccountId | str | None = None
    from_utc: datetime | None = None
    to_utc: datetime | None = None
    merchant: str | None = None
    text: str | None = None
    category: Category | None = None
    min_minor: int | None = None
    max_minor: int | None = None
    direction: Direction | None = None
    limit: int = 10
    #: False leaves out money moved between the customer's own accounts: no income, no spending.
    has_own_moves: bool = True
    #: The largest lines first instead of the newest; sizes of different currencies as they are.
    is_largest_first: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= LIMIT_MAX:
            raise InvalidInput(field="limit", min=1, max=LIMIT_MAX)


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """The newest lines that match, and sums over *all* that match, one per currency.

    `spent` and `received` are both above zero. `merchants` names the merchants the search
    took the words for; empty when none was asked for or none is near.
    """

    lines: list[Posting]
    total_count: int
    spent: list[Money]
    received: list[Money]
    merchants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One account over one period: opening + received - spent = closing."""

    account: Account
    period: Period
    opening: Money
    received: Money
    spent: Money
    closing: Money
    lines: list[Posting]
