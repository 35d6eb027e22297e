"""Bills: what a biller asks for, waiting to be paid by one confirmed transfer.

    open ──confirmed transfer──▶ paid

The bank receives bills from billers; the customer never types one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bank.domain.ids import BillId, CustomerId, TransferId
from bank.domain.ledger import Category
from bank.domain.money import Money


class BillStatus(StrEnum):
    OPEN = "open"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill; `iban` and `reference` are the biller's."""

    id: BillId
    customer_id: CustomerId
    biller: str
    iban: str
    amount_minor: int
    currency: str
    due_date: date
    reference: str
    category: Category
    status: BillStatus
    received_at_utc: datetime
    transfer_id: TransferId | None = None

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
