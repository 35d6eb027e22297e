"""Exchange: what an amount is in another currency, at the bank's rate of the day."""

from __future__ import annotations

from datetime import date
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, slots
from actions.base import BankAction, EventType
from actions.facts import day
from actions.open_tasks import closed, intent_of, is_open, is_return, opened
from bank.domain.actors import Actor
from bank.domain.errors import InvalidAmount
from bank.domain.fx import BASE
from bank.domain.money import Money

#: "exchange rate dollar" asks what one euro is in dollars.
ONE = "1"


class ConvertCurrency(BankAction):
    """Convert an amount; without one, say the rate.

    Reads  entities amount, number, currency
    Sets   fx_amount, fx_currency (while a currency is missing, and to go on from)
    Says   utter_fx_converted, utter_fx_ask_currency
    """

    action_name = "action_convert_currency"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        goes_on = is_open(tracker, self.action_name)
        if goes_on and not is_return(tracker) and intent_of(tracker) in ("cancel", "deny"):
            say.utter_message(response="utter_fx_cancelled")
            return self.ended(tracker)
        if goes_on and (is_return(tracker) or not names_money(tracker)):
            # A question of the moment: whoever goes on to other things has let it go.
            if not is_return(tracker):
                say.utter_message(response="utter_fx_no_currency")
            return self.ended(tracker)
        money, to = self.asked(tracker, goes_on=goes_on)
        if money is None or to is None:
            say.utter_message(response="utter_fx_ask_currency")
            return [
                SlotSet("fx_amount", money),
                SlotSet("fx_currency", to),
                opened(tracker, self.action_name),
            ]
        source = as_money(money)
        quote = self.bank.fx.convert(source, to)
        say.utter_message(
            response="utter_fx_converted",
            amount=languages.money(source),
            converted=languages.money(quote.amount),
            rate=languages.number(quote.rate.normalize()),
            from_currency=source.currency,
            to_currency=to,
            date=day(date.fromisoformat(quote.as_of)),
        )
        return self.ended(tracker)

    def asked(
        self, tracker: Tracker, *, goes_on: bool
    ) -> tuple[dict[str, Any] | None, str | None]:
        """Return the amount with its currency, and the target. One of two is the euro."""
        known = slots.find_dict(tracker, "fx_amount") if goes_on else None
        to = slots.find_text(tracker, "fx_currency") if goes_on else None
        if is_return(tracker):
            return known, to
        amount = slots.entity(tracker, "amount")
        number = slots.entity(tracker, "number")
        named = [str(one) for one in slots.entities(tracker, "currency")]
        count = amount["amount"] if amount else str(number) if number is not None else None
        source = amount.get("currency") if amount else None
        if source is None and count and named:
            # "100 dollars in euros" without a sign: the first currency is the amount's.
            source = named.pop(0) if len(named) > 1 else None
        if source is None and count is None and len(named) > 1:
            source, count = named.pop(0), ONE  # "eur to usd"
        target = next((one for one in named if one != source), to)
        if source is None and target is None:
            return (known, None) if count is None else ({"amount": count, "currency": BASE}, None)
        if source is None and known is None:
            source = BASE
            count = count or ONE
        if target is None and source != BASE:
            target = BASE
        if target == source:  # "20 zorkmids to euros": of what, the bank does not know
            return None, None
        given = {"amount": count or ONE, "currency": source} if source else known
        return given, target

    def ended(self, tracker: Tracker) -> list[EventType]:
        """Return the events that end the question."""
        return [*slots.clear("fx_amount", "fx_currency"), closed(tracker, self.action_name)]


def names_money(tracker: Tracker) -> bool:
    """Whether the message names an amount, a number or a currency."""
    return any(slots.entity(tracker, name) is not None for name in ("amount", "number", "currency"))


def as_money(given: dict[str, Any]) -> Money:
    """Return the amount. Raises InvalidAmount for more digits than the currency has."""
    try:
        return slots.money(given, default_currency=BASE)
    except ValueError:
        raise InvalidAmount(amount=str(given["amount"])) from None


ACTIONS = [ConvertCurrency]
