"""Which card: named by its last digits or its kind, the only one there is, or asked for.

one card fits ──▶ that one
several       ──▶ utter_cards_ask_card with a button each; the asking action stays open
none          ──▶ utter_cards_none
"""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, slots
from actions.base import BankAction, EventType
from actions.facts import in_words
from actions.labels import label, table
from actions.open_tasks import closed, intent_of, is_open, is_return, opened
from bank.domain.actors import Actor
from bank.domain.cards import Card, CardStatus
from bank.domain.errors import BankError, StepUpRequired
from bank.domain.payees import fold

#: What customers call the kinds of cards, in the languages they write (folded).
_KINDS = {"debit": "debit", "credit": "credit", "debito": "debit", "credito": "credit"}
_DIGITS = re.compile(
    r"\b(?:card|ending(?: in| with| on)?|tarjeta|(?:termina|acaba)(?:da)?)\s+"
    r"(?:number\s+|n[uú]mero\s+|en\s+)?(\d{4})\b",
    re.IGNORECASE,
)
#: "unfreeze it"; Spanish hangs it on the verb: "desbloquéala", "desbloquearla".
_SAME = re.compile(
    r"\b(it|that one|this one|esa|[eé]sta|la misma|\w{3,}[aei]rla|\w*[áéíóú]\w*[aeé]la)\b",
    re.IGNORECASE,
)
_ONE_OF = re.compile(r"\b(one of|una de|alguna de)\b", re.IGNORECASE)
_ALL = re.compile(
    r"\b(all|both|every|everything|todas|ambas|las dos)\b.*|\b(cards|tarjetas)\b", re.IGNORECASE
)
_STOPPING = frozenset({"cancel", "deny"})
IN_USE = (CardStatus.ACTIVE, CardStatus.FROZEN)


class CardAction(BankAction):
    """An action about one card, which asks which when it must.

    Subclasses give `act`; it runs once the card is known. What the act reads besides the card
    is kept in slots that `slot_names` lists, and cleared when the task ends.
    """

    #: Which cards this can be done to.
    states: tuple[CardStatus, ...] = IN_USE
    #: Slots of this task, cleared at its end.
    slot_names: tuple[str, ...] = ()

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        goes_on = is_open(tracker, self.action_name)
        if goes_on and not is_return(tracker) and intent_of(tracker) in _STOPPING:
            return self.stopped(tracker, say)
        cards = [one for one in self.bank.cards.list(actor) if one.status in IN_USE]
        if not cards:
            say.utter_message(response="utter_cards_none")
            return self.ended(tracker)
        strange = None if is_return(tracker) else digits_of_no_card(tracker, cards)
        if strange:  # never another card than the one that was named
            say.utter_message(response="utter_cards_no_such_card", digits=strange)
            return self.ask(cards, tracker, say)
        chosen = self.chosen(tracker, cards, goes_on=goes_on)
        if len(chosen) == 1:
            known = SlotSet("cards_card_id", chosen[0].id)
            return [known, *self.act(actor, chosen[0], tracker, say)]
        return self.ask(chosen or cards, tracker, say)

    def act(
        self, actor: Actor, card: Card, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Do it, or ask for what is missing."""
        raise NotImplementedError

    def chosen(self, tracker: Tracker, cards: list[Card], *, goes_on: bool) -> list[Card]:
        """Return the cards that may be meant."""
        if not is_return(tracker):
            named = named_cards(tracker, cards)
            if named:
                return named
        if goes_on or self.is_about_same_card(tracker):
            same = [one for one in cards if one.id == tracker.get_slot("cards_card_id")]
            if same:
                return same
        return [one for one in cards if one.status in self.states] or cards

    def is_about_same_card(self, tracker: Tracker) -> bool:
        """Whether "it" is the card of the task before; a button under its reply means so."""
        text = str((tracker.latest_message or {}).get("text") or "")
        return text.startswith("/") or bool(_SAME.search(text))

    def ask(
        self, cards: list[Card], tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask which card."""
        say.utter_message(
            response="utter_cards_ask_card",
            buttons=[
                {"title": name_of(card), "payload": f'/inform{{"card_id": "{card.id}"}}'}
                for card in cards
            ],
        )
        return [opened(tracker, self.action_name)]

    def stopped(self, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        """The customer does not want it any more."""
        say.utter_message(response="utter_cards_cancelled")
        return self.ended(tracker)

    def ended(self, tracker: Tracker) -> list[EventType]:
        """Return the events that end the task; the card stays known for "it"."""
        return [closed(tracker, self.action_name), *slots.clear(*self.slot_names)]


class SteppedUpCardAction(CardAction):
    """A card action that may ask for a step-up, and hands over to it."""

    def refused(
        self, error: BankError, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say where the code went, as kind "step_up"; end the task on any other refusal too."""
        if isinstance(error, StepUpRequired):
            say.utter_message(
                response="utter_cards_step_up",
                json_message={"kind": "step_up", "data": in_words(error.details)},
                **in_words(error.details),
            )
            return self.ended(tracker)
        return [*super().refused(error, tracker, say), *self.ended(tracker)]


def named_cards(tracker: Tracker, cards: list[Card]) -> list[Card]:
    """Return the cards the latest message names: by button, digits, number in the list, or kind."""
    card_id = slots.entity(tracker, "card_id")
    if card_id:
        return [one for one in cards if one.id == card_id]
    digits = {str(one) for one in slots.entities(tracker, "card_digits")}
    digits |= {str(one) for one in slots.entities(tracker, "number")}
    by_digits = [one for one in cards if one.last_digits in digits]
    if by_digits:
        return by_digits
    said = fold(str((tracker.latest_message or {}).get("text") or "")).split()
    kinds = {_KINDS[word] for word in said if word in _KINDS}
    by_kind = [one for one in cards if one.kind.value in kinds]
    if by_kind or intent_of(tracker) != "inform":
        return by_kind
    numbers = [one for one in slots.entities(tracker, "number") if isinstance(one, int)]
    return [cards[i - 1 if i > 0 else i] for i in numbers if 0 < i <= len(cards) or i == -1]


def digits_of_no_card(tracker: Tracker, cards: list[Card]) -> str | None:
    """Return the last digits the message names when no card has them ("block card 9999")."""
    text = str((tracker.latest_message or {}).get("text") or "")
    said = {str(one) for one in slots.entities(tracker, "card_digits")}
    said |= set(_DIGITS.findall(text))
    strange = said - {one.last_digits for one in cards}
    return min(strange) if strange and strange == said else None


def all_are_meant(tracker: Tracker) -> bool:
    """Whether the message says "all my cards" or "both"; "one of my cards" is one."""
    text = str((tracker.latest_message or {}).get("text") or "")
    return bool(_ALL.search(text)) and not _ONE_OF.search(text)


def in_use(cards: list[Card]) -> list[Card]:
    """Return the cards that were not replaced or closed."""
    return [one for one in cards if one.status in IN_USE]


def say_rows(say: CollectingDispatcher, response: str, cards: list[Card]) -> None:
    """Say the sentence with the cards as a table."""
    rows = [row_of(card) for card in cards]
    say.utter_message(response=response, json_message=table("cards", rows))


def name_of(card: Card) -> str:
    """Return a card's name on a button."""
    return f"{card.pan_masked} {label('card_kind', card.kind.value)}"


def row_of(card: Card) -> dict[str, Any]:
    """Return a table row of kind "cards"; only a state that is not the usual one is told."""
    is_active = card.status is CardStatus.ACTIVE
    return {
        "card_id": card.id,
        "pan_masked": card.pan_masked,
        "kind": label("card_kind", card.kind.value),
        "status": "" if is_active else label("card_status", card.status.value),
        "limit_day": languages.money(card.limit_day),
        "expires_month": card.expires_month,
    }
