"""Payees in the dialogue: the list, adding one by name and IBAN, removing one after a yes."""

from __future__ import annotations

import re

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, slots
from actions.asking import AskingAction, button, with_events
from actions.base import BankAction, EventType, say_refusal
from actions.payee_choice import choose_payee, find_name
from actions.transfers import MONEY_ACTION
from bank.domain.actors import Actor
from bank.domain.errors import AlreadyExists, InvalidInput

_NAME_AFTER = re.compile(
    r"\b(?:called|named|name is|as|add|save)\s+(?!(?:a|an|my|the|new|payee|someone)\b)"
    r"([^\W\d_][^\d,.;!?]{1,60}?)(?=\s+(?:as|with|to|iban|his|her|their|on)\b|[,.;!?]|$)"
    r"|\b(?:llamad[oa]|se llama|nombre es|(?:a[ñn]ad|agreg|guard|incluy)\w+ a)\s+"
    r"(?!(?:un|una|mi|mis|la|el|los|las|nuevo|nueva|alguien)\b)"
    r"([^\W\d_][^\d,.;!?]{1,60}?)(?=\s+(?:como|con|a|en|su|iban)\b|[,.;!?]|$)",
    re.IGNORECASE,
)
#: Said alone, as the answer to "what is the name?".
_ONLY_NAME = re.compile(r"^\s*((?:[^\W\d_][\w.'\u2019&-]*\s*){1,5})\s*$")
_REMOVED = re.compile(
    r"\b(?:remove|delete|erase|drop|take|kick|strike)\s+"
    r"(?!(?:a|an|my|the|some)\b)([^\W\d_][\w.' -]{1,40}?)\s+(?:from|off|out of)\b"
    r"|\b(?:elimin|borr|quit|sac)\w+\s+a\s+([^\W\d_][\w.' -]{1,40}?)\s+de\b",
    re.IGNORECASE,
)
LISTED_COUNT = 10


class ListPayees(BankAction):
    """Say whom money may be sent to.

    Says  utter_payees_list (kind payees), or utter_payees_none
    """

    action_name = "action_list_payees"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        own = self.bank.payees.list(actor)
        if not own:
            say.utter_message(response="utter_payees_none")
            return []
        names = "\n".join(f"• {one.name}, {one.iban_masked}" for one in own[:LISTED_COUNT])
        say.utter_message(response="utter_payees_list", count=str(len(own)), names=names)
        return []


class AddPayee(AskingAction):
    """Collect name and IBAN of a new payee and add them.

    Reads, sets  payees_name, payees_iban
    Says         utter_ask_payees_name, utter_ask_payees_iban, utter_payees_added, or a refusal
    """

    action_name = "action_add_payee"
    collected = ("payees_name", "payees_iban")
    cancelled = "utter_payees_cancelled"

    def hear(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        if open_tasks.intent_of(tracker) == "deny":
            return self.cancel(actor, tracker, say)
        name, iban = self._name(tracker), slots.entity(tracker, "iban")
        is_open = open_tasks.is_open(tracker, self.action_name)
        if name is None and iban is None and is_open:
            return None
        events: list[EventType] = []
        if name:
            events.append(SlotSet("payees_name", name))
        if iban:
            events.append(SlotSet("payees_iban", str(iban)))
        after = with_events(tracker, events)
        if not all(slots.find_text(after, slot) for slot in self.collected):
            return [*events, *self.ask(actor, after, say)]
        return [*events, *self._add(actor, after, say)]

    def ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        del actor
        name = slots.find_text(tracker, "payees_name")
        if name is None:
            say.utter_message(response="utter_ask_payees_name")
        else:
            say.utter_message(response="utter_ask_payees_iban", name=name)
        return []

    def _add(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        try:
            payee = self.bank.payees.add(
                actor,
                name=slots.text(tracker, "payees_name"),
                iban=slots.text(tracker, "payees_iban"),
                idempotency_key=self.idempotency_key(tracker, "add_payee"),
            )
        except AlreadyExists:
            say.utter_message(response="utter_payees_known")
            return self.finish(tracker)
        except InvalidInput as refusal:
            say_refusal(refusal, say)
            events = slots.clear("payees_iban")
            return [*events, *self.ask(actor, with_events(tracker, events), say)]
        say.utter_message(response="utter_payees_added", name=payee.name, iban=payee.iban_masked)
        events = self.finish(tracker)
        if MONEY_ACTION in slots.find_list(tracker, open_tasks.SLOT):
            events.append(SlotSet("transfer_payee", payee.id))  # that is whom it waited for
        return events

    def _name(self, tracker: Tracker) -> str | None:
        """Return the name the message gives the new payee."""
        text = str((tracker.latest_message or {}).get("text") or "")
        said = _NAME_AFTER.search(text)
        if said:
            return (said[1] or said[2]).strip()
        name = find_name(tracker)
        is_asked = open_tasks.is_open(tracker, self.action_name)
        if name is None and is_asked and slots.find_text(tracker, "payees_name") is None:
            alone = _ONLY_NAME.match(text)
            intent = open_tasks.intent_of(tracker)
            name = alone[1] if alone and intent not in ("affirm", "repeat", "gibberish") else None
        return str(name).strip() if name else None


class RemovePayee(AskingAction):
    """Remove a payee, after a yes.

    Reads, sets  payees_remove_id
    Says         utter_payees_which, utter_payees_confirm_remove, utter_payees_removed
    """

    action_name = "action_remove_payee"
    collected = ("payees_remove_id",)
    cancelled = "utter_payees_cancelled"

    def hear(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        intent = open_tasks.intent_of(tracker)
        chosen_id = slots.find_text(tracker, "payees_remove_id")
        is_open = open_tasks.is_open(tracker, self.action_name)
        if is_open and intent == "deny":
            return self.cancel(actor, tracker, say)
        if is_open and intent == "affirm" and chosen_id:
            payee = next((p for p in self.bank.payees.list(actor) if p.id == chosen_id), None)
            self.bank.payees.remove(actor, chosen_id)
            say.utter_message(response="utter_payees_removed", name=payee.name if payee else "")
            return self.finish(tracker)
        choice = choose_payee(self.bank, actor, tracker)
        if choice.payee is None:
            name = choice.unknown_name or _named(tracker)
            if name and choice.is_unknown and not is_open:
                say.utter_message(response="utter_payees_unknown", name=name)
                return self.finish(tracker)
            return None
        events = [SlotSet("payees_remove_id", choice.payee.id)]
        return [*events, *self.ask(actor, with_events(tracker, events), say)]

    def ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        own = self.bank.payees.list(actor)
        chosen_id = slots.find_text(tracker, "payees_remove_id")
        chosen = next((one for one in own if one.id == chosen_id), None)
        if chosen is not None:
            say.utter_message(
                response="utter_payees_confirm_remove", name=chosen.name, iban=chosen.iban_masked
            )
            return []
        buttons = [button(one.name, "inform", payee_id=one.id) for one in own[:LISTED_COUNT]]
        say.utter_message(response="utter_payees_which", buttons=buttons)
        return []


def _named(tracker: Tracker) -> str | None:
    """Return whom "remove … from my payees" names."""
    said = _REMOVED.search(str((tracker.latest_message or {}).get("text") or ""))
    return (said[1] or said[2]).strip() if said else None


ACTIONS = [ListPayees, AddPayee, RemovePayee]
