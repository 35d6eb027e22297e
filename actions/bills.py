"""Bills in the dialogue: what is open, and paying one by the same confirmation as a transfer."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, open_tasks, slots
from actions.asking import AskingAction, button
from actions.base import BankAction, EventType
from actions.facts import day
from actions.transfers import MONEY_ACTION
from bank.domain.actors import Actor
from bank.domain.bills import Bill
from bank.domain.payees import fold

LISTED_COUNT = 6
#: What customers call the bills of a category.
_EVERYDAY = {
    "utilities": "electricity power gas water heating energy electric utility utilities "
    "luz electricidad agua calefaccion energia suministros",
    "subscriptions": "phone internet broadband mobile telephone tv telefono movil fibra tele",
    "insurance": "insurance seguro seguros",
    "rent": "rent alquiler",
}


class ListBills(BankAction):
    """Say which bills are open.

    Says  utter_bills_list, or utter_bills_none
    """

    action_name = "action_list_bills"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        bills = self.bank.bills.list(actor)
        if not bills:
            say.utter_message(response="utter_bills_none")
            return []
        lines = "\n".join(
            f"• {one.biller}: {languages.money(one.amount)}, {day(one.due_date)}"
            for one in bills[:LISTED_COUNT]
        )
        say.utter_message(response="utter_bills_list", count=str(len(bills)), bills=lines)
        return []


class PayBill(AskingAction):
    """Choose an open bill and propose its payment; the transfer's question goes on from there.

    Sets  transfer_proposal_id
    Says  utter_bills_which, then what action_transfer_money says
    """

    action_name = "action_pay_bill"
    cancelled = "utter_transfer_cancelled"

    def hear(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        is_open = open_tasks.is_open(tracker, self.action_name)
        if is_open and open_tasks.intent_of(tracker) == "deny":
            return self.cancel(actor, tracker, say)
        bills = self.bank.bills.list(actor)
        if not bills:
            say.utter_message(response="utter_bills_none")
            return self.finish(tracker)
        bill = _meant(bills, tracker)
        if bill is None and len(bills) == 1 and not is_open and not _names_a_kind(tracker):
            bill = bills[0]
        if bill is None:
            return None
        transfer = self.bank.bills.pay(
            actor, bill.id, idempotency_key=self.idempotency_key(tracker, "pay_bill")
        )
        # Nothing is said here: the asking action below asks for the yes.
        below = [n for n in slots.find_list(tracker, open_tasks.SLOT) if n != self.action_name]
        return [
            SlotSet("transfer_proposal_id", transfer.id),
            SlotSet(open_tasks.SLOT, [*[n for n in below if n != MONEY_ACTION], MONEY_ACTION]),
        ]

    def ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        del tracker
        bills = self.bank.bills.list(actor)[:LISTED_COUNT]
        buttons = [
            button(f"{one.biller}, {languages.money(one.amount)}", "inform", bill_id=one.id)
            for one in bills
        ]
        say.utter_message(response="utter_bills_which", buttons=buttons)
        return []


def _meant(bills: Sequence[Bill], tracker: Tracker) -> Bill | None:
    """Return the one bill the message names: by button, place in the list, biller or kind."""
    picked_id = slots.entity(tracker, "bill_id")
    if picked_id is not None:
        return next((one for one in bills if one.id == picked_id), None)
    number = slots.entity(tracker, "number")
    if isinstance(number, int) and 1 <= number <= len(bills):
        return bills[number - 1]
    said = set(fold(str((tracker.latest_message or {}).get("text") or "")).split())
    by_name = [one for one in bills if said & set(fold(one.biller).split())]
    by_kind = [one for one in bills if said & set(_EVERYDAY.get(one.category.value, "").split())]
    for found in (by_name, by_kind):
        if len(found) == 1:
            return found[0]
    return None


def _names_a_kind(tracker: Tracker) -> bool:
    """Whether the words ask for a kind of bill ("electricity"): the only one may be another."""
    said = set(fold(str((tracker.latest_message or {}).get("text") or "")).split())
    return any(said & set(words.split()) for words in _EVERYDAY.values())


ACTIONS = [ListBills, PayBill]
