"""What every act on a card begins and ends with: finding it, and numbers of a new one."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from bank.domain.actors import Actor
from bank.domain.cards import Card, CardStatus
from bank.domain.ids import CardId
from bank.domain.payees import fold
from bank.domain.periods import add_months
from bank.policies import access
from bank.ports import UnitOfWork

VALID_MONTHS = 48
#: What a number must have to be taken for the end of a card's.
_DIGITS_MIN = 2


def own_in(
    uow: UnitOfWork, actor: Actor, card_id: CardId | str, action: str, *, lock: bool = False
) -> Card:
    """Return the card if the actor may do this to it.

    Raises NotAuthenticated, NotPermitted, NotFound (also for somebody else's).
    """
    access.require(actor, action)
    card: Card = uow.cards.get(card_id, lock=lock)
    access.require(actor, action, owner_id=card.customer_id)
    return card


def new_digits() -> str:
    """Return the last digits of a new card's number."""
    return f"{secrets.randbelow(10_000):04d}"


def expires_month(now_utc: datetime) -> str:
    """Return when a card issued now ends, as `2030-11`."""
    return f"{add_months(now_utc.date(), VALID_MONTHS):%Y-%m}"


def matching(cards: Iterable[Card], text: str) -> list[Card]:
    """Return the cards in use the words may mean: last digits, or the kind."""
    in_use = [card for card in cards if card.status in (CardStatus.ACTIVE, CardStatus.FROZEN)]
    words = fold(text)
    digits = "".join(char for char in words if char.isdigit())
    if len(digits) >= _DIGITS_MIN:
        return [card for card in in_use if card.last_digits.endswith(digits)]
    return [card for card in in_use if card.kind.value in words.split()]
