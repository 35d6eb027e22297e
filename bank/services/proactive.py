"""Proactive: what else is worth telling unasked, and who has said that it is not.

    look    ─▶ pay has arrived · too little until the next pay · a card near its last day
               · money idle beside a savings account they have already
    choose  ─▶ "don't tell me about this": one kind, one person; what waits of it is dropped

All of it is service, told by services/notices.py and once an occurrence. A better product is
service only among what the customer has already: that their own money would earn more in their own
savings account is theirs to know, and costs the bank. Whatever they would have to open first is
marketing: an offer, of a campaign, with consent (services/offers.py).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from bank.domain import forecasts
from bank.domain import insights as rules
from bank.domain.accounts import Account, AccountKind, AccountStatus
from bank.domain.actors import Actor
from bank.domain.cards import Card, CardStatus
from bank.domain.errors import InvalidInput
from bank.domain.ids import CustomerId
from bank.domain.insights import LOW_BALANCE_DAYS, LowBalance, Planned, RecurringCharge
from bank.domain.ledger import Category
from bank.domain.notice_choices import NoticeChoice, choice_id
from bank.domain.notices import Notice, NoticeKind, NoticeState
from bank.policies import access
from bank.policies import notices as policy
from bank.policies.products import list_rates
from bank.ports import Clock, Store, UnitOfWork
from bank.services.insights import Insights, Recent

#: "This" is what was told so lately.
_THIS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Found:
    """Something worth telling. `once_key` names the occurrence, so it is told once."""

    kind: NoticeKind
    once_key: str
    facts: dict[str, Any]


class Proactive:
    """What a customer may want to know before they ask."""

    def __init__(self, store: Store, *, clock: Clock, insights: Insights) -> None:
        self._store = store
        self._clock = clock
        self._insights = insights

    def look(self, actor: Actor) -> Iterator[Found]:
        """Yield what is worth telling this customer now."""
        recent, now_utc = self._insights.recent(actor), self._clock()
        income = [
            one
            for one in rules.recurring_income(recent.postings, now_utc=now_utc)
            if one.category is Category.SALARY
        ]
        yield from _paydays(income, today=now_utc.date())
        yield from self._low_balances(recent, income)
        yield from self._expiries(actor, today=now_utc.date())
        yield from self._idle_money(actor, recent)

    def choose(self, actor: Actor, kind: NoticeKind, *, is_wanted: bool) -> NoticeChoice:
        """Keep whether a customer wants to be told of a kind; their newest word counts.

        What waits of an unwanted kind is not told any more. Raises InvalidInput: it is owed.
        """
        access.require(actor, "notices.choose")
        if kind not in policy.CHOOSABLE:
            raise InvalidInput(field="kind", allowed=",".join(policy.CHOOSABLE))
        customer_id = CustomerId(actor.require_customer())
        choice = NoticeChoice(
            choice_id(customer_id, kind), customer_id, kind, is_wanted, self._clock()
        )

        def work(uow: UnitOfWork) -> NoticeChoice:
            uow.customers.get(customer_id, lock=True)
            if uow.notice_choices.find(choice.id) is None:
                uow.notice_choices.add(choice)
            else:
                uow.notice_choices.save(choice)
            if not is_wanted:
                waiting: list[Notice] = uow.notices.list(
                    customer_id=customer_id, state=NoticeState.PENDING, kind=kind
                )
                for one in waiting:
                    uow.notices.save(replace(one, state=NoticeState.EXPIRED))
            return choice

        return self._store.write(work)

    def last_told(self, actor: Actor) -> NoticeKind | None:
        """Return the kind told last, where it can be turned off and is fresh: what "this" is."""
        since_utc = self._clock() - _THIS
        customer_id = actor.require_customer()
        told: list[Notice] = self._store.read(
            lambda uow: uow.notices.list(customer_id=customer_id, told_at_utc__gte=since_utc)
        )
        fresh = [one for one in told if one.kind in policy.CHOOSABLE and one.told_at_utc]
        newest = max(fresh, key=lambda one: str(one.told_at_utc), default=None)
        return newest.kind if newest else None

    def _low_balances(self, recent: Recent, income: list[RecurringCharge]) -> Iterator[Found]:
        for account in recent.accounts:
            pay = [one for one in income if one.account_id == account.id]
            low = self._low(account, recent, pay)
            if low is not None:
                payday = min(one.next_at_utc for one in pay).date()
                facts = {
                    "account": account.name,
                    "expected": str(low.expected),
                    "date": low.date.isoformat(),
                }
                key = f"low_balance:{account.id}:until:{payday.isoformat()}"
                yield Found(NoticeKind.LOW_BALANCE, key, facts)

    def _low(
        self, account: Account, recent: Recent, pay: list[RecurringCharge]
    ) -> LowBalance | None:
        """Return the low balance ahead of one account, of known and usual spending."""
        now_utc = self._clock()
        today = now_utc.date()
        next_days = [one.next_at_utc.date() for one in pay if one.next_at_utc.date() > today]
        if not next_days:
            return None
        until = today + timedelta(days=LOW_BALANCE_DAYS)
        orders = [one for one in recent.orders if one.from_account_id == account.id]
        names = {one.payee_name for one in orders}
        postings = [one for one in recent.postings if one.account_id == account.id]
        charges = [
            one for one in rules.recurring(postings, now_utc=now_utc) if one.merchant not in names
        ]
        counted = frozenset(names | {one.merchant for one in charges})
        day_minor = forecasts.usual_day_minor(postings, but=counted, now_utc=now_utc)
        if day_minor is None:
            return None
        planned = [
            *rules.planned_of(charges, sign=-1, until=until),
            *(Planned(one.next_date, -one.amount_minor, one.payee_name) for one in orders),
        ]
        return forecasts.low_before_pay(
            account, planned, day_minor=day_minor, today=today, payday=min(next_days)
        )

    def _expiries(self, actor: Actor, *, today: date) -> Iterator[Found]:
        customer_id = actor.require_customer()
        cards: list[Card] = self._store.read(
            lambda uow: uow.cards.list(customer_id=customer_id, status=CardStatus.ACTIVE)
        )
        for card in cards:
            last_day = last_day_of(card.expires_month)
            if policy.is_expiry_near(last_day, today=today):
                facts = {"card": card.pan_masked, "date": last_day.isoformat()}
                key = f"card_expires:{card.id}:{card.expires_month}"
                yield Found(NoticeKind.CARD_EXPIRES, key, facts)

    def _idle_money(self, actor: Actor, recent: Recent) -> Iterator[Found]:
        """Yield what lies idle beside a savings account of the same currency."""
        customer_id, now_utc = actor.require_customer(), self._clock()
        savings: list[Account] = self._store.read(
            lambda uow: uow.accounts.list(
                customer_id=customer_id, kind=AccountKind.SAVINGS, status=AccountStatus.ACTIVE
            )
        )
        rate = next(one for one in list_rates() if one.code == "savings")
        for account in recent.accounts:
            own = next((one for one in savings if one.currency == account.currency), None)
            postings = [one for one in recent.postings if one.account_id == account.id]
            found = policy.idle_money(
                account, postings, rate_percent=rate.percent, now_utc=now_utc
            )
            if own is not None and found is not None:
                facts = {
                    "account": account.name, "savings": own.name, "amount": str(found.amount),
                    "interest": str(found.interest), "percent": str(rate.percent),
                }  # fmt: skip
                key = f"idle_money:{account.id}:{now_utc:%Y-%m-%d}"
                yield Found(NoticeKind.IDLE_MONEY, key, facts)


def last_day_of(month: str) -> date:
    """Return the last day of a month as cards write it.

    >>> last_day_of("2028-02")
    datetime.date(2028, 2, 29)
    """
    year, number = map(int, month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def unwanted_in(uow: UnitOfWork, customer_id: str) -> frozenset[NoticeKind]:
    """Return the kinds a customer does not want to be told of."""
    chosen: list[NoticeChoice] = uow.notice_choices.list(customer_id=customer_id, is_wanted=False)
    return frozenset(one.kind for one in chosen)


def is_resting_in(
    uow: UnitOfWork, customer_id: str, kind: NoticeKind, *, now_utc: datetime
) -> bool:
    """Whether a thing that lasts was told lately: found twice, it is still the same one."""
    days = policy.rest_days(kind)
    if not days:
        return False
    since_utc = now_utc - timedelta(days=days)
    asked = {"customer_id": customer_id, "kind": kind, "made_at_utc__gt": since_utc}
    return bool(uow.notices.count(**asked))


def _paydays(income: list[RecurringCharge], *, today: date) -> Iterator[Found]:
    for pay in income:
        arrived = pay.last_at_utc.date()
        if policy.is_payday_news(arrived, today=today):
            facts = {"amount": str(pay.amount), "payer": pay.merchant}
            key = f"payday:{pay.account_id}:{pay.merchant}:{arrived.isoformat()}"
            yield Found(NoticeKind.PAYDAY, key, facts)
