"""Facts as customers read them: days, stretches of time, rows of a table. Data, no sentences.

day(…)      3 November 2026 · 3 de noviembre de 2026        in the conversation's language
stretch(…)  March 2026 · 3 November 2026 · 3 October 2026 - 1 November 2026
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_skeleton

from actions import languages
from actions.labels import label
from bank.domain.ledger import Posting
from bank.domain.money import Money

MONTHS_A_YEAR = 12
#: A sum as the bank itself writes it (`str(Money)`), in a refusal or an event of web.
_SUM = re.compile(r"(?P<major>-?\d[\d,]*(?:\.\d+)?) (?P<currency>[A-Z]{3})")
#: Facts that are codes of the bank → the kind of their labels.
_CODES = {"period": "limit_period"}


def day(moment: date | datetime) -> str:
    """Return a day in words."""
    return format_date(moment, "long", locale=languages.locale())


def stretch(from_day: date, to_day: date) -> str:
    """Return days from `from_day` up to but without `to_day` in words: a month by its name."""
    last_day = to_day - timedelta(days=1)
    if last_day <= from_day:
        return day(from_day)
    if from_day.day == 1 and to_day.day == 1:
        months = (to_day.year - from_day.year) * 12 + to_day.month - from_day.month
        if months == 1:
            return format_skeleton("yMMMM", from_day, locale=languages.locale())
        if months == MONTHS_A_YEAR and from_day.month == 1:
            return str(from_day.year)
    return f"{day(from_day)} - {day(last_day)}"


def midnight(moment: date) -> datetime:
    """Return the beginning of a day in UTC."""
    return datetime.combine(moment, time(), UTC)


def sums(amounts: Iterable[Money], *, default_currency: str = "EUR") -> str:
    """Return sums of several currencies as one text; nothing is a zero."""
    told = [languages.money(abs_money(amount)) for amount in amounts if amount.amount_minor]
    return " + ".join(told) or languages.money(Money(0, default_currency))


def in_words(facts: Mapping[str, str]) -> dict[str, str]:
    """Return facts that came as text, as the conversation writes them; names and ids stay.

    >>> in_words({"limit": "1,000.00 EUR", "period": "day", "until_utc": "2026-11-29T10:00+00:00"})
    {'limit': '1,000.00 EUR', 'period': 'per day', 'until_utc': '29 November 2026, 10:00 UTC'}
    """
    return {name: _in_words(name, text) for name, text in facts.items()}


def _in_words(name: str, text: str) -> str:
    if name in _CODES:
        return label(_CODES[name], text)
    if name.endswith("_utc"):
        moment = datetime.fromisoformat(text).astimezone(UTC)
        return f"{day(moment)}, {moment:%H:%M} UTC"
    found = _SUM.fullmatch(text)
    if found is None:
        return text
    return f"{languages.number(Decimal(found['major'].replace(',', '')))} {found['currency']}"


def abs_money(amount: Money) -> Money:
    """Return the amount without its sign: the sentence says which way it went."""
    return Money(abs(amount.amount_minor), amount.currency)


def name_of(posting: Posting) -> str:
    """Return by what name a customer knows a posting."""
    return posting.merchant or posting.description


def rows_of(postings: Iterable[Posting]) -> list[dict[str, Any]]:
    """Return table rows of kind "transactions"."""
    return [
        {
            "date": posting.booked_at_utc.date().isoformat(),
            "merchant": name_of(posting),
            "amount": languages.money(posting.amount),
            "category": label_of(posting.category.value),
            "posting_id": posting.id,
        }
        for posting in postings
    ]


def label_of(category: str) -> str:
    """Return a category as it is shown.

    >>> label_of("eating_out")
    'Eating out'
    """
    return label("category", category)


def add_up(amounts: list[Money]) -> list[Money]:
    """Return one sum per currency."""
    totals: dict[str, Money] = {}
    for amount in amounts:
        known = totals.get(amount.currency)
        totals[amount.currency] = known + amount if known else amount
    return list(totals.values())


def is_named(merchant: str, name: str) -> bool:
    """Whether one of the two names holds the other, whatever the case."""
    ours, theirs = merchant.casefold(), name.casefold()
    return bool(ours) and (theirs in ours or ours in theirs)
