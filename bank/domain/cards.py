"""Cards: what a customer pays with.

    active ◀──unfreeze── frozen        freezing is always allowed at once: it only protects
       └──────freeze──────▲
    active | frozen ──replace──▶ replaced      and a new card, active, on the same account

Only the masked PAN is ever here: `•••• 4242`.

Pure: no clock, no store.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bank.domain.errors import CardAlreadyFrozen, CardNotActive, CardNotFrozen, InvalidInput
from bank.domain.ids import AccountId, CardId, CustomerId
from bank.domain.money import Money


class CardKind(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"


class CardStatus(StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"
    REPLACED = "replaced"
    CLOSED = "closed"


class FreezeReason(StrEnum):
    LOST = "lost"
    STOLEN = "stolen"
    SUSPICIOUS = "suspicious"
    PRECAUTION = "precaution"


class ReplaceReason(StrEnum):
    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    EXPIRING = "expiring"


@dataclass(frozen=True, slots=True)
class Card:
    """One card. `expires_month` is `2028-05`; `limit_day_minor` is per day, in `currency`."""

    id: CardId
    customer_id: CustomerId
    account_id: AccountId
    pan_masked: str
    kind: CardKind
    status: CardStatus
    limit_day_minor: int
    currency: str
    expires_month: str
    issued_at_utc: datetime
    frozen_reason: str | None = None
    replaced_by_id: CardId | None = None
    idempotency_key: str | None = None
    frozen_at_utc: datetime | None = None

    @property
    def limit_day(self) -> Money:
        return Money(self.limit_day_minor, self.currency)

    @property
    def last_digits(self) -> str:
        return self.pan_masked[-4:]


@dataclass(frozen=True, slots=True)
class TravelNotice:
    """The customer's word that a card will be used abroad. Both dates are included."""

    id: str
    card_id: CardId
    customer_id: CustomerId
    country: str
    from_date: date
    to_date: date
    told_at_utc: datetime


@dataclass(frozen=True, slots=True)
class PinLetter:
    """An order to post the PIN of a card to the customer's address."""

    id: str
    card_id: CardId
    customer_id: CustomerId
    ordered_at_utc: datetime
    arrives_by: date


def mask_pan(last_digits: str) -> str:
    """Return the only form of a card number there is here.

    >>> mask_pan("4242")
    '•••• 4242'
    """
    assert len(last_digits) == 4 and last_digits.isdigit()  # noqa: PT018
    return f"•••• {last_digits}"


def freeze(card: Card, *, reason: FreezeReason, at_utc: datetime | None = None) -> Card:
    """Return the frozen card. Raises CardAlreadyFrozen, CardNotActive."""
    if card.status is CardStatus.FROZEN:
        raise CardAlreadyFrozen(card_id=card.id)
    check_in_use(card)
    return replace(
        card, status=CardStatus.FROZEN, frozen_reason=reason, frozen_at_utc=at_utc
    )


def unfreeze(card: Card) -> Card:
    """Return the card as it works again. Raises CardNotFrozen, CardNotActive."""
    check_in_use(card)
    if card.status is not CardStatus.FROZEN:
        raise CardNotFrozen(card_id=card.id)
    return replace(card, status=CardStatus.ACTIVE, frozen_reason=None, frozen_at_utc=None)


def check_in_use(card: Card) -> None:
    """Raise CardNotActive for a card that was replaced or closed."""
    if card.status in (CardStatus.REPLACED, CardStatus.CLOSED):
        raise CardNotActive(card_id=card.id, status=card.status)


def parse_country(text: str) -> str:
    """Return an ISO 3166-1 code of two letters, upper case. Raises InvalidInput."""
    code = text.strip().upper()
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise InvalidInput(field="country", allowed="ISO 3166-1 alpha-2")
    return code


def check_travel(*, from_date: date, to_date: date, today: date, days_max: int) -> None:
    """Refuse a journey that is over, ends before it begins, or lasts absurdly long.

    Raises InvalidInput.
    """
    if to_date < from_date or to_date < today or (to_date - from_date).days > days_max:
        raise InvalidInput(field="dates", days_max=days_max)
