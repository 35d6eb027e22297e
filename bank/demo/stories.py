"""What the personas have that the many do not: payees, bills, standing orders, other money."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

from bank.bootstrap import Bank
from bank.demo.households import Household
from bank.demo.ledgers import opening_entry
from bank.demo.people import rng_of
from bank.domain.actors import SYSTEM
from bank.domain.ibans import make_iban
from bank.services.ledger import post_batch

#: Payees of a persona are old friends, long past the cooling-off of their first day.
PAYEE_AGE = timedelta(days=200)


class SettableClock(Protocol):
    """The town's clock."""

    now_utc: datetime


def tell(
    past: Bank, bank: Bank, household: Household, *, clock: SettableClock, now_utc: datetime
) -> None:
    """Give a persona what their story needs."""
    clock.now_utc = now_utc - PAYEE_AGE
