"""What the personas have that the many do not: payees, bills, standing orders, other money.

Payees are old friends, except the one added today, who is in the cooling-off of a first day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

from bank.bootstrap import Bank
from bank.demo.households import Household
from bank.demo.ledgers import opening_entry
from bank.demo.people import rng_of
from bank.domain.actors import SYSTEM
from bank.domain.ibans import make_iban
from bank.domain.money import Money
from bank.domain.payees import Payee
from bank.domain.periods import Cadence
from bank.services.ledger import post_batch

#: Long past every cooling-off.
PAYEE_AGE = timedelta(days=200)
BILL_AGE = timedelta(days=5)
_OTHER_MONEY_AGE = timedelta(days=150)


class SettableClock(Protocol):
    """The town's clock."""

    now_utc: datetime


def tell(
    past: Bank, bank: Bank, household: Household, *, clock: SettableClock, now_utc: datetime
) -> None:
    """Give a persona what their story needs; `past` tells the time of `clock`."""
    story: dict[str, Any] = household.person.story
    clock.now_utc = now_utc - PAYEE_AGE
    payees = {name: _add_payee(past, household, name) for name in story["payees"]}
    for name in story.get("new_payees", ()):
        _add_payee(bank, household, name)
    clock.now_utc = now_utc - BILL_AGE
    for number, each in enumerate(story["bills"], 1):
        past.bills.receive(
            SYSTEM,
            customer_id=household.customer_id,
            biller=each["biller"],
            iban=iban_of(each["biller"]),
            amount=Money(each["amount_minor"], "EUR"),
            due_date=now_utc.date() + timedelta(days=each["due_days"]),
            reference=f"Invoice {household.person.number:03d}-{number:02d}",
            category=each["category"],
        )
    for each in story["standing_orders"]:
        bank.standing_orders.create(
            SYSTEM,
            customer_id=household.customer_id,
            payee_id=payees[each["payee"]].id,
            amount=Money(each["amount_minor"], "EUR"),
            cadence=Cadence.MONTHLY,
            first_date=now_utc.date() + timedelta(days=each["first_days"]),
            idempotency_key=f"town-{each['payee']}",
        )
    at_utc = now_utc - _OTHER_MONEY_AGE
    post_batch(bank.store, [
        opening_entry(household.others[each["currency"]], each["balance_minor"], at_utc)
        for each in story.get("other_accounts", ())
    ])  # fmt: skip


def iban_of(name: str) -> str:
    """Return an IBAN at another, invented bank; the same name has the same one."""
    return make_iban("DE", f"88880000{rng_of(0, f'iban:{name}').randrange(10**10):010d}")


def _add_payee(bank: Bank, household: Household, name: str) -> Payee:
    return bank.payees.add(
        SYSTEM,
        customer_id=household.customer_id,
        name=name,
        iban=iban_of(name),
        idempotency_key=f"town-{name}",
    )
