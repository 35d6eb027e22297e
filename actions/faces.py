"""A face as one more way to confirm payments: consent in the chat, a code, a recording, an end.

    add_face ─▶ may they? ─▶ consent ─yes─▶ a code (web) ─▶ the card with the camera
                                                             └▶ EXTERNAL_face_judged ─▶ kept | again
    forget_face ─▶ gone at once: nothing is asked, it only protects

The bank decides who may and keeps everything; here it is only asked and explained. Why a
recording did not count is said in words that can be acted on, never as a score.
"""

from __future__ import annotations

from typing import NoReturn

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks
from actions.asking import AskingAction
from actions.base import BankAction, EventType
from actions.onboarding_told import facts_of, say_retries
from bank.domain.actors import Actor
from bank.domain.errors import BankError, StepUpRequired
from bank.domain.face_keys import FaceStanding


class AddFace(AskingAction):
    """Ask for consent to keep a face key; with it, for a code.

    Says   utter_faces_consent, utter_faces_<standing>, utter_faces_page, utter_faces_step_up
    """

    action_name = "action_add_face"
    cancelled = "utter_faces_no_consent"

    def hear(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        intent = open_tasks.intent_of(tracker)
        if not open_tasks.is_open(tracker, self.action_name) or intent == "add_face":
            return self.ask(actor, tracker, say)
        if intent == "affirm":
            self.consent(actor)
        return self.cancel(actor, tracker, say) if intent == "deny" else None

    def ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        standing = self.bank.face_keys.standing(actor)
        if standing is not FaceStanding.MAY_ADD:
            say.utter_message(response=f"utter_faces_{standing.value}")
            return self.finish(tracker)
        if self.turns.turn_of(tracker).channel != "web":
            say.utter_message(response="utter_faces_page")
            return self.finish(tracker)
        say.utter_message(response="utter_faces_consent")
        return []

    def consent(self, actor: Actor) -> NoReturn:
        """Have the code sent, which the bank tells by refusing until it comes."""
        self.bank.face_keys.ask(actor)

    def refused(
        self, error: BankError, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say where the code went, as kind "step_up"; any other refusal ends the task as well."""
        if not isinstance(error, StepUpRequired):
            return [*super().refused(error, tracker, say), *self.finish(tracker)]
        say.utter_message(
            response="utter_faces_step_up",
            json_message={"kind": "step_up", "data": dict(error.details)},
            **error.details,
        )
        return self.finish(tracker)


class TellFace(BankAction):
    """Say what came of the recording for a face key, as web tells it.

    Reads  entities outcome, codes
    Says   utter_faces_added, utter_onboarding_retry_<code> with utter_faces_again,
           utter_faces_failed
    """

    action_name = "action_tell_face"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor
        facts = facts_of(tracker)
        outcome = facts.get("outcome", "")
        if outcome == "passed":
            say.utter_message(response="utter_faces_added")
        elif outcome == "refused":
            say_retries(facts.get("codes", "").split(","), say)
            say.utter_message(response="utter_faces_again")
        elif outcome == "failed":
            say.utter_message(response="utter_faces_failed")
        return []


class ForgetFace(BankAction):
    """Remove the face key at once.

    Says   utter_faces_forgotten, utter_faces_nothing_kept
    """

    action_name = "action_forget_face"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        was_kept = self.bank.face_keys.forget(actor)
        name = "forgotten" if was_kept else "nothing_kept"
        say.utter_message(response=f"utter_faces_{name}")
        return []


ACTIONS = [AddFace, TellFace, ForgetFace]
