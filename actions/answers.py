"""Answers: what the library says, with where it stands; or that it does not know, and what then.

    ask_library · out_of_scope · change_account ─▶ the library ─┬─ its words and their source
                                                                └─ kept for staff, and said so

A wish for a colleague ("close my account") and what is no bank's business have their own answer
where the library has none. What else is answered from it: actions/answers_first.py.
"""

from __future__ import annotations

import structlog
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, open_tasks, readings
from actions.answers_first import asks, may_ask, tell, text_of
from actions.base import BankAction, EventType
from bank.domain.actors import Actor
from bank.domain.errors import BankError

log = structlog.get_logger(__name__)

#: What is said where the library does not know; any other intent gets the honest no.
OWN_ANSWERS = {
    "out_of_scope": "utter_out_of_scope",
    "change_account": "utter_handoff_colleague_does_it",
}


class AnswerQuestion(BankAction):
    """Answer from the library, or say that it does not know.

    Sets  library_topic
    Says  utter_answers_found, utter_answers_unknown, utter_answers_ask, utter_out_of_scope,
          utter_handoff_colleague_does_it
    """

    action_name = "action_answer_question"

    def perform(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        intent = open_tasks.intent_of(tracker)
        is_typed = readings.is_typed(tracker.latest_message or {})
        own = OWN_ANSWERS.get(intent)
        if not is_typed:  # a button says no question
            say.utter_message(response=own or "utter_answers_ask")
            return []
        if own is None or may_ask(text_of(tracker)):
            told = tell(self.bank, actor, tracker, say)
            if told is not None:
                return told
        if intent != "out_of_scope" and (own is None or asks(text_of(tracker))):
            self._keep(actor, tracker)
        say.utter_message(response=own or "utter_answers_unknown")
        return []

    def _keep(self, actor: Actor, tracker: Tracker) -> None:
        """Keep the question for staff; what cannot be kept is left out."""
        try:
            self.bank.articles.unanswered(actor, text_of(tracker), language=languages.current())
        except BankError as refusal:
            log.info("question_not_kept", code=refusal.code)


ACTIONS = [AnswerQuestion]
