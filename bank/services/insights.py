"""Insights: loads the postings the pure rules of `bank.domain.insights` look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bank.domain import insights as rules
from bank.domain.accounts import Account, AccountKind, AccountStatus
from bank.domain.actors import Actor
from bank.domain.insights import (
    LOW_BALANCE_DAYS,
    USUAL_MONTHS,
    LowBalance,
    Planned,
    RecurringCharge,
    Spending,
    SpendingPath,
)
from bank.domain.ledger import Category, Posting
from bank.domain.periods import Period, add_months, month_start, period_before, start_of
from bank.domain.standing_orders import StandingOrder, StandingOrderStatus
from bank.policies import access
from bank.ports import Clock, Store, UnitOfWork

#: Long enough to see a yearly charge twice.
_RECURRING_DAYS = 400
_DEFAULT_CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Recent:
    """A customer's everyday accounts, their postings of the last year, their standing orders."""

    accounts: list[Account]
    postings: list[Posting]
    orders: list[StandingOrder]


class Insights:
    """What a customer's postings tell."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def spending(
        self,
        actor: Actor,
        *,
        from_utc: datetime,
        to_utc: datetime,
        category: Category | str | None = None,
    ) -> Spending:
        """Return what went out in a period, beside the period before it. Raises InvalidInput."""
        period = Period(from_utc, to_utc)
        before, wanted = period_before(period), Category(category) if category else None

        def work(uow: UnitOfWork) -> Spending:
            ids = _ids(self._accounts(uow, actor))
            return rules.spending(
                _outgoing(uow, ids, period, wanted),
                _outgoing(uow, ids, before, wanted),
                category=wanted,
            )

        return self._store.read(work)

    def recurring(self, actor: Actor) -> list[RecurringCharge]:
        """Return the charges that come again, the next first."""
        return rules.recurring(self.recent(actor).postings, now_utc=self._clock())

    def low_balance(self, actor: Actor) -> LowBalance | None:
        """Return the soonest day a current account runs low from what is known to come."""
        recent, now_utc = self.recent(actor), self._clock()
        until = now_utc.date() + timedelta(days=LOW_BALANCE_DAYS)
        charges = rules.recurring(recent.postings, now_utc=now_utc)
        income = rules.recurring_income(recent.postings, now_utc=now_utc)
        found = []
        for account in recent.accounts:
            orders = [one for one in recent.orders if one.from_account_id == account.id]
            planned = [
                *rules.planned_of(_of(charges, account, but=orders), sign=-1, until=until),
                *rules.planned_of(_of(income, account), sign=1, until=until),
                *(Planned(one.next_date, -one.amount_minor, one.payee_name) for one in orders),
            ]
            low = rules.low_balance(account, planned, today=now_utc.date())
            if low is not None:
                found.append(low)
        return min(found, key=lambda low: low.date, default=None)

    def refunds(self, actor: Actor, since_utc: datetime) -> list[Posting]:
        """Return refunds, reversals and cash deposits since then, newest first."""

        def work(uow: UnitOfWork) -> list[Posting]:
            incoming: list[Posting] = uow.postings.list(
                account_id=_ids(self._accounts(uow, actor)),
                booked_at_utc__gte=since_utc,
                amount_minor__gt=0,
                order_by="booked_at_utc",
                descending=True,
            )
            return [posting for posting in incoming if rules.is_money_back(posting)]

        return self._store.read(work)

    def spending_path(self, actor: Actor) -> SpendingPath:
        """Return this month's spending so far beside the usual, in the main account's currency."""
        now_utc = self._clock()
        first = start_of(add_months(month_start(now_utc).date(), -USUAL_MONTHS))

        def work(uow: UnitOfWork) -> SpendingPath:
            accounts = self._accounts(uow, actor)
            main = [one for one in accounts if one.kind is AccountKind.CURRENT] or accounts
            return rules.spending_path(
                _outgoing(uow, _ids(accounts), Period(first, now_utc + timedelta(seconds=1)), None),
                currency=main[0].currency if main else _DEFAULT_CURRENCY,
                now_utc=now_utc,
            )

        return self._store.read(work)

    def recent(self, actor: Actor) -> Recent:
        """Return what the rules look at: of current accounts, and of the last year."""
        since = self._clock() - timedelta(days=_RECURRING_DAYS)

        def work(uow: UnitOfWork) -> Recent:
            accounts = self._accounts(uow, actor)
            postings: list[Posting] = uow.postings.list(
                account_id=_ids(accounts), booked_at_utc__gte=since, order_by="booked_at_utc"
            )
            orders: list[StandingOrder] = uow.standing_orders.list(
                customer_id=actor.require_customer(), status=StandingOrderStatus.ACTIVE
            )
            current = [one for one in accounts if one.kind is AccountKind.CURRENT]
            return Recent(current, postings, orders)

        return self._store.read(work)

    def _accounts(self, uow: UnitOfWork, actor: Actor) -> list[Account]:
        customer_id = actor.require_customer()
        access.require(actor, "insights.read", owner_id=customer_id)
        found: list[Account] = uow.accounts.list(
            customer_id=customer_id, status=AccountStatus.ACTIVE
        )
        return found


def _ids(accounts: Sequence[Account]) -> tuple[str, ...]:
    return tuple(account.id for account in accounts)


def _outgoing(
    uow: UnitOfWork, ids: tuple[str, ...], period: Period, category: Category | None
) -> list[Posting]:
    filters: dict[str, Any] = {"category": category} if category else {}
    found: list[Posting] = uow.postings.list(
        account_id=ids,
        booked_at_utc__gte=period.from_utc,
        booked_at_utc__lt=period.to_utc,
        amount_minor__lt=0,
        **filters,
    )
    return found


def _of(
    charges: Sequence[RecurringCharge], account: Account, *, but: Sequence[StandingOrder] = ()
) -> list[RecurringCharge]:
    """Return the charges on this account that are not runs of these standing orders."""
    ordered = {order.payee_name for order in but}
    return [
        charge
        for charge in charges
        if charge.account_id == account.id and charge.merchant not in ordered
    ]
