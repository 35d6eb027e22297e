"""Insights: what the postings tell about a customer's money, without anybody asking.

    spending        by category, beside the period before
    recurring       charges that come again: the cadence, the next date, a changed amount
    spending path   this month so far, beside what is usual by this day
    low balance     the day on which the charges to come outrun what is there

A charge recurs when the same merchant took money at steady gaps, and its amount stays put
(one change is a price rise; utilities may swing). Everything is computed from postings; nothing
is guessed about a customer who has too few of them.

Pure: no clock, no store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from bank.domain.accounts import Account
from bank.domain.ids import AccountId
from bank.domain.ledger import Category, Posting, TransactionKind
from bank.domain.money import Money
from bank.domain.periods import Cadence, month_start, next_date, start_of

#: Below this, in minor units of the account, a customer wants to know beforehand.
LOW_BALANCE_MINOR = 5_000
LOW_BALANCE_DAYS = 30
#: Full months a month is compared with.
USUAL_MONTHS = 3
#: Of a charge, only its newest times are looked at.
_NEWEST_COUNT = 7
#: Cadence → days between two charges (least, most), and how often it must have come.
_GAPS = {
    Cadence.WEEKLY: (6, 8, 4),
    Cadence.MONTHLY: (26, 35, 3),
    Cadence.QUARTERLY: (85, 97, 3),
    Cadence.YEARLY: (355, 375, 2),
}
_RECURRING_KINDS = frozenset(
    {TransactionKind.CARD, TransactionKind.DIRECT_DEBIT, TransactionKind.STANDING_ORDER,
     TransactionKind.BILL, TransactionKind.FEE, TransactionKind.SALARY}
)  # fmt: skip
#: Charges that swing with use and still recur; by how much around their median.
_SWINGING = frozenset({Category.UTILITIES, Category.INSURANCE, Category.SUBSCRIPTIONS})
_SWING = 1.5
#: A smaller step is a rounding or a rate, not a new price.
_STEP_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class CategorySpend:
    """One category of a period; all amounts are above zero."""

    category: Category
    amount: Money
    count: int
    previous: Money


@dataclass(frozen=True, slots=True)
class Spending:
    """What went out in a period, one total per currency, categories by size."""

    total: list[Money]
    by_category: list[CategorySpend]


@dataclass(frozen=True, slots=True)
class RecurringCharge:
    """A charge that comes again. `amount` is above zero; `previous_amount` when it changed."""

    merchant: str
    amount: Money
    cadence: Cadence
    next_at_utc: datetime
    previous_amount: Money | None
    last_at_utc: datetime
    category: Category
    account_id: AccountId


@dataclass(frozen=True, slots=True)
class LowBalance:
    """When the money is expected to run low; `because` names the charge that does it."""

    date: date
    expected: Money
    account: Account
    because: str


@dataclass(frozen=True, slots=True)
class SpendingPath:
    """The month so far beside the usual; all amounts are above zero."""

    month_to_date: Money
    usual_by_now: Money
    projected: Money


@dataclass(frozen=True, slots=True)
class Planned:
    """A known movement to come; below zero takes money out."""

    on: date
    amount_minor: int
    name: str


def spending(
    now: Iterable[Posting], before: Iterable[Posting], *, category: Category | None = None
) -> Spending:
    """Return outgoing money by category. Transfers count only when they are asked for."""
    sums, counts = _by_category(now, category)
    previous, _ = _by_category(before, category)
    totals: dict[str, int] = defaultdict(int)
    for (_, currency), amount in sums.items():
        totals[currency] += amount
    keys = sums.keys() if category is None else sums.keys() | previous.keys()
    rows = [
        CategorySpend(
            category=kind,
            amount=Money(sums.get((kind, currency), 0), currency),
            count=counts.get((kind, currency), 0),
            previous=Money(previous.get((kind, currency), 0), currency),
        )
        for kind, currency in keys
    ]
    return Spending(
        total=[Money(amount, currency) for currency, amount in sorted(totals.items())],
        by_category=sorted(rows, key=lambda row: (-row.amount.amount_minor, row.category)),
    )


def recurring(postings: Iterable[Posting], *, now_utc: datetime) -> list[RecurringCharge]:
    """Return outgoing charges that come again, the next first."""
    found = _series([one for one in postings if one.amount_minor < 0], now_utc=now_utc)
    return sorted(found, key=lambda charge: (charge.next_at_utc, charge.merchant))


def recurring_income(postings: Iterable[Posting], *, now_utc: datetime) -> list[RecurringCharge]:
    """Return money that comes in again and again: a salary."""
    return _series([one for one in postings if one.amount_minor > 0], now_utc=now_utc)


def spending_path(postings: Iterable[Posting], *, currency: str, now_utc: datetime) -> SpendingPath:
    """Return this month's spending beside the median of the full months before it."""
    this_month = month_start(now_utc)
    by_now: dict[datetime, int] = defaultdict(int)
    whole: dict[datetime, int] = defaultdict(int)
    for posting in postings:
        if posting.currency != currency or not _is_spending(posting):
            continue
        month = month_start(posting.booked_at_utc)
        whole[month] -= posting.amount_minor
        if posting.booked_at_utc.day <= now_utc.day:
            by_now[month] -= posting.amount_minor
    months = sorted(month for month in whole if month < this_month)[-USUAL_MONTHS:]
    spent = whole.get(this_month, 0)
    usual = round(median(by_now[month] for month in months)) if months else 0
    rest = round(median(whole[month] - by_now[month] for month in months)) if months else 0
    return SpendingPath(
        Money(spent, currency), Money(usual, currency), Money(spent + rest, currency)
    )


def low_balance(account: Account, planned: Iterable[Planned], *, today: date) -> LowBalance | None:
    """Return the first day a charge to come takes the account below LOW_BALANCE_MINOR.

    Money that comes in counts before what goes out on the same day.
    """
    expected_minor = account.available_minor
    until = today + timedelta(days=LOW_BALANCE_DAYS)
    for one in sorted(planned, key=lambda plan: (plan.on, -plan.amount_minor, plan.name)):
        if not today <= one.on <= until:
            continue
        expected_minor += one.amount_minor
        if one.amount_minor < 0 and expected_minor < LOW_BALANCE_MINOR:
            expected = Money(expected_minor, account.currency)
            return LowBalance(one.on, expected, account, one.name)
    return None


def planned_of(charges: Iterable[RecurringCharge], *, sign: int, until: date) -> list[Planned]:
    """Return every coming date of recurring charges; `sign` is -1 for charges, 1 for income."""
    plans = []
    for charge in charges:
        day = charge.next_at_utc.date()
        while day <= until:
            plans.append(Planned(day, sign * charge.amount.amount_minor, charge.merchant))
            day = next_date(day, charge.cadence, anchor_day=charge.last_at_utc.day)
    return plans


def is_money_back(posting: Posting) -> bool:
    """Whether a posting is a refund, a reversal or a cash deposit."""
    return posting.amount_minor > 0 and posting.kind in (
        TransactionKind.REFUND,
        TransactionKind.CARD,
        TransactionKind.CASH,
    )


def _is_spending(posting: Posting) -> bool:
    return posting.amount_minor < 0 and posting.category is not Category.TRANSFERS


def _by_category(
    postings: Iterable[Posting], category: Category | None
) -> tuple[dict[tuple[Category, str], int], dict[tuple[Category, str], int]]:
    sums: dict[tuple[Category, str], int] = defaultdict(int)
    counts: dict[tuple[Category, str], int] = defaultdict(int)
    for posting in postings:
        is_asked = posting.category is category if category else _is_spending(posting)
        if is_asked and posting.amount_minor < 0:
            sums[posting.category, posting.currency] -= posting.amount_minor
            counts[posting.category, posting.currency] += 1
    return sums, counts


def _series(postings: Sequence[Posting], *, now_utc: datetime) -> list[RecurringCharge]:
    groups: dict[tuple[AccountId, str], list[Posting]] = defaultdict(list)
    for posting in postings:
        if posting.merchant and posting.kind in _RECURRING_KINDS:
            groups[posting.account_id, posting.merchant].append(posting)
    found = (_one_series(group, now_utc=now_utc) for group in groups.values())
    return [charge for charge in found if charge is not None]


def _one_series(postings: list[Posting], *, now_utc: datetime) -> RecurringCharge | None:
    newest = sorted(postings, key=lambda posting: posting.booked_at_utc)[-_NEWEST_COUNT:]
    cadence = _cadence([posting.booked_at_utc.date() for posting in newest])
    amounts = [abs(posting.amount_minor) for posting in newest]
    if cadence is None or not _is_steady(amounts, newest[-1].category):
        return None
    last = newest[-1]
    coming = next_date(last.booked_at_utc.date(), cadence)
    if next_date(coming, cadence) < now_utc.date():
        return None  # missed twice: it has ended
    while coming < now_utc.date():
        coming = next_date(coming, cadence, anchor_day=last.booked_at_utc.day)
    changed = len(amounts) > 1 and amounts[-2] != amounts[-1]
    return RecurringCharge(
        merchant=last.merchant or "",
        amount=Money(amounts[-1], last.currency),
        cadence=cadence,
        next_at_utc=start_of(coming),
        previous_amount=Money(amounts[-2], last.currency) if changed else None,
        last_at_utc=last.booked_at_utc,
        category=last.category,
        account_id=last.account_id,
    )


def _cadence(days: list[date]) -> Cadence | None:
    gaps = [(after - before).days for before, after in pairwise(days)]
    for cadence, (least, most, times) in _GAPS.items():
        if len(days) >= times and all(least <= gap <= most for gap in gaps):
            return cadence
    return None


def _is_steady(amounts: list[int], category: Category) -> bool:
    if category in _SWINGING:
        middle = median(amounts)
        return all(middle / _SWING <= amount <= middle * _SWING for amount in amounts)
    steps = [abs(after - before) > before * _STEP_SHARE for before, after in pairwise(amounts)]
    return sum(steps) <= 1
