"""Ready answers: questions that always have the same answer, in the bank's own words.

They go through an action, not straight to their words, so that the library may answer first
(actions/answers_first.py) what only looks like one of them.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks
from actions.answers_first import READY_ANSWER
from actions.base import BankAction, EventType
from bank.domain.actors import Actor

#: What is said, by what was asked; a rule in nlu_data leads from each to the action.
READY = {
    "ask_pin": "utter_cards_pin",
    "ask_card_number": "utter_cards_number",
    "ask_selfie_reason": "utter_onboarding_why",
    "ask_picture_use": "utter_onboarding_picture_use",
    "ask_documents": "utter_onboarding_documents",
    "ask_application_time": "utter_onboarding_time",
    "forgot_password": "utter_login_forgot_password",
    "new_code": "utter_login_no_code",
}


class GiveReadyAnswer(BankAction):
    """Say what is always said to this question.

    Says  utter_cards_pin, utter_cards_number, utter_onboarding_why, utter_onboarding_picture_use,
          utter_onboarding_documents, utter_onboarding_time, utter_login_forgot_password,
          utter_login_no_code
    """

    action_name = READY_ANSWER

    def perform(
        self, _actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        say.utter_message(response=READY[open_tasks.intent_of(tracker)])
        return []


ACTIONS = [GiveReadyAnswer]
