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
from actions.answers_first import OWN_ANSWERS, sure_least_asked, tell, text_of
from actions.asking import button
from actions.base import BankAction, EventType
from actions.wishes import find_title, likely_wishes
from bank.domain.actors import Actor
from bank.domain.errors import BankError
from bank.policies.questions import asks

log = structlog.get_logger(__name__)

#: Readings that are no wish to be offered instead: questions, and who answers them.
_NO_WISHES = frozenset({"ask_library", "ask_human", *OWN_ANSWERS})


class AnswerQuestion(BankAction):
    """Answer from the library, or say that it does not know.

    Sets  library_topic
    Says  utter_answers_found, utter_answers_unknown, utter_answers_unknown_or_wish,
          utter_answers_ask, utter_out_of_scope, utter_handoff_colleague_does_it
    """

    action_name = "action_answer_question"

    def perform(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        intent = open_tasks.intent_of(tracker)
        is_typed = readings.is_typed(tracker.latest_message or {})
        own = OWN_ANSWERS.get(intent)
        if not is_typed:  # a button says no question
            say.utter_message(response=own or "utter_answers_ask")
            return []
        sure_least = sure_least_asked(tracker)
        if sure_least is not None:
            told = tell(self.bank, actor, tracker, say, sure_least=sure_least)
            if told is not None:
                return told
        if intent != "out_of_scope" and (own is None or asks(text_of(tracker))):
            self._keep(actor, tracker)
        wishes = [] if own else _wishes_of(tracker)
        if wishes:
            say.utter_message(response="utter_answers_unknown_or_wish", buttons=wishes)
        else:
            say.utter_message(response=own or "utter_answers_unknown")
        return []

    def _keep(self, actor: Actor, tracker: Tracker) -> None:
        """Keep the question for staff; what cannot be kept is left out."""
        try:
            self.bank.articles.unanswered(actor, text_of(tracker), language=languages.current())
        except BankError as refusal:
            log.info("question_not_kept", code=refusal.code)


def _wishes_of(tracker: Tracker) -> list[dict[str, str]]:
    """Return buttons of what else a message may have meant, and a person's; none: nothing else."""
    likely = likely_wishes(tracker.latest_message or {}, without=_NO_WISHES)
    chosen = [button(find_title(intent) or "", intent) for intent in likely]
    return [*chosen, button(find_title("ask_human") or "", "ask_human")] if chosen else []



ACTIONS = [AnswerQuestion]
