"""An example of a loan: how much, over how many months, what it costs."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, slots
from actions.base import BankAction, EventType
from actions.open_tasks import closed, intent_of, is_open, is_return, opened
from bank.domain.actors import Actor
from bank.domain.errors import InvalidInput
from bank.domain.fx import BASE
from bank.domain.money import Money

_MONTHS = re.compile(
    r"\b(\d{1,3}|[a-z]+)[ -]?(months?|years?|yrs?|y|m|mes(?:es)?|a[ñn]os?)\b", re.IGNORECASE
)
_WORDS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "un": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8,
    "nueve": 9, "diez": 10, "doce": 12,
}  # fmt: skip
MONTHS_A_YEAR = 12


class QuoteLoan(BankAction):
    """Work out the monthly payment, once amount and time are known.

    Sets   products_loan_amount, products_loan_months (kept for "and over 48 months?")
    Says   utter_products_ask_loan_amount, _ask_loan_months, _quote, _loan_outside
    """

    action_name = "action_quote_loan"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        returns = is_return(tracker)
        goes_on = is_open(tracker, self.action_name)
        if goes_on and not returns and intent_of(tracker) in ("cancel", "deny"):
            say.utter_message(response="utter_products_cancelled")
            return self.ended(tracker)
        months = (None if returns else months_in(tracker, asked=goes_on)) or tracker.get_slot(
            "products_loan_months"
        )
        amount = (None if returns else amount_in(tracker)) or slots.find_dict(
            tracker, "products_loan_amount"
        )
        known = [
            SlotSet("products_loan_amount", amount), SlotSet("products_loan_months", months)
        ]  # fmt: skip
        if amount is None:
            say.utter_message(response="utter_products_ask_loan_amount")
            return [*known, opened(tracker, self.action_name)]
        if months is None:
            wished = languages.money(slots.money(amount, default_currency=BASE))
            say.utter_message(response="utter_products_ask_loan_months", amount=wished)
            return [*known, opened(tracker, self.action_name)]
        return self.quote(amount, int(months), tracker, say)

    def quote(
        self, amount: dict[str, Any], months: int, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask the bank for the figures."""
        try:
            quote = self.bank.products.loan_quote(
                slots.money(amount, default_currency=BASE), months
            )
        except (InvalidInput, ValueError):
            loans = self.bank.products.loans()
            say.utter_message(
                response="utter_products_loan_outside",
                min=languages.money(min((one.amount_min for one in loans), key=_minor)),
                max=languages.money(max((one.amount_max for one in loans), key=_minor)),
                min_months=str(min(one.months_min for one in loans)),
                max_months=str(max(one.months_max for one in loans)),
            )
            forgotten = slots.clear("products_loan_amount", "products_loan_months")
            return [*forgotten, opened(tracker, self.action_name)]
        say.utter_message(
            response="utter_products_quote",
            amount=languages.money(quote.amount),
            months=str(quote.months),
            monthly=languages.money(quote.payment),
            rate=languages.number(quote.apr_percent.normalize()),
            total=languages.money(quote.total),
        )
        return [
            SlotSet("products_loan_amount", amount),
            SlotSet("products_loan_months", months),
            closed(tracker, self.action_name),
        ]

    def ended(self, tracker: Tracker) -> list[EventType]:
        """Return the events that end the question and forget the figures."""
        forgotten = slots.clear("products_loan_amount", "products_loan_months")
        return [*forgotten, closed(tracker, self.action_name)]


def _minor(amount: Money) -> int:
    return amount.amount_minor


def months_in(tracker: Tracker, *, asked: bool) -> int | None:
    """Return how many months the message names; a bare number counts when months are asked for."""
    text = str((tracker.latest_message or {}).get("text") or "")
    for count, unit in _MONTHS.findall(text):
        number = int(count) if count.isdecimal() else _WORDS.get(count.lower())
        if number:
            return number * (MONTHS_A_YEAR if unit.lower().startswith(("y", "a")) else 1)
    has_amount = slots.find_dict(tracker, "products_loan_amount") is not None
    number = slots.entity(tracker, "number")
    return number if asked and has_amount and isinstance(number, int) else None


def amount_in(tracker: Tracker) -> dict[str, Any] | None:
    """Return the amount of the message; a bare large number ("10000") is one."""
    amount = slots.entity(tracker, "amount")
    if isinstance(amount, dict):
        return amount
    text = str((tracker.latest_message or {}).get("text") or "")
    counts = {count for count, _ in _MONTHS.findall(text)}
    for number in slots.entities(tracker, "number"):
        is_time = str(number) in counts or (
            slots.find_dict(tracker, "products_loan_amount") is not None
        )
        if isinstance(number, int) and not is_time:
            return {"amount": str(number), "currency": None}
    return None


ACTIONS = [QuoteLoan]
