"""Forecasts: where a balance goes until the next pay, from what is known and what is usual.

    balance ──day by day──▶  − charges and standing orders of that day
                             − what is usually spent on a day        ─▶ the first day below the line
                             until the day before the next pay

What is usual is the middle of three months of everyday spending, without the charges that are
counted by themselves; one holiday does not make a habit. Nobody is forecast who has no pay that
comes again, or less than three months behind them. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from statistics import median

from bank.domain.accounts import Account
from bank.domain.insights import LOW_BALANCE_DAYS, LOW_BALANCE_MINOR, LowBalance, Planned
from bank.domain.ledger import Category, Posting
from bank.domain.money import Money

#: Stretches of days a habit is read from, and how many of them.
STRETCH_DAYS = 30
STRETCHES_COUNT = 3


def usual_day_minor(
    postings: Iterable[Posting], *, but: frozenset[str], now_utc: datetime
) -> int | None:
    """Return what is usually spent on a day, in minor units, above or at zero.

    but: merchants that are forecast by themselves. None: not three months of postings.
    """
    span = timedelta(days=STRETCH_DAYS)
    sums = [0] * STRETCHES_COUNT
    oldest_utc = now_utc
    for posting in postings:
        oldest_utc = min(oldest_utc, posting.booked_at_utc)
        number = (now_utc - posting.booked_at_utc) // span
        is_spent = posting.amount_minor < 0 and posting.category is not Category.TRANSFERS
        if is_spent and 0 <= number < STRETCHES_COUNT and (posting.merchant or "") not in but:
            sums[number] -= posting.amount_minor
    if now_utc - oldest_utc < span * STRETCHES_COUNT:
        return None
    return round(median(sums) / STRETCH_DAYS)


def low_before_pay(
    account: Account, planned: Sequence[Planned], *, day_minor: int, today: date, payday: date
) -> LowBalance | None:
    """Return the first day before the pay on which the account is expected below the line.

    planned: what is known to go out or come in; on its day it counts before the usual spending.
    """
    expected_minor = account.available_minor
    if expected_minor < LOW_BALANCE_MINOR:
        return None  # it is low already: no news
    last = min(payday - timedelta(days=1), today + timedelta(days=LOW_BALANCE_DAYS))
    day = today + timedelta(days=1)
    while day <= last:
        due = [one for one in planned if one.on == day]
        expected_minor += sum(one.amount_minor for one in due) - day_minor
        if expected_minor < LOW_BALANCE_MINOR:
            cause = min(due, key=lambda one: one.amount_minor, default=None)
            name = cause.name if cause is not None and cause.amount_minor < 0 else ""
            return LowBalance(day, Money(expected_minor, account.currency), account, name)
        day += timedelta(days=1)
    return None
