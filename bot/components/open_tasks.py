"""OpenTaskPolicy: RulePolicy that never loses, and never repeats, the open question.

    slot open_tasks = [action_transfer_money, action_replace_card]      the last one is asking
                           │
    message ─┬─ an answer (yes, no, "to Ana", "no, 40 not 14", a fragment) ─▶ the asking action
             └─ anything else ─▶ its own rule ─▶ … ─▶ the asking action once more ─▶ listen

A digression is answered by its own rule, and then the open question is asked again, exactly once:
when the rules would listen, and the asking action was not the last one to speak. Stock
forms need a rule for every pair of form and digression, ask twice, or take small talk for a value.

Which question is open, the actions say (actions/open_tasks.py). While a stock form is active,
this policy leaves everything to RulePolicy.
"""

from __future__ import annotations

from typing import Any, Optional

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

SLOT = "open_tasks"
#: Intents that mean something only as an answer.
ANSWERS = frozenset(
    {"affirm", "deny", "cancel", "inform", "correct", "repeat", "new_code", "gibberish",
     "nlu_fallback"}
)  # fmt: skip
#: A message this short, and not surely something else, is a fragment: "Carla Mendes".
FRAGMENT_WORDS = 3
SURE_CONFIDENCE = 0.75


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class OpenTaskPolicy(RulePolicy):
    """Takes RulePolicy's place in config.yml; takes the same settings."""

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[dict[str, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Return RulePolicy's prediction, or the asking action where the picture says so."""
        prediction = super().predict_action_probabilities(tracker, domain, rule_only_data, **kwargs)
        if tracker.active_loop_name or not isinstance(tracker.latest_message, UserUttered):
            return prediction
        task = asking_action(tracker)
        ran = actions_since_customer_spoke(tracker)
        if not ran:
            if task is not None and is_answer(tracker.latest_message):
                return self._surely(task, tracker, domain)
            return prediction
        if prediction.max_confidence > self.config["core_fallback_threshold"]:
            best = domain.action_names_or_texts[
                prediction.probabilities.index(prediction.max_confidence)
            ]
            if best != ACTION_LISTEN_NAME:
                return prediction
        # The rules are done (or the action came from outside the rules).
        done = task in (None, ran[0])
        return self._surely(ACTION_LISTEN_NAME if done else task, tracker, domain)

    def _surely(
        self, action: str, tracker: DialogueStateTracker, domain: Domain
    ) -> PolicyPrediction:
        return self._rule_prediction(self._prediction_result(action, tracker, domain), None)


def asking_action(tracker: DialogueStateTracker) -> Optional[str]:
    """Return the action that owns the open question, or None."""
    tasks = tracker.get_slot(SLOT)
    return tasks[-1] if isinstance(tasks, list) and tasks else None


def actions_since_customer_spoke(tracker: DialogueStateTracker) -> list[str]:
    """Return the names of the actions of this turn, latest first."""
    names: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name:
            names.append(event.action_name)
    return names


def is_answer(message: UserUttered) -> bool:
    """Say whether a message belongs to the open question."""
    if message.intent.get("name") in ANSWERS:
        return True
    words = (message.text or "").split()
    is_event = (message.text or "").startswith("/")  # a redeemed button or an event of web
    confidence = message.intent.get("confidence") or 0.0
    return not is_event and len(words) <= FRAGMENT_WORDS and confidence < SURE_CONFIDENCE
