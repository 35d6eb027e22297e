"""Cards: see, freeze at once, and the acts that ask for a step-up (unfreeze, replace, more limit).

A step-up ends the task here: the code is checked by web, which performs the act and tells the
dialogue the outcome (actions/login.py says utter_<purpose>_done).
"""

from __future__ import annotations

import re

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import slots
from actions.base import BankAction, EventType
from actions.card_choice import CardAction, SteppedUpCardAction, all_are_meant, in_use, say_rows
from actions.open_tasks import intent_of, is_open, is_return, opened
from bank.domain.actors import Actor
from bank.domain.cards import Card, CardStatus, FreezeReason, ReplaceReason
from bank.domain.errors import BankError

_STOLEN = re.compile(
    r"\b(stole|stolen|nicked|pinched|robbed|pickpocket\w*|took|mugged"
    r"|roba\w+|rob[oó]|hurt\w+|sustra\w+|atrac\w+)\b",
    re.IGNORECASE,
)
_LOST = re.compile(
    r"\b(lost|lose|missing|gone|misplaced|left|dropped|find"
    r"|perd\w+|p[eé]rdida|extravi\w+|encuentro|olvid\w+|dej[eé])\b",
    re.IGNORECASE,
)
_DAMAGED = re.compile(
    r"\b(damaged?|broken?|crack\w*|snapped|chip|contactless|strip|scratch\w*|bent|faded|washed|"
    r"chewed|worn|doesn'?t (work|read)"
    r"|da[ñn]ad\w+|rot[ao]|romp\w+|estropead\w+|doblad\w+|rayad\w+|partid\w+"
    r"|no (la )?(funciona|lee))\b",
    re.IGNORECASE,
)
_EXPIRING = re.compile(r"\b(expir\w+|caduc\w+|venc\w+)\b", re.IGNORECASE)


class ListCards(BankAction):
    """Show the cards in use.

    Says   utter_cards_list, utter_cards_none
    """

    action_name = "action_list_cards"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        cards = in_use(self.bank.cards.list(actor))
        if cards:
            say_rows(say, "utter_cards_list", cards)
        else:
            say.utter_message(response="utter_cards_none")
        return []


class FreezeCard(CardAction):
    """Freeze one card, or all. Never waits for anything: freezing only protects.

    Reads  entities card_id, card_digits; slot cards_card_id
    Says   utter_cards_frozen[_all], utter_cards_ask_card, utter_card_already_frozen
    """

    action_name = "action_freeze_card"
    states = (CardStatus.ACTIVE,)

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        if not is_return(tracker) and all_are_meant(tracker):
            active = [
                one for one in self.bank.cards.list(actor) if one.status is CardStatus.ACTIVE
            ]
            if len(active) > 1:
                return self._all(actor, active, tracker, say)
        return super().perform(actor, tracker, say)

    def act(
        self, actor: Actor, card: Card, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Freeze it. A frozen card is a refusal that harms nobody: say it and end."""
        self.bank.cards.freeze(actor, card.id, FreezeReason.PRECAUTION)
        say.utter_message(response="utter_cards_frozen", card=card.pan_masked)
        return self.ended(tracker)

    def _all(
        self, actor: Actor, active: list[Card], tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        for card in active:
            self.bank.cards.freeze(actor, card.id, FreezeReason.PRECAUTION)
        names = ", ".join(card.pan_masked for card in active)
        say.utter_message(response="utter_cards_frozen_all", cards=names)
        return self.ended(tracker)

    def refused(
        self, error: BankError, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """End the task with the refusal."""
        return [*super().refused(error, tracker, say), *self.ended(tracker)]


class UnfreezeCard(SteppedUpCardAction):
    """Unfreeze a card, after a step-up.

    Says   utter_step_up_done_card_unfreeze, utter_cards_step_up, utter_card_not_frozen
    """

    action_name = "action_unfreeze_card"
    states = (CardStatus.FROZEN,)

    def act(
        self, actor: Actor, card: Card, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Unfreeze it."""
        self.bank.cards.unfreeze(actor, card.id)
        say.utter_message(response="utter_step_up_done_card_unfreeze")
        return self.ended(tracker)


class ReplaceCard(SteppedUpCardAction):
    """Order a new card for an old one: which, why, then a step-up.

    Sets   cards_reason
    Says   utter_cards_ask_reason, utter_step_up_done_card_replace, utter_cards_step_up
    """

    action_name = "action_replace_card"
    slot_names = ("cards_reason",)

    def act(
        self, actor: Actor, card: Card, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Order it once the reason is known."""
        reason = None if is_return(tracker) else reason_in(tracker)
        reason = reason or slots.find_text(tracker, "cards_reason")
        if reason is None:
            say.utter_message(response="utter_cards_ask_reason")
            return [opened(tracker, self.action_name)]
        key = self.idempotency_key(tracker, "replace_card")
        self.bank.cards.replace(actor, card.id, ReplaceReason(reason), idempotency_key=key)
        say.utter_message(response="utter_step_up_done_card_replace")
        return self.ended(tracker)


class ReportLostCard(SteppedUpCardAction):
    """Lost or stolen: freeze first, then offer a new card.

    Sets   cards_reason
    Says   utter_cards_lost_frozen, utter_cards_lost_already_frozen, utter_cards_lost_kept
    """

    action_name = "action_report_lost_card"
    slot_names = ("cards_reason",)

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        answers = is_open(tracker, self.action_name) and not is_return(tracker)
        if answers and intent_of(tracker) == "affirm" and self.is_frozen_already(tracker):
            return self._replace(actor, tracker, say)
        return super().perform(actor, tracker, say)

    def act(
        self, actor: Actor, card: Card, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Freeze it now, and ask whether a new one is wanted."""
        reason = slots.find_text(tracker, "cards_reason") or lost_or_stolen(tracker)
        was_frozen = card.status is CardStatus.FROZEN
        if not was_frozen:
            self.bank.cards.freeze(actor, card.id, FreezeReason(reason))
        state = "already_frozen" if was_frozen else "frozen"
        say.utter_message(response=f"utter_cards_lost_{state}", card=card.pan_masked)
        return [SlotSet("cards_reason", reason), opened(tracker, self.action_name)]

    def ask(
        self, cards: list[Card], tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask which card, and keep what happened: the answer will only name the card."""
        reason = slots.find_text(tracker, "cards_reason") or lost_or_stolen(tracker)
        kept = [SlotSet("cards_reason", reason), SlotSet("cards_card_id", None)]
        return [*kept, *super().ask(cards, tracker, say)]

    def is_frozen_already(self, tracker: Tracker) -> bool:
        """Whether the first half is done: the card is known and frozen, a new one is offered."""
        return bool(tracker.get_slot("cards_reason") and tracker.get_slot("cards_card_id"))

    def stopped(self, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        """No new card: the old one stays frozen."""
        is_kept = self.is_frozen_already(tracker)
        say.utter_message(response="utter_cards_lost_kept" if is_kept else "utter_cards_cancelled")
        return self.ended(tracker)

    def _replace(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        self.bank.cards.replace(
            actor,
            slots.text(tracker, "cards_card_id"),
            ReplaceReason(slots.text(tracker, "cards_reason")),
            idempotency_key=self.idempotency_key(tracker, "replace_card"),
        )
        say.utter_message(response="utter_step_up_done_card_replace")
        return self.ended(tracker)


class OrderPinLetter(SteppedUpCardAction):
    """Send the PIN by post, after a step-up. It is never shown or said.

    Says   utter_step_up_done_pin_letter, utter_cards_step_up, utter_cards_ask_card
    """

    action_name = "action_order_pin_letter"

    def act(
        self, actor: Actor, card: Card, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Order the letter."""
        self.bank.cards.order_pin_letter(actor, card.id)
        say.utter_message(response="utter_step_up_done_pin_letter")
        return self.ended(tracker)


def reason_in(tracker: Tracker) -> str | None:
    """Return why a new card is wanted, from a button or the words."""
    pressed = slots.entity(tracker, "card_reason")
    if pressed in set(ReplaceReason):
        return str(pressed)
    text = str((tracker.latest_message or {}).get("text") or "")
    for reason, words in (
        (ReplaceReason.STOLEN, _STOLEN),
        (ReplaceReason.DAMAGED, _DAMAGED),
        (ReplaceReason.LOST, _LOST),
        (ReplaceReason.EXPIRING, _EXPIRING),
    ):
        if words.search(text):
            return reason.value
    return None


def lost_or_stolen(tracker: Tracker) -> str:
    """Return "stolen" when the words say so, else "lost"."""
    text = str((tracker.latest_message or {}).get("text") or "")
    return (ReplaceReason.STOLEN if _STOLEN.search(text) else ReplaceReason.LOST).value


ACTIONS = [
    ListCards, FreezeCard, UnfreezeCard, ReplaceCard, ReportLostCard, OrderPinLetter,
]  # fmt: skip
