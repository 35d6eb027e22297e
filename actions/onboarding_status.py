"""Beside the questions: how an application stands, and keeping it for later."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, slots
from actions.base import BankAction, EventType
from actions.onboarding_asking import FIXING, STEP, ApplicationAction
from bank.domain.actors import Actor, ActorKind
from bank.domain.errors import ApplicationIncomplete


class CheckApplication(BankAction):
    """Say how the application stands, in the words of the closed set.

    Says   utter_onboarding_status_<status>, utter_onboarding_already_customer
    """

    action_name = "action_check_application"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        status = str(self.bank.onboarding.status(actor).value)
        if actor.kind is ActorKind.CUSTOMER and status in ("none", "approved"):
            say.utter_message(response="utter_onboarding_already_customer")
            return []
        say.utter_message(response=f"utter_onboarding_status_{status}")
        if status != "approved":
            return []
        return [open_tasks.opened(tracker, ApplicationAction.action_name)]


class PauseApplication(BankAction):
    """Keep the application for later, with a link by mail where the address is confirmed.

    Says   utter_onboarding_paused, _paused_here, _nothing_to_pause
    """

    action_name = "action_pause_application"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        if self.bank.onboarding.current(actor) is None:
            say.utter_message(response="utter_onboarding_nothing_to_pause")
            return []
        try:
            sent_to = self.bank.onboarding.resume_link(actor)
        except ApplicationIncomplete:
            say.utter_message(response="utter_onboarding_paused_here")
        else:
            say.utter_message(response="utter_onboarding_paused", sent_to=sent_to)
        # The answers are with the bank; what goes on later is found there, not in slots.
        forgotten = slots.clear(STEP, FIXING, open_tasks.WORDS_SLOT)
        return [*forgotten, open_tasks.closed(tracker, ApplicationAction.action_name)]


ACTIONS = [CheckApplication, PauseApplication]
