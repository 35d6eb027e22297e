"""Transfers that were made: the latest ones, and one that should not have been."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, open_tasks, slots
from actions.base import BankAction, EventType
from actions.facts import day
from actions.transfer_orders import COLLECTED
from actions.transfers import MONEY_ACTION
from bank.domain.actors import Actor
from bank.domain.transfers import TransferStatus

LISTED_COUNT = 5


class ListTransfers(BankAction):
    """Say what was sent lately.

    Says  utter_transfers_list, or utter_transfers_none
    """

    action_name = "action_list_transfers"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        posted = [
            one
            for one in self.bank.transfers.list(actor, limit=LISTED_COUNT * 4)
            if one.status is TransferStatus.POSTED
        ][:LISTED_COUNT]
        if not posted:
            say.utter_message(response="utter_transfers_none")
            return []
        lines = "\n".join(
            f"• {day(one.posted_at_utc or one.proposed_at_utc)}: "
            f"{languages.money(one.amount)}, {one.payee_name}"
            for one in posted
        )
        say.utter_message(response="utter_transfers_list", transfers=lines)
        return []


class RecallTransfer(BankAction):
    """Void what is not sent yet; what is sent, a person may ask back.

    Says  utter_transfers_recall_open, or utter_transfers_recall
    """

    action_name = "action_recall_transfer"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        actor.require_customer()
        proposal_id = slots.find_text(tracker, "transfer_proposal_id")
        if proposal_id:
            self.bank.transfers.void(actor, proposal_id)
            say.utter_message(response="utter_transfers_recall_open")
            return [*slots.clear(*COLLECTED), open_tasks.closed(tracker, MONEY_ACTION)]
        say.utter_message(response="utter_transfers_recall")
        return []


ACTIONS = [ListTransfers, RecallTransfer]
