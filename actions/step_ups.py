"""After a code, a passkey or a face: what was done, or why not.

web checks the proof and performs the act; it then sends EXTERNAL_step_up_done or _failed, with
what the challenge was bound to. Here the customer only hears of it.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, slots
from actions.base import BankAction, EventType
from actions.facts import in_words
from actions.transfer_orders import COLLECTED
from actions.transfer_replies import say_done, say_paused
from actions.transfers import MONEY_ACTION
from bank.domain.actors import Actor
from bank.domain.errors import (
    CodeExpired,
    FaceNotAccepted,
    PaymentPaused,
    ProposalExpired,
    TooManyTries,
    WrongCode,
)
from bank.domain.transfers import TransferStatus

#: After these the same challenge may be tried again.
_TRY_AGAIN = frozenset({WrongCode.code, FaceNotAccepted.code})
#: After these the act is confirmed once more, with another code.
_NEW_CODE = frozenset({CodeExpired.code, TooManyTries.code})


class TellStepUpDone(BankAction):
    """Say what the proof has set free.

    Reads  entities purpose, transfer_id (from web)
    Says   utter_transfer_posted or utter_transfer_processing, or utter_step_up_done_<purpose>
    """

    action_name = "action_tell_step_up_done"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        transfer_id = slots.entity(tracker, "transfer_id")
        if not transfer_id:
            facts = _facts(tracker)
            say.utter_message(response=f"utter_step_up_done_{facts.pop('purpose', 'act')}", **facts)
            return []
        transfer = self.bank.transfers.get(actor, str(transfer_id))
        if transfer.status not in (TransferStatus.POSTED, TransferStatus.HELD):
            say.utter_message(response="utter_conflict")
            return []
        say_done(self.bank, actor, transfer, say)
        return [*slots.clear(*COLLECTED), open_tasks.closed(tracker, MONEY_ACTION)]


class TellStepUpFailed(BankAction):
    """Say why the proof did not count; the open question is asked again by its own action.

    Reads  entities code, tries_left, transfer_id (from web)
    Says   utter_<code>
    """

    action_name = "action_tell_step_up_failed"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        facts = _facts(tracker)
        code = facts.pop("code", "conflict")
        if code in _TRY_AGAIN and facts.get("tries_left") == "0":
            code = TooManyTries.code  # the last try was used up
        if code == PaymentPaused.code:
            say_paused(say, _told(tracker))
            return [*slots.clear(*COLLECTED), open_tasks.closed(tracker, MONEY_ACTION)]
        say.utter_message(response=f"utter_{code}", **facts)
        if code in _TRY_AGAIN or not facts.get("transfer_id"):
            return []
        if code in _NEW_CODE:
            return slots.clear("transfer_challenge")
        gone = slots.clear("transfer_challenge", "transfer_proposal_id")
        return gone if code == ProposalExpired.code else [*gone, *slots.clear("transfer_amount")]


def _facts(tracker: Tracker) -> dict[str, str]:
    return in_words(_told(tracker))


def _told(tracker: Tracker) -> dict[str, str]:
    found = (tracker.latest_message or {}).get("entities") or []
    return {one["entity"]: str(one["value"]) for one in found}


ACTIONS = [TellStepUpDone, TellStepUpFailed]
