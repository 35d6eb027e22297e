"""Transfers in the dialogue: collect, propose, confirm, step up.

    payee? ─▶ amount? ─▶ proposed: "14.00 EUR to Ana Silva?" ─yes─▶ posted
                             ▲        │ "no, 40" · "to Ana" · "from savings"      │
                             └─amend──┘                    one-time code asked ◀──┘

`action_transfer_money` owns the question; slots may be filled by any message, in any order. A
refusal keeps the order and says what is possible; the bank decides everything else.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, slots
from actions.asking import AskingAction, button, with_events
from actions.base import EventType, say_refusal
from actions.transfer_orders import (
    COLLECTED,
    Heard,
    amount_from_details,
    currency_of,
    has_target,
    hear,
    order_events,
    told,
)
from actions.transfer_replies import say_confirm, say_done, say_only_now, say_paused, say_step_up
from bank.domain.actors import Actor
from bank.domain.errors import (
    BankError,
    Conflict,
    CurrencyMismatch,
    InvalidInput,
    NotAuthenticated,
    PaymentPaused,
    ProposalExpired,
    ProposalVoided,
    SameAccount,
    StepUpRequired,
    TransferRefused,
)

MONEY_ACTION = "action_transfer_money"
#: Payees offered as buttons; more would fill a phone's screen.
OFFERED_COUNT = 5


class TransferMoney(AskingAction):
    """Collect a transfer, propose it, amend it, confirm it.

    Reads, sets  transfer_*
    Says         the question that is open, or utter_<code> of a refusal and what is possible
    """

    action_name = MONEY_ACTION
    collected = COLLECTED
    cancelled = "utter_transfer_cancelled"

    def hear(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        proposal_id = slots.find_text(tracker, "transfer_proposal_id")
        is_yes = open_tasks.intent_of(tracker) in ("affirm", "new_code")
        if is_yes and open_tasks.is_open(tracker, self.action_name):
            return self._yes(actor, tracker, say, proposal_id)
        heard = hear(self.bank, actor, tracker)
        say_only_now(tracker, self.bank.clock().date(), say)
        if not heard.payee.is_empty and heard.payee.payee is None:
            return self._unclear_payee(heard, say)
        if heard.is_empty:
            return self._nothing_new(actor, tracker, say, proposal_id)
        if proposal_id:
            return self._amend(actor, tracker, say, proposal_id, heard)
        events = [*order_events(heard), *slots.clear("transfer_candidates", "transfer_suggested")]
        return [*events, *self._go_on(actor, with_events(tracker, events), say)]

    def ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        proposal_id = slots.find_text(tracker, "transfer_proposal_id")
        suggested = slots.find_dict(tracker, "transfer_suggested")
        candidates = slots.find_list(tracker, "transfer_candidates")
        if proposal_id:
            return self._ask_confirm(actor, tracker, say, proposal_id)
        if suggested:
            say.utter_message(response="utter_transfer_suggest", amount=told(suggested))
        elif candidates:
            offered = [one for one in self.bank.payees.list(actor) if one.id in candidates]
            say.utter_message(
                response="utter_transfer_which_payee",
                buttons=[button(one.name, "inform", payee_id=one.id) for one in offered],
            )
        elif not has_target(tracker):
            own = self.bank.payees.list(actor)[:OFFERED_COUNT]
            say.utter_message(
                response="utter_ask_transfer_payee",
                buttons=[button(one.name, "inform", payee_id=one.id) for one in own],
            )
        elif slots.find_dict(tracker, "transfer_amount") is None:
            say.utter_message(response="utter_ask_transfer_amount", to=self._target(actor, tracker))
        else:  # complete, but its proposal is gone: offer to prepare it again
            amount = slots.find_dict(tracker, "transfer_amount") or {}
            to = self._target(actor, tracker)
            say.utter_message(response="utter_transfer_prepare", amount=told(amount), to=to)
        return []

    def cancel(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        proposal_id = slots.find_text(tracker, "transfer_proposal_id")
        if proposal_id:
            self.bank.transfers.void(actor, proposal_id)
        return super().cancel(actor, tracker, say)

    def refused(
        self, error: BankError, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """A refusal that leaves nothing to go on with ends the order."""
        events = super().refused(error, tracker, say)
        return events if isinstance(error, NotAuthenticated) else [*events, *self.finish(tracker)]

    # --- what an answer leads to --------------------------------------------------------

    def _yes(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher, proposal_id: str | None
    ) -> list[EventType] | None:
        suggested = slots.find_dict(tracker, "transfer_suggested")
        if proposal_id:
            return self._confirm(actor, tracker, say, proposal_id)
        if suggested:
            events = [SlotSet("transfer_amount", suggested), SlotSet("transfer_suggested", None)]
            return [*events, *self._go_on(actor, with_events(tracker, events), say)]
        if has_target(tracker) and slots.find_dict(tracker, "transfer_amount"):
            return self._go_on(actor, tracker, say)
        return None

    def _nothing_new(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher, proposal_id: str | None
    ) -> list[EventType] | None:
        intent = open_tasks.intent_of(tracker)
        if not open_tasks.is_open(tracker, self.action_name):
            return None
        if intent == "deny" and slots.find_dict(tracker, "transfer_suggested"):
            events = slots.clear("transfer_suggested", "transfer_amount")
            return [*events, *self.ask(actor, with_events(tracker, events), say)]
        if proposal_id and intent in ("deny", "correct"):
            say.utter_message(response="utter_transfer_ask_change")
            return []
        if intent == "deny":
            return self.cancel(actor, tracker, say)
        if intent == self.action_name.removeprefix("action_"):
            return self.ask(actor, tracker, say)
        return None

    def _unclear_payee(self, heard: Heard, say: CollectingDispatcher) -> list[EventType]:
        """Several fit: ask which. Nobody fits: offer to add them. The rest is kept."""
        kept = [event for event in order_events(heard) if event["name"] != "transfer_to_account"]
        choice = heard.payee
        if choice.candidates:
            say.utter_message(
                response="utter_transfer_which_payee",
                buttons=[button(one.name, "inform", payee_id=one.id) for one in choice.candidates],
            )
            return [*kept, SlotSet("transfer_candidates", [one.id for one in choice.candidates])]
        say.utter_message(
            response="utter_transfer_unknown_payee",
            name=choice.unknown_name or choice.unknown_iban,
        )
        kept.append(SlotSet("payees_name", choice.unknown_name))
        return [*kept, SlotSet("payees_iban", choice.unknown_iban)]

    def _go_on(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        """Propose when nothing is missing; else ask for it."""
        amount = slots.find_dict(tracker, "transfer_amount")
        if amount is None or not has_target(tracker):
            return self.ask(actor, tracker, say)
        try:
            transfer = self.bank.transfers.propose(
                actor,
                amount=slots.money(amount, default_currency=currency_of(self.bank, actor, tracker)),
                payee_id=slots.find_text(tracker, "transfer_payee"),
                to_account_id=slots.find_text(tracker, "transfer_to_account"),
                from_account_id=slots.find_text(tracker, "transfer_from"),
                reference=slots.find_text(tracker, "transfer_reference") or "",
                idempotency_key=self.idempotency_key(tracker, "propose"),
            )
        except ValueError:
            say.utter_message(response="utter_invalid_amount")
            return [SlotSet("transfer_amount", None)]
        except (TransferRefused, InvalidInput) as refusal:
            return self._what_is_possible(actor, tracker, say, refusal)
        say_confirm(self.bank, actor, transfer, say)
        return [SlotSet("transfer_proposal_id", transfer.id)]

    def _amend(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher, proposal_id: str,
        heard: Heard,
    ) -> list[EventType]:  # fmt: skip
        if heard.to_account is not None:  # another kind of target: a new order
            self.bank.transfers.void(actor, proposal_id)
            events = [*order_events(heard), *slots.clear("transfer_proposal_id")]
            return [*events, *self._go_on(actor, with_events(tracker, events), say)]
        currency = currency_of(self.bank, actor, tracker)
        try:
            transfer = self.bank.transfers.amend(
                actor,
                proposal_id,
                amount=slots.money(heard.amount, default_currency=currency)
                if heard.amount else None,
                payee_id=heard.payee.payee.id if heard.payee.payee else None,
                from_account_id=heard.from_account.id if heard.from_account else None,
                reference=heard.reference,
                idempotency_key=self.idempotency_key(tracker, "amend"),
            )  # fmt: skip
        except ValueError:
            say.utter_message(response="utter_invalid_amount")
            return self._ask_confirm(actor, tracker, say, proposal_id)
        except (ProposalExpired, ProposalVoided):
            events = [*order_events(heard), *slots.clear("transfer_proposal_id")]
            return [*events, *self._go_on(actor, with_events(tracker, events), say)]
        except (TransferRefused, InvalidInput, Conflict) as refusal:
            say_refusal(refusal, say)  # a bill's amount and payee are the biller's
            return self._ask_confirm(actor, tracker, say, proposal_id)
        events = [
            *order_events(heard), SlotSet("transfer_proposal_id", transfer.id),
            SlotSet("transfer_challenge", None),
        ]  # fmt: skip
        say_confirm(self.bank, actor, transfer, say)
        return events

    def _confirm(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher, proposal_id: str
    ) -> list[EventType]:
        try:
            transfer = self.bank.transfers.confirm(actor, proposal_id)
        except StepUpRequired as needed:
            transfer = self.bank.transfers.get(actor, proposal_id)
            challenge = {**needed.details, "transfer_id": proposal_id}
            say_step_up(say, "utter_step_up_required", transfer, challenge)
            return [SlotSet("transfer_challenge", challenge)]
        except (ProposalExpired, ProposalVoided) as refusal:
            say_refusal(refusal, say)
            events = slots.clear("transfer_proposal_id", "transfer_challenge")
            return [*events, *self.ask(actor, with_events(tracker, events), say)]
        except PaymentPaused as refusal:
            say_paused(say, refusal.details)
            return self.finish(tracker)
        except TransferRefused as refusal:
            events = slots.clear("transfer_proposal_id", "transfer_challenge")
            return [
                *events, *self._what_is_possible(actor, with_events(tracker, events), say, refusal),
            ]  # fmt: skip
        say_done(self.bank, actor, transfer, say)
        return self.finish(tracker)

    def _what_is_possible(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher, refusal: BankError
    ) -> list[EventType]:
        """Say the refusal, and what the bank would take instead."""
        say_refusal(refusal, say)
        if isinstance(refusal, SameAccount):
            events = slots.clear("transfer_to_account", "transfer_from")
            return [*events, *self.ask(actor, with_events(tracker, events), say)]
        possible = (refusal.details.get(name) for name in ("available", "headroom", "limit"))
        suggested = amount_from_details(next(filter(None, possible), None))
        if isinstance(refusal, CurrencyMismatch):
            amount = slots.find_dict(tracker, "transfer_amount") or {}
            suggested = {**amount, "currency": currency_of(self.bank, actor, tracker)}
        events = [SlotSet("transfer_amount", None), SlotSet("transfer_suggested", suggested)]
        return [*events, *self.ask(actor, with_events(tracker, events), say)]

    # --- what is asked ------------------------------------------------------------------

    def _ask_confirm(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher, proposal_id: str
    ) -> list[EventType]:
        transfer = self.bank.transfers.get(actor, proposal_id)
        challenge = slots.find_dict(tracker, "transfer_challenge")
        if challenge:
            say_step_up(say, "utter_step_up_waiting", transfer, challenge)
        else:
            say_confirm(self.bank, actor, transfer, say)
        return []

    # --- facts of the order -------------------------------------------------------------

    def _target(self, actor: Actor, tracker: Tracker) -> str:
        """Return the name of whom or what the money goes to."""
        payee_id = slots.find_text(tracker, "transfer_payee")
        if payee_id:
            return next((p.name for p in self.bank.payees.list(actor) if p.id == payee_id), "")
        return self.bank.accounts.get(actor, slots.text(tracker, "transfer_to_account")).name


ACTIONS = [TransferMoney]
