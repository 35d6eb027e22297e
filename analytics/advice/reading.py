"""The bank's investors as histories: their profiles, what they hold, and what comes in a month.

    store ──▶ instruments, profiles, holdings ─┐
          └─▶ pay of the last 90 days ─────────┴─▶ Histories

Nothing later than the moment is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from analytics.advice.catalogue import Catalogue
from analytics.advice.histories import Histories
from bank.domain.ledger import TransactionKind
from bank.ports import Store, UnitOfWork

_PAY_DAYS, _PAY_MONTHS = 90, 3
_CHUNK = 400


def read_histories(store: Store, *, as_of_utc: datetime) -> Histories:
    """Return all that was known of investors at a moment."""
    instruments, profiles, holdings = store.read(
        lambda uow: (
            uow.instruments.list(),
            uow.investor_profiles.list(taken_at_utc__lte=as_of_utc),
            uow.holdings.list(since_utc__lte=as_of_utc),
        )
    )
    customers = sorted({str(one.customer_id) for one in profiles})
    income = income_month_minor(store, customers, as_of_utc=as_of_utc)
    return Histories(Catalogue(instruments), profiles, holdings, income_month_minor=income)


def income_month_minor(
    store: Store, customers: Sequence[str], *, as_of_utc: datetime
) -> dict[str, int]:
    """Return what came in a month as pay, of who was paid within 90 days, in minor units."""
    found: dict[str, int] = {}
    for start in range(0, len(customers), _CHUNK):
        some = tuple(customers[start : start + _CHUNK])
        found |= store.read(lambda uow, some=some: _income(uow, some, as_of_utc))  # type: ignore[misc]
    return found


def _income(uow: UnitOfWork, customers: tuple[str, ...], as_of_utc: datetime) -> dict[str, int]:
    accounts = [one for one in uow.accounts.list(customer_id=customers) if one.currency == "EUR"]
    owner = {one.id: str(one.customer_id) for one in accounts}
    paid: dict[str, int] = {}
    if owner:
        for posting in uow.postings.list(
            account_id=tuple(owner), kind=TransactionKind.SALARY,
            booked_at_utc__gte=as_of_utc - timedelta(days=_PAY_DAYS), booked_at_utc__lte=as_of_utc,
        ):  # fmt: skip
            who = owner[posting.account_id]
            paid[who] = paid.get(who, 0) + posting.amount_minor
    return {who: amount // _PAY_MONTHS for who, amount in paid.items()}
