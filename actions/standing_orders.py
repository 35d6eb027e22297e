"""Standing orders in the dialogue: the list, setting one up after a yes, ending one after a yes."""

from __future__ import annotations

import re
from datetime import date, timedelta

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, open_tasks, slots
from actions.asking import AskingAction, button, with_events
from actions.base import BankAction, EventType, say_refusal
from actions.facts import day
from actions.labels import label
from actions.payee_choice import choose_payee
from actions.transfer_orders import told
from actions.transfer_replies import say_paused
from bank.domain.actors import Actor
from bank.domain.errors import InvalidInput, PaymentPaused, StepUpRequired, TransferRefused
from bank.domain.payees import fold
from bank.domain.periods import Cadence, add_months
from bank.domain.standing_orders import StandingOrder

_WEEKLY = re.compile(
    r"\b(weekly|(?:every|each|a|per|once a) week"
    r"|every (?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|semanal(?:mente)?|(?:cada|a la|por) semana|todas las semanas"
    r"|(?:cada|todos los) (?:lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bados?|domingos?))\b",
    re.IGNORECASE,
)
_MONTHLY = re.compile(
    r"\b(monthly|(?:every|each|a|per|once a) month"
    r"|mensual(?:mente)?|(?:cada|al|por) mes|todos los meses)\b",
    re.IGNORECASE,
)
LISTED_COUNT = 8


class ListStandingOrders(BankAction):
    """Say which standing orders run.

    Says  utter_standing_orders_list, or utter_standing_orders_none
    """

    action_name = "action_list_standing_orders"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        orders = self.bank.standing_orders.list(actor)
        if not orders:
            say.utter_message(response="utter_standing_orders_none")
            return []
        lines = "\n".join(
            f"• {one.payee_name}: {languages.money(one.amount)}, "
            f"{label('cadence', one.cadence.value)}, {day(one.next_date)}"
            for one in orders[:LISTED_COUNT]
        )
        say.utter_message(
            response="utter_standing_orders_list", count=str(len(orders)), orders=lines
        )
        return []


class CreateStandingOrder(AskingAction):
    """Collect payee, amount and cadence; create after a yes.

    Reads, sets  standing_orders_*
    Says         utter_ask_standing_orders_*, utter_standing_orders_confirm, …_created
    """

    action_name = "action_create_standing_order"
    collected = (
        "standing_orders_payee", "standing_orders_amount", "standing_orders_cadence",
        "standing_orders_first_date",
    )  # fmt: skip
    cancelled = "utter_standing_orders_cancelled"

    def hear(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        intent = open_tasks.intent_of(tracker)
        is_open = open_tasks.is_open(tracker, self.action_name)
        if is_open and intent == "affirm" and self._is_complete(tracker):
            return self._create(actor, tracker, say)
        choice = choose_payee(self.bank, actor, tracker)
        events = self._heard(tracker)
        if choice.payee is not None:
            events.append(SlotSet("standing_orders_payee", choice.payee.id))
        elif choice.candidates:
            buttons = [button(one.name, "inform", payee_id=one.id) for one in choice.candidates]
            say.utter_message(response="utter_transfer_which_payee", buttons=buttons)
            return events
        elif choice.unknown_name:
            say.utter_message(response="utter_payees_unknown", name=choice.unknown_name)
            return [*events, *slots.clear("standing_orders_payee")]
        if not events and is_open:
            return self.cancel(actor, tracker, say) if intent == "deny" else None
        return [*events, *self.ask(actor, with_events(tracker, events), say)]

    def ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        own = self.bank.payees.list(actor)
        payee_id = slots.find_text(tracker, "standing_orders_payee")
        payee = next((one for one in own if one.id == payee_id), None)
        amount = slots.find_dict(tracker, "standing_orders_amount")
        cadence = slots.find_text(tracker, "standing_orders_cadence")
        if payee is None:
            buttons = [button(one.name, "inform", payee_id=one.id) for one in own[:LISTED_COUNT]]
            say.utter_message(response="utter_ask_standing_orders_payee", buttons=buttons)
        elif amount is None:
            say.utter_message(response="utter_ask_standing_orders_amount", payee=payee.name)
        elif cadence is None:
            say.utter_message(response="utter_ask_standing_orders_cadence", payee=payee.name)
        else:
            say.utter_message(
                response=f"utter_standing_orders_confirm_{cadence}",
                amount=told(amount),
                payee=payee.name,
                iban=payee.iban_masked,
                first_date=day(self._first_date(tracker)),
            )
        return []

    def _create(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        amount = slots.find_dict(tracker, "standing_orders_amount") or {}
        try:
            order = self.bank.standing_orders.create(
                actor,
                payee_id=slots.text(tracker, "standing_orders_payee"),
                amount=slots.money(amount, default_currency="EUR"),
                cadence=Cadence(slots.text(tracker, "standing_orders_cadence")),
                first_date=self._first_date(tracker),
                reference="",
                idempotency_key=self.idempotency_key(tracker, "standing_order"),
            )
        except StepUpRequired as needed:
            say.utter_message(
                response="utter_standing_orders_step_up",
                sent_to=needed.details.get("sent_to", ""),
                json_message={"kind": "step_up", "data": dict(needed.details)},
            )
            return self.finish(tracker)
        except PaymentPaused as refusal:
            say_paused(say, refusal.details)
            return self.finish(tracker)
        except (TransferRefused, InvalidInput) as refusal:
            say_refusal(refusal, say)
            events = slots.clear("standing_orders_amount")
            return [*events, *self.ask(actor, with_events(tracker, events), say)]
        say.utter_message(
            response="utter_standing_orders_created",
            amount=languages.money(order.amount),
            payee=order.payee_name,
            next_date=day(order.next_date),
        )
        return self.finish(tracker)

    def _heard(self, tracker: Tracker) -> list[EventType]:
        text = str((tracker.latest_message or {}).get("text") or "")
        cadence = slots.entity(tracker, "cadence")
        if _WEEKLY.search(text):
            cadence = Cadence.WEEKLY.value
        elif _MONTHLY.search(text):
            cadence = Cadence.MONTHLY.value
        values = {
            "standing_orders_amount": slots.entity(tracker, "amount"),
            "standing_orders_cadence": cadence,
            "standing_orders_first_date": slots.entity(tracker, "date"),
        }
        return [SlotSet(name, value) for name, value in values.items() if value]

    def _first_date(self, tracker: Tracker) -> date:
        """Return the day that was named; else a week from now, or the first of next month."""
        today = self.bank.clock().date()
        named = slots.find_text(tracker, "standing_orders_first_date")
        if named and date.fromisoformat(named) > today:
            return date.fromisoformat(named)
        if slots.find_text(tracker, "standing_orders_cadence") == Cadence.WEEKLY.value:
            return today + timedelta(days=7)
        return add_months(today.replace(day=1), 1)

    @staticmethod
    def _is_complete(tracker: Tracker) -> bool:
        needed = CreateStandingOrder.collected[:3]
        return all(tracker.get_slot(name) for name in needed)


class CancelStandingOrder(AskingAction):
    """End a standing order, after a yes.

    Reads, sets  standing_orders_cancel_id
    Says         utter_standing_orders_which, …_confirm_cancel, …_ended
    """

    action_name = "action_cancel_standing_order"
    collected = ("standing_orders_cancel_id",)
    cancelled = "utter_standing_orders_kept"

    def hear(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        intent = open_tasks.intent_of(tracker)
        is_open = open_tasks.is_open(tracker, self.action_name)
        chosen_id = slots.find_text(tracker, "standing_orders_cancel_id")
        if is_open and intent == "deny":
            return self.cancel(actor, tracker, say)
        if is_open and intent == "affirm" and chosen_id:
            ended = self.bank.standing_orders.cancel(actor, chosen_id)
            say.utter_message(response="utter_standing_orders_ended", payee=ended.payee_name)
            return self.finish(tracker)
        orders = self.bank.standing_orders.list(actor)
        if not orders:
            say.utter_message(response="utter_standing_orders_none")
            return self.finish(tracker)
        order = _meant(orders, tracker)
        if order is None and len(orders) == 1 and not is_open:
            order = orders[0]
        if order is None:
            return None
        events = [SlotSet("standing_orders_cancel_id", order.id)]
        return [*events, *self.ask(actor, with_events(tracker, events), say)]

    def ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        orders = self.bank.standing_orders.list(actor)
        chosen_id = slots.find_text(tracker, "standing_orders_cancel_id")
        chosen = next((one for one in orders if one.id == chosen_id), None)
        if chosen is None:
            buttons = [
                button(
                    f"{one.payee_name}, {languages.money(one.amount)}", "inform",
                    standing_order_id=one.id,
                )
                for one in orders[:LISTED_COUNT]
            ]
            say.utter_message(response="utter_standing_orders_which", buttons=buttons)
        else:
            say.utter_message(
                response="utter_standing_orders_confirm_cancel",
                payee=chosen.payee_name, amount=languages.money(chosen.amount),
            )  # fmt: skip
        return []


def _meant(orders: list[StandingOrder], tracker: Tracker) -> StandingOrder | None:
    """Return the one order the message names: by button, place in the list, or payee."""
    picked_id = slots.entity(tracker, "standing_order_id")
    if picked_id is not None:
        return next((one for one in orders if one.id == picked_id), None)
    number = slots.entity(tracker, "number")
    if isinstance(number, int) and 1 <= number <= len(orders):
        return orders[number - 1]
    said = set(fold(str((tracker.latest_message or {}).get("text") or "")).split())
    found = [one for one in orders if said & set(fold(one.payee_name).split())]
    return found[0] if len(found) == 1 else None


ACTIONS = [ListStandingOrders, CreateStandingOrder, CancelStandingOrder]
