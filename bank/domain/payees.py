"""Payees: whom a customer may send money to.

    active ──remove──▶ removed        kept, because posted transfers point at it

A name is matched the way people type it: without accents, case, or the odd letter.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bank.domain import ibans
from bank.domain.errors import InvalidText
from bank.domain.ids import CustomerId, PayeeId

#: SEPA allows 70 characters for a creditor's name.
NAME_MAX_CHARS = 70
#: Letters that are not a base letter with an accent, as people without them type them.
_PLAIN = str.maketrans({
    "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
})  # fmt: skip


class PayeeStatus(StrEnum):
    ACTIVE = "active"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Payee:
    """One entry of a customer's own list. `idempotency_key` made it."""

    id: PayeeId
    customer_id: CustomerId
    name: str
    iban: str
    added_at_utc: datetime
    status: PayeeStatus = PayeeStatus.ACTIVE
    idempotency_key: str | None = None

    @property
    def iban_masked(self) -> str:
        return ibans.mask(self.iban)


@dataclass(frozen=True, slots=True)
class PayeeMatch:
    """A payee the words may mean; `score` 0 to 100, 100 is the very name."""

    payee: Payee
    score: float


def fold(text: str) -> str:
    """Return a name without case, accents and doubled spaces.

    >>> fold("  José  GROẞ ")
    'jose gross'
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


def parse_name(text: str) -> str:
    """Return a payee's name on one line. Raises InvalidText."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > NAME_MAX_CHARS or not name.isprintable():
        raise InvalidText(field="name", max_chars=NAME_MAX_CHARS)
    return name
