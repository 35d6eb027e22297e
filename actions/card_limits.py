"""The daily limit of a card: say it, set another one."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, slots
from actions.base import BankAction, EventType
from actions.card_choice import SteppedUpCardAction, in_use, named_cards, say_rows
from actions.open_tasks import is_return, opened
from bank.domain.actors import Actor
from bank.domain.cards import Card
from bank.domain.errors import InvalidInput
from bank.domain.money import Money

_RAISE = re.compile(
    r"\b(raise|increase|higher|lift|s[uú]b\w+|aum[eé]nt\w+|ampl[ií]\w+|increm[eé]nt\w+)\b",
    re.IGNORECASE,
)
_LOWER = re.compile(
    r"\b(lower|reduce|decrease|cut|b[aá]j\w+|red[uú][zc]\w+|dismin[uú]\w+)\b", re.IGNORECASE
)


class CheckCardLimit(BankAction):
    """Say the daily limit of a card, or of all.

    Says   utter_cards_limit, utter_cards_limits, utter_cards_none
    """

    action_name = "action_check_card_limit"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        cards = in_use(self.bank.cards.list(actor))
        named = named_cards(tracker, cards) or cards
        if not named:
            say.utter_message(response="utter_cards_none")
        elif len(named) > 1:
            say_rows(say, "utter_cards_limits", named)
        else:
            only = named[0]
            say.utter_message(
                response="utter_cards_limit",
                card=only.pan_masked, limit=languages.money(only.limit_day),
            )  # fmt: skip
            return [SlotSet("cards_card_id", only.id)]
        return []


class ChangeCardLimit(SteppedUpCardAction):
    """Set another daily limit: which card, how much; more than now asks for a step-up.

    Sets   cards_limit
    Says   utter_cards_ask_limit, utter_cards_limit_done, _other_way, utter_cards_step_up
    """

    action_name = "action_change_card_limit"
    slot_names = ("cards_limit",)

    def act(
        self, actor: Actor, card: Card, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Set it once the amount is known."""
        heard = None if is_return(tracker) else amount_in(tracker)
        amount = heard or slots.find_dict(tracker, "cards_limit")
        limit = money_or_none(amount, card.currency)
        if limit is None:
            say.utter_message(
                response="utter_cards_ask_limit",
                card=card.pan_masked, limit=languages.money(card.limit_day),
            )  # fmt: skip
            return [opened(tracker, self.action_name)]
        if is_other_way(tracker, now=card.limit_day, wanted=limit):
            say.utter_message(
                response="utter_cards_limit_other_way",
                card=card.pan_masked,
                limit=languages.money(card.limit_day),
                wanted=languages.money(limit),
            )  # fmt: skip
            return [SlotSet("cards_limit", None), opened(tracker, self.action_name)]
        self.bank.cards.set_limit(actor, card.id, limit.amount_minor)
        say.utter_message(
            response="utter_cards_limit_done", card=card.pan_masked, limit=languages.money(limit)
        )
        return self.ended(tracker)

    def ask(
        self, cards: list[Card], tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask which card; the amount that came with the wish is kept."""
        heard = amount_in(tracker)
        kept = [SlotSet("cards_limit", heard)] if heard and not is_return(tracker) else []
        return [*kept, *super().ask(cards, tracker, say)]


def is_other_way(tracker: Tracker, *, now: Money, wanted: Money) -> bool:
    """Whether "raise it to 50" would lower the limit, or "lower it" raise it."""
    text = str((tracker.latest_message or {}).get("text") or "")
    if _RAISE.search(text):
        return wanted.amount_minor <= now.amount_minor
    return bool(_LOWER.search(text)) and wanted.amount_minor >= now.amount_minor


def amount_in(tracker: Tracker) -> dict[str, Any] | None:
    """Return the amount of the message; a bare number is an amount where one was asked for."""
    amount = slots.entity(tracker, "amount")
    if isinstance(amount, dict):
        return amount
    digits = {str(one) for one in slots.entities(tracker, "card_digits")}
    number = next(
        (one for one in slots.entities(tracker, "number") if str(one) not in digits), None
    )
    return {"amount": str(number), "currency": None} if isinstance(number, int) else None


def money_or_none(amount: dict[str, Any] | None, currency: str) -> Money | None:
    """Return the amount as money of the card's currency; None when there is none to be read.

    Raises InvalidInput for another currency or a fraction of a minor unit.
    """
    if amount is None:
        return None
    try:
        limit = slots.money(amount, default_currency=currency)
    except ValueError:
        raise InvalidInput(field="limit") from None
    if limit.currency != currency:
        raise InvalidInput(field="currency", allowed=currency)
    return limit


ACTIONS = [CheckCardLimit, ChangeCardLimit]
