"""Notices: when a change is worth telling unasked. The numbers are in `notices.toml`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from bank.domain.accounts import Account
from bank.domain.ledger import Posting
from bank.domain.money import Money
from bank.domain.notices import NoticeKind
from bank.policies.tables import load_table

#: What a customer may turn off; everything else is owed to them.
CHOOSABLE = (
    NoticeKind.PAYDAY,
    NoticeKind.LOW_BALANCE,
    NoticeKind.CARD_EXPIRES,
    NoticeKind.RECURRING_CHANGED,
    NoticeKind.SPENDING_PATH,
    NoticeKind.MONEY_BACK,
    NoticeKind.IDLE_MONEY,
)


@dataclass(frozen=True, slots=True)
class IdleMoney:
    """What was not touched in a current account, and what it would earn in a year in savings."""

    amount: Money
    interest: Money


def is_charge_change_worth_telling(
    *, category: str, previous_minor: int, amount_minor: int
) -> bool:
    """Whether a recurring charge rose enough; amounts are positive.

    >>> rule = is_charge_change_worth_telling
    >>> rule(category="subscriptions", previous_minor=999, amount_minor=1299)
    True
    >>> rule(category="subscriptions", previous_minor=999, amount_minor=1009)
    False
    >>> rule(category="utilities", previous_minor=8000, amount_minor=11000)
    False
    """
    rule = load_table("notices")["recurring_changed"]
    if category in rule["varies_by_nature"]:
        return False
    rise_minor = amount_minor - previous_minor
    is_steep = rise_minor * 100 >= previous_minor * rule["rise_min_pct"]
    return bool(is_steep and rise_minor >= rule["rise_min_minor"])


def is_path_worth_telling(*, spent_minor: int, usual_minor: int, day_of_month: int) -> bool:
    """Whether this month's spending is far enough above the usual.

    >>> is_path_worth_telling(spent_minor=150_00, usual_minor=100_00, day_of_month=15)
    True
    >>> is_path_worth_telling(spent_minor=150_00, usual_minor=100_00, day_of_month=3)
    False
    """
    rule = load_table("notices")["spending_path"]
    is_far = spent_minor * 100 >= usual_minor * (100 + rule["above_usual_pct"])
    return bool(usual_minor > 0 and is_far and day_of_month >= rule["first_day"])


def is_payday_news(arrived: date, *, today: date) -> bool:
    """Whether money that came in again is still news.

    >>> is_payday_news(date(2026, 3, 1), today=date(2026, 3, 2))
    True
    >>> is_payday_news(date(2026, 3, 1), today=date(2026, 3, 9))
    False
    """
    return timedelta() <= today - arrived <= timedelta(days=load_table("notices")["payday"]["days"])


def is_expiry_near(last_day: date, *, today: date) -> bool:
    """Whether a card whose last day this is should be replaced soon.

    >>> is_expiry_near(date(2026, 3, 31), today=date(2026, 3, 2))
    True
    >>> is_expiry_near(date(2026, 3, 31), today=date(2026, 4, 1))
    False
    """
    days = load_table("notices")["card_expires"]["days"]
    return timedelta() <= last_day - today <= timedelta(days=days)


def idle_money(
    account: Account, postings: Iterable[Posting], *, rate_percent: Decimal, now_utc: datetime
) -> IdleMoney | None:
    """Return what lies idle in an account, where it is worth telling.

    postings: of this account. Idle is the least there was in the last days, less what is left for
    what comes up; nothing is idle in an account younger than that. rate_percent: of savings, a
    year; the interest is rounded down, and is of today's rate, which may change.
    """
    rule = load_table("notices")["idle_money"]
    since_utc = now_utc - timedelta(days=rule["days"])
    is_ours = account.currency == load_table("products")["currency"]  # what the table is in
    if not is_ours or account.opened_at_utc > since_utc:
        return None
    booked = [one for one in postings if one.booked_at_utc >= since_utc]
    least_minor = min(
        [
            account.available_minor,
            *(one.balance_after_minor for one in booked),
            *(one.balance_after_minor - one.amount_minor for one in booked),
        ]
    )
    idle_minor = least_minor - int(rule["keep_minor"])
    if idle_minor <= 0:
        return None
    interest_minor = int((idle_minor * rate_percent / 100).to_integral_value(ROUND_DOWN))
    if interest_minor < rule["interest_min_minor"]:
        return None
    return IdleMoney(Money(idle_minor, account.currency), Money(interest_minor, account.currency))


def rest_days(kind: NoticeKind) -> int:
    """Return for how many days one telling of a kind is enough; 0: its key alone says.

    >>> rest_days(NoticeKind.LOW_BALANCE), rest_days(NoticeKind.PAYDAY)
    (20, 0)
    """
    return int(load_table("notices").get(str(kind), {}).get("rest_days", 0))
