"""A question about money that moved: which time, which shop, which kind, how much.

    "what did I spend on groceries in March?"   category groceries, period March
    "and in February?"                          + period February     (the rest is remembered)
    "what about restaurants"                    + category eating_out (the period is remembered)

What is heard comes from the entities of the message; what is remembered, from the slots
`transactions_*`. Finding the postings is the bank's work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions import slots
from actions.facts import label_of, midnight, stretch
from bank.domain.ledger import Category
from bank.domain.money import Money
from bank.domain.periods import Period, period_before
from bank.domain.transactions import TransactionQuery

_AT_LEAST = re.compile(
    r"\b(over|above|more than|at least|bigger than|larger than|from"
    r"|m[aá]s de|mayor(es)? (de|que|a)|superior(es)? a|por encima de|al menos|a partir de)\b",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"\b(under|below|less than|at most|smaller than|up to"
    r"|menos de|menor(es)? (de|que|a)|inferior(es)? a|por debajo de|hasta|como m[aá]ximo)\b",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"\b(around|about|roughly|approximately|some|circa"
    r"|un[oa]s|alrededor de|aproximadamente|cerca de|m[aá]s o menos)\b",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(month|week|year|quarter|day|time|period|one)s? before\b|\bbefore (that|then)\b"
    r"|\bprevious one\b"
    r"|\bantes de (eso|entonces)\b",
    re.IGNORECASE,
)
#: "¿y el mes anterior?": alone it is last month, after an answer the one before that one.
_BEFORE_TOLD = re.compile(
    r"\b(mes|semana|a[ñn]o|trimestre|d[ií]a|periodo|el|la) anterior\b", re.IGNORECASE
)
#: "around 60 euros": a tenth to either side.
_AROUND_SHARE = 10


@dataclass(frozen=True)
class Question:
    """What is asked for; None is "any". Days as ISO texts, `to_day` exclusive."""

    from_day: str | None = None
    to_day: str | None = None
    category: str | None = None
    merchant: str | None = None
    account: str | None = None
    min_minor: int | None = None
    max_minor: int | None = None
    #: "since payday": the bank knows the day, the words do not.
    since: str | None = None

    def subject(self) -> str | None:
        """Return the shop or the category that was asked for, as it is shown."""
        return self.merchant or (label_of(self.category) if self.category else None)

    def from_utc(self) -> datetime | None:
        return midnight(date.fromisoformat(self.from_day)) if self.from_day else None

    def to_utc(self) -> datetime | None:
        return midnight(date.fromisoformat(self.to_day)) if self.to_day else None

    def period(self) -> str:
        """Return the time in words. The question must have one."""
        assert self.from_day, self
        assert self.to_day, self
        return stretch(date.fromisoformat(self.from_day), date.fromisoformat(self.to_day))

    def within(self, from_day: date, to_day: date) -> Question:
        """Return the question with this time, unless it names one."""
        if self.from_day:
            return self
        return replace(self, from_day=from_day.isoformat(), to_day=to_day.isoformat())

    def query(self, **more: Any) -> TransactionQuery:
        """Return what the bank is asked."""
        return TransactionQuery(
            from_utc=self.from_utc(),
            to_utc=self.to_utc(),
            merchant=self.merchant,
            category=Category(self.category) if self.category else None,
            min_minor=self.min_minor,
            max_minor=self.max_minor,
            **more,
        )

    def events(self, asked: str, rows_count: int = 0) -> list[dict[str, Any]]:
        """Return the slots to remember this by; `asked` is the action that answers it."""
        period = {"from": self.from_day, "to": self.to_day} if self.from_day else None
        amounts = {"min_minor": self.min_minor, "max_minor": self.max_minor}
        return [
            SlotSet("transactions_question", asked),
            SlotSet("transactions_period", period),
            SlotSet("transactions_category", self.category),
            SlotSet("transactions_merchant", self.merchant),
            SlotSet("transactions_account", self.account),
            SlotSet("transactions_amounts", amounts if any(amounts.values()) else None),
            SlotSet("transactions_rows", rows_count),
        ]


def heard(tracker: Tracker) -> Question:
    """Return what the latest message says."""
    period = slots.entity(tracker, "period") or {}
    day = slots.entity(tracker, "date")
    category = slots.entity(tracker, "category")
    merchant = slots.entity(tracker, "merchant") or slots.entity(tracker, "payee_name")
    least, most = _bounds(tracker)
    return Question(
        from_day=period.get("from") or (day if not period else None),
        to_day=period.get("to") or (_next_day(day) if day and not period else None),
        category=category if category in set(Category) else None,
        merchant=merchant,
        account=slots.entity(tracker, "account_kind"),
        min_minor=least,
        max_minor=most,
        since=period.get("since"),
    )


def remembered(tracker: Tracker) -> Question:
    """Return the question before."""
    period = slots.find_dict(tracker, "transactions_period") or {}
    amounts = slots.find_dict(tracker, "transactions_amounts") or {}
    return Question(
        from_day=period.get("from"),
        to_day=period.get("to"),
        category=slots.find_text(tracker, "transactions_category"),
        merchant=slots.find_text(tracker, "transactions_merchant"),
        account=slots.find_text(tracker, "transactions_account"),
        min_minor=amounts.get("min_minor"),
        max_minor=amounts.get("max_minor"),
    )


def changed(before: Question, now: Question) -> Question:
    """Return the question before with what was said now.

    Another category drops the shop, and another shop the category: one thing is asked about.
    """
    after = before
    if now.category or now.merchant:
        after = replace(after, category=now.category, merchant=now.merchant)
    if now.from_day:
        after = replace(after, from_day=now.from_day, to_day=now.to_day)
    if now.account:
        after = replace(after, account=now.account)
    if now.min_minor is not None or now.max_minor is not None:
        after = replace(after, min_minor=now.min_minor, max_minor=now.max_minor)
    return after


def goes_back(tracker: Tracker, now: Question) -> bool:
    """Whether "and the month before?" asks for the time before the one just told.

    `now` is what the message says by itself: a time that it names is meant, unless its words
    count from the one just told.
    """
    text = str((tracker.latest_message or {}).get("text") or "")
    is_named = now.from_day is not None
    return bool(_BEFORE_TOLD.search(text) or (_BEFORE.search(text) and not is_named))


def one_back(asked: Question) -> Question:
    """Return the question about the time before, as long."""
    from_utc, to_utc = asked.from_utc(), asked.to_utc()
    if from_utc is None or to_utc is None:
        return asked
    before = period_before(Period(from_utc, to_utc))
    from_day, to_day = before.from_utc.date(), before.to_utc.date()
    return replace(asked, from_day=from_day.isoformat(), to_day=to_day.isoformat())


def _bounds(tracker: Tracker) -> tuple[int | None, int | None]:
    """Return the least and greatest amount asked for, in minor units."""
    amounts = [_minor(one) for one in slots.entities(tracker, "amount")]
    if not amounts:
        return None, None
    text = str((tracker.latest_message or {}).get("text") or "")
    if len(amounts) > 1:
        return min(amounts), max(amounts)
    only = amounts[0]
    if _AT_LEAST.search(text):
        return only, None
    if _AT_MOST.search(text):
        return None, only
    if _AROUND.search(text):
        return only - only // _AROUND_SHARE, only + only // _AROUND_SHARE
    return only, only


def _minor(amount: dict[str, Any]) -> int:
    money: Money = slots.money(amount, default_currency="EUR")
    return money.amount_minor


def _next_day(day: str | None) -> str | None:
    return date.fromordinal(date.fromisoformat(day).toordinal() + 1).isoformat() if day else None
