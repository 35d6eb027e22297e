"""Movements: what a demo person's current account sees, before it is postings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bank.domain.ledger import Category, TransactionKind


@dataclass(frozen=True, slots=True)
class Movement:
    """Money in (above zero) or out of the current account; `savings`: against the own savings."""

    at_utc: datetime
    kind: TransactionKind
    category: Category
    merchant: str | None
    description: str
    amount_minor: int
    savings: bool = False
    #: A planted fraud's episode (frauds.py). Nothing that is stored tells.
    episode: str | None = None


def sent(
    at: datetime, name: str | None, text: str, minor: int, *, episode: str | None = None
) -> Movement:
    """Return a transfer to somebody; below zero it comes from them."""
    return Movement(
        at, TransactionKind.TRANSFER, Category.TRANSFERS, name, text, -minor, episode=episode
    )


def paid(
    at: datetime, shop: str, category: Category, minor: int, *, text: str = "Card payment",
    episode: str | None = None,
) -> Movement:  # fmt: skip
    """Return a payment by card."""
    return Movement(at, TransactionKind.CARD, category, shop, text, -minor, episode=episode)


def swept(at: datetime, minor: int) -> Movement:
    """Return a move to the own savings; below zero it comes from there."""
    text = "To savings" if minor > 0 else "From savings"
    return Movement(
        at, TransactionKind.TRANSFER, Category.TRANSFERS, None, text, -minor, savings=True
    )
