"""Beside the questions: how an application stands, keeping it, and the way without biometrics."""

from __future__ import annotations

import re

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, slots
from actions.base import BankAction, EventType
from actions.onboarding_answers import text_of
from actions.onboarding_asking import FIXING, STEP, ApplicationAction
from bank.domain.actors import Actor, ActorKind
from bank.domain.applications import ApplicationState
from bank.domain.errors import ApplicationIncomplete

#: Somebody does not ask about the other way but takes it.
_WANTS = re.compile(
    r"\b(?:i would rather|i['’]?d rather|i prefer|i don['’]?t want|i do not want|i refuse|"
    r"no biometrics|instead please|please instead|i can['’]?t|i cannot)\b(?!.*\?)",
    re.IGNORECASE,
)


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


class AskWithoutBiometrics(BankAction):
    """Explain the way with a person; whoever says that they want it, has it.

    Says   utter_onboarding_without_biometrics, or utter_onboarding_path_person
    """

    action_name = "action_ask_without_biometrics"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        application = self.bank.onboarding.current(actor)
        is_open = (
            application is not None
            and application.terms_at_utc is not None
            and application.state is ApplicationState.COLLECTING
        )
        if not is_open or not _WANTS.search(text_of(tracker)):
            say.utter_message(response="utter_onboarding_without_biometrics")
            return []
        self.bank.onboarding.choose_path(actor, biometrics=False)
        say.utter_message(response="utter_onboarding_path_person")
        return [FollowupAction(ApplicationAction.action_name)]


ACTIONS = [CheckApplication, PauseApplication, AskWithoutBiometrics]
