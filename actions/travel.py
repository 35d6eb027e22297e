"""Travel notice: where and when a card will be used, so that payments there are expected."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import slots
from actions.base import EventType
from actions.card_choice import CardAction
from actions.facts import day
from actions.onboarding_places import country_name
from actions.open_tasks import is_return, opened
from bank.domain.actors import Actor
from bank.domain.cards import Card

_STAY = re.compile(
    r"\b(?:for|durante|por)\s+(?:about\s+|un[oa]s\s+)?(\d{1,3}|[a-z]+)\s+"
    r"(day|night|week|d[ií]a|noche|semana)s?\b",
    re.IGNORECASE,
)
_COUNTS = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fourteen": 14,
    "un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7,
    "ocho": 8, "nueve": 9, "diez": 10, "doce": 12, "quince": 15,
}  # fmt: skip
_UNIT_DAYS = {
    "day": 1, "night": 1, "week": 7, "dia": 1, "día": 1, "noche": 1, "semana": 7,
}  # fmt: skip


class SetTravelNotice(CardAction):
    """Note a journey: which card, which country, when.

    Sets   cards_country, cards_period
    Says   utter_cards_ask_country, utter_cards_ask_period, utter_cards_travel_done
    """

    action_name = "action_set_travel_notice"
    slot_names = ("cards_country", "cards_period")

    def act(
        self, actor: Actor, card: Card, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Note it once country and days are known."""
        country, period = self.known(tracker)
        kept = self.kept(tracker)
        if country is None:
            say.utter_message(response="utter_cards_ask_country")
            return [*kept, opened(tracker, self.action_name)]
        if period is None:
            say.utter_message(response="utter_cards_ask_period", country=country_name(country))
            return [*kept, opened(tracker, self.action_name)]
        from_date = date.fromisoformat(period["from"])
        to_date = date.fromisoformat(period["to"]) - timedelta(days=1)
        if to_date < self.bank.clock().date():
            say.utter_message(response="utter_cards_travel_past", country=country_name(country))
            forgotten = SlotSet("cards_period", None)
            return [*kept, forgotten, opened(tracker, self.action_name)]
        self.bank.cards.set_travel(
            actor, card.id, country=country, from_date=from_date, to_date=to_date
        )
        say.utter_message(
            response="utter_cards_travel_done",
            card=card.pan_masked,
            country=country_name(country),
            from_date=day(from_date),
            to_date=day(to_date),
        )
        return self.ended(tracker)

    def ask(
        self, cards: list[Card], tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask which card; what came with the wish is kept."""
        return [*self.kept(tracker), *super().ask(cards, tracker, say)]

    def known(self, tracker: Tracker) -> tuple[str | None, dict[str, Any] | None]:
        """Return country and period: what was said now before what is remembered."""
        country = slots.find_text(tracker, "cards_country")
        period = slots.find_dict(tracker, "cards_period")
        if is_return(tracker):
            return country, period
        return slots.entity(tracker, "country") or country, coming_period(tracker) or period

    def kept(self, tracker: Tracker) -> list[EventType]:
        """Return the events that remember what is known."""
        country, period = self.known(tracker)
        return [SlotSet("cards_country", country), SlotSet("cards_period", period)]


def coming_period(tracker: Tracker) -> dict[str, Any] | None:
    """Return the days of the journey: an order looks ahead, so the coming reading counts.

    Two single days are its first and last; one alone is a day's journey.
    """
    period = slots.entity(tracker, "period")
    if isinstance(period, dict):
        coming: dict[str, Any] = period.get("future") or period
        stay_days = days_of_stay(tracker)
        if stay_days and coming["from"]:
            after = date.fromisoformat(coming["from"]) + timedelta(days=stay_days)
            return {"from": coming["from"], "to": after.isoformat()}
        return {"from": coming["from"], "to": coming["to"]}
    days = sorted(str(one) for one in slots.entities(tracker, "date"))
    if not days:
        return None
    after = date.fromisoformat(days[-1]) + timedelta(days=1)
    return {"from": days[0], "to": after.isoformat()}


def days_of_stay(tracker: Tracker) -> int | None:
    """Return the length of the journey, where the words give it ("next week for 10 days")."""
    found = _STAY.search(str((tracker.latest_message or {}).get("text") or ""))
    if found is None:
        return None
    said = found[1].lower()
    count = int(said) if said.isdecimal() else _COUNTS.get(said)
    return count * _UNIT_DAYS[found[2].lower()] if count else None


ACTIONS = [SetTravelNotice]
