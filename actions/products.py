"""Products: fees, rates, hours, branches, loans; every figure is the bank's, here laid out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from babel.dates import get_day_names
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, slots
from actions.base import BankAction, EventType
from actions.labels import label
from bank.domain.actors import Actor
from bank.domain.payees import fold
from bank.domain.products import Branch, Fee, Loan, OpeningHours, Rate

T = TypeVar("T")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORD = re.compile(r"[a-z]{3,}")
#: The rate of a loan stands beside its amounts and months.
_LOAN_WORDS = frozenset(
    {"loan", "apr", "borrow", "credit", "prestamo", "tae", "prestado", "prestada", "credito"}
)


class AskFees(BankAction):
    """Say what things cost: the lines the words are about, or the whole list.

    Says   utter_products_fees, utter_products_fees_all
    """

    action_name = "action_ask_fees"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        all_fees = self.bank.products.fees()
        fees = fitting(words_of(tracker), all_fees, fee_words)
        lines = [f"{label('product', one.code)}: {price(one)}" for one in fees]
        is_list = len(fees) == len(all_fees)
        say_lines(say, "utter_products_fees_all" if is_list else "utter_products_fees", lines)
        return []


class AskRates(BankAction):
    """Say the interest rates that are asked about.

    Says   utter_products_rates, utter_products_loans
    """

    action_name = "action_ask_rates"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        words = words_of(tracker)
        if words & _LOAN_WORDS:
            loans = [loan_line(one) for one in self.bank.products.loans()]
            say_lines(say, "utter_products_loans", loans)
            return []
        rates: list[Rate] = self.bank.products.rates()
        chosen = fitting(words, rates, lambda one: searched(one.code, one.kind))
        lines = [f"{label('product', one.code)}: {percent(one.percent)}" for one in chosen]
        say_lines(say, "utter_products_rates", lines)
        return []


class AskOpeningHours(BankAction):
    """Say when the branches are open: all week, or on the day that was named.

    Reads  entities date, period
    Says   utter_products_hours, _closed
    """

    action_name = "action_ask_opening_hours"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        branches = fitting(words_of(tracker), self.bank.products.branches(), lambda one: one.name)
        weekday = weekday_in(tracker)
        open_at = [(one.name, hours(one.hours, only=weekday)) for one in branches]
        lines = [f"{name}: {', '.join(times)}" for name, times in open_at if times]
        if lines:
            say_lines(say, "utter_products_hours", lines)
        else:
            names = get_day_names("wide", locale=languages.locale())
            named = names[WEEKDAYS.index(weekday)] if weekday else ""
            say.utter_message(response="utter_products_hours_closed", day=named)
        return []


class FindBranch(BankAction):
    """Say where the branches are, and how to reach them.

    Says   utter_products_branches
    """

    action_name = "action_find_branch"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        branches: list[Branch] = fitting(
            words_of(tracker),
            self.bank.products.branches(),
            lambda one: " ".join((one.name, one.address, *one.services)),
        )
        lines = [f"{one.name}: {one.address}, {one.phone}" for one in branches]
        say_lines(say, "utter_products_branches", lines)
        return []


class AskLoan(BankAction):
    """Say which loans there are.

    Says   utter_products_loans
    """

    action_name = "action_ask_loan"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        loans = fitting(
            words_of(tracker), self.bank.products.loans(),
            lambda one: searched(one.code, one.purpose),
        )  # fmt: skip
        say_lines(say, "utter_products_loans", [loan_line(one) for one in loans])
        return []


def words_of(tracker: Tracker) -> set[str]:
    """Return the words of the message, in small letters without accents or a plural s."""
    text = str((tracker.latest_message or {}).get("text") or "")
    return set() if text.startswith("/") else {stem(word) for word in _WORD.findall(fold(text))}


def stem(word: str) -> str:
    """Return a word without its plural s.

    >>> stem("transfers"), stem("abroad")
    ('transfer', 'abroad')
    """
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def fitting(words: set[str], things: Sequence[T], text_of: Any) -> list[T]:
    """Return the things that share the most words with the message; all when none does."""
    scores = [
        len(words & {stem(word) for word in _WORD.findall(fold(text_of(one).replace("_", " ")))})
        for one in things
    ]
    best = max(scores, default=0)
    return [one for one, score in zip(things, scores, strict=True) if score == best]


def fee_words(fee: Fee) -> str:
    """Return what a line of the price list is found by."""
    return searched(fee.code, fee.topic)


def searched(code: str, topic: str) -> str:
    """Return the words a product is found by: the bank's own, and the conversation's."""
    return f"{code} {topic} {label('product', code)} {label('topic', topic)}"


def say_lines(say: CollectingDispatcher, response: str, lines: Iterable[str]) -> None:
    """Say a list, one thing a line."""
    say.utter_message(response=response, lines="\n".join(f"• {line}" for line in lines))


def price(fee: Fee) -> str:
    """Return a price: an amount, a percentage, or both; and what it is for.

    A price of nothing is an amount of zero, shown as one.
    """
    parts = [languages.money(fee.amount)] if fee.amount is not None else []
    if fee.percent is not None:
        parts.append(percent(fee.percent))
    return f"{' + '.join(parts)} / {label('per', fee.per)}" if fee.per else " + ".join(parts)


def percent(value: Decimal) -> str:
    """Return a rate without noughts at its end.

    >>> percent(Decimal("1.50"))
    '1.5 %'
    """
    return f"{languages.number(value.normalize())} %"


def loan_line(loan: Loan) -> str:
    """Return a loan in figures: amounts, months, representative APR."""
    return (
        f"{label('product', loan.code)}: {languages.money(loan.amount_min)} - "
        f"{languages.money(loan.amount_max)}, "
        f"{loan.months_min}-{loan.months_max}, {percent(loan.apr_percent)}"
    )


def weekday_in(tracker: Tracker) -> str | None:
    """Return the weekday that was named ("today", "on Saturday"), or None."""
    day = slots.entity(tracker, "date")
    if day is None:
        period = slots.entity(tracker, "period") or {}
        coming = period.get("future") or period
        is_one_day = coming.get("grain", period.get("grain")) == "day"
        day = coming.get("from") if is_one_day else None
    return WEEKDAYS[date.fromisoformat(str(day)).weekday()] if day else None


def hours(week: Sequence[OpeningHours], *, only: str | None = None) -> list[str]:
    """Return opening hours with days of the same hours drawn together, without closed days."""
    names = get_day_names("abbreviated", locale=languages.locale())
    spans: list[tuple[int, int, str]] = []
    for one in week:
        index = WEEKDAYS.index(one.weekday.lower())
        if not one.opens or (only is not None and WEEKDAYS[index] != only):
            continue
        when = f"{one.opens}-{one.closes}"
        if spans and spans[-1][1] == index - 1 and spans[-1][2] == when:
            spans[-1] = (spans[-1][0], index, when)
        else:
            spans.append((index, index, when))
    return [
        f"{names[first]}{'' if first == last else '-' + names[last]} {when}"
        for first, last, when in spans
    ]


ACTIONS = [AskFees, AskRates, AskOpeningHours, FindBranch, AskLoan]
