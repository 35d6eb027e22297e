"""Was this you? The customer answers about a login or a card payment in their name.

asked, nothing else open ─▶ "yes", "no" are the answer
asked in the middle of something ─▶ the buttons, or words: "that was me", "no, that wasn't me"
nothing asked, "that wasn't me"  ─▶ a payment the customer does not accept (disputes.py)
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import event_replies, open_tasks, slots
from actions.base import BankAction, EventType, is_login
from actions.disputes import DisputeTransaction
from actions.facts import in_words
from bank.domain.actors import Actor
from bank.domain.errors import BankError, StepUpRequired

_YES, _NO = "confirm_event", "deny_event"
#: Bare answers, where this question is the open one.
_BARE = {"affirm": _YES, "deny": _NO}


class AnswerEvent(BankAction):
    """Ask about an event, and take the answer.

    Reads  entity event_id (from web or a button), slots events_event_id, events_missed
    Sets   the same slots
    Says   utter_notice_<kind>, utter_events_accepted_<kind>, utter_events_denied_<kind>,
           utter_events_denied_before, utter_events_step_up, utter_events_later, utter_events_none
    """

    action_name = event_replies.ACTION

    def perform(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        actor.require_customer()
        is_asking = open_tasks.is_open(tracker, self.action_name)
        said = None if open_tasks.is_return(tracker) else open_tasks.intent_of(tracker)
        if is_asking and said == "cancel":
            say.utter_message(response="utter_events_later")
            return event_replies.ended(tracker)
        answer = _BARE.get(said or "", said) if is_asking else said
        if answer not in (_YES, _NO):
            return self._ask(actor, tracker, say, is_missed=bool(said))
        event_id = self._meant(actor, tracker)
        if event_id is None:
            return self._unasked(actor, answer, tracker, say)
        take = event_replies.accept if answer == _YES else event_replies.deny
        return take(self.bank, actor, event_id, tracker, say)

    def refused(
        self, error: BankError, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """A yes that needs a code ends the question here: web performs it with the code."""
        if isinstance(error, StepUpRequired):
            facts = in_words(error.details)
            say.utter_message(
                response="utter_events_step_up",
                json_message={"kind": "step_up", "data": facts}, **facts,
            )  # fmt: skip
            return event_replies.ended(tracker)
        events = super().refused(error, tracker, say)
        return events if is_login(error) else [*events, *event_replies.ended(tracker)]

    def _ask(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher, *, is_missed: bool
    ) -> list[EventType]:
        """Ask, or once more; what is no answer twice is something else."""
        event_id = self._meant(actor, tracker)
        event = event_replies.find_event(self.bank, actor, event_id) if event_id else None
        if event is None:
            return event_replies.ended(tracker)
        if is_missed and slots.flag(tracker, event_replies.MISSED_SLOT):
            return [*event_replies.ended(tracker), FollowupAction("action_default_fallback")]
        asked = event_replies.ask(event, tracker, say)
        return [SlotSet(event_replies.MISSED_SLOT, is_missed), *asked]

    def _unasked(
        self, actor: Actor, answer: str, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Answer an answer to no question of ours, or to one of several."""
        several = self.bank.event_questions.open(actor)
        if several:
            return event_replies.ask(several[0], tracker, say)
        if answer == _NO:
            return [
                SlotSet("disputes_reason", "unrecognised"),
                open_tasks.opened(tracker, DisputeTransaction.action_name),
                FollowupAction(DisputeTransaction.action_name),
            ]
        say.utter_message(response="utter_events_none")
        return event_replies.ended(tracker)

    def _meant(self, actor: Actor, tracker: Tracker) -> str | None:
        """Return the event of the button, the one asked about last, or the only one there is."""
        named = slots.entity(tracker, "event_id") or slots.find_text(tracker, event_replies.SLOT)
        if named:
            return str(named)
        waiting = self.bank.event_questions.open(actor)
        return waiting[0].id if len(waiting) == 1 else None


ACTIONS = [AnswerEvent]
