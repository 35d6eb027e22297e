"""OpenTaskPolicy: RulePolicy that never loses, and never repeats, the open question.

    slot open_tasks = [action_transfer_money, action_replace_card]      the last one is asking
                           │
    message ─┬─ an answer (yes, no, "to Ana", "no, 40 not 14", a fragment) ─▶ the asking action
             └─ anything else ─▶ its own rule ─▶ … ─▶ the asking action once more ─▶ listen

    no question open, a value alone ("20 euros") ─▶ the fallback, which asks what to do with it

A digression is answered by its own rule, and then the open question is asked again, exactly once:
when the rules would listen, and the asking action was not the last one to speak. Stock
forms need a rule for every pair of form and digression, ask twice, or take small talk for a value.

A question that any words may answer (a name, a street) is announced in the slot `open_words`. Then
a message is an answer unless it is surely something else: names and streets are sentences of no
intent, and their likeliest intent means nothing.

Which question is open, the actions say (actions/open_tasks.py). While a stock form is active,
this policy leaves everything to RulePolicy.
"""

from __future__ import annotations

import re
from typing import Any, Optional

from rasa.core.policies.policy import PolicyPrediction
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.quick_rules import QuickRulePolicy

SLOT = "open_tasks"
#: Intents that mean something only as an answer.
ANSWERS = frozenset(
    {"affirm", "deny", "cancel", "inform", "correct", "repeat", "new_code", "gibberish",
     "nlu_fallback", "tell_details"}
)  # fmt: skip
#: A message this short, and not surely something else, is a fragment: "Carla Mendes".
FRAGMENT_WORDS = 3
SURE_CONFIDENCE = 0.75
WORDS_SLOT = "open_words"
#: Where any words are an answer, a question is a digression from this sureness on, a statement
#: only from that one.
ASKS_CONFIDENCE = 0.5
STATES_CONFIDENCE = 0.85
MONEY_ACTION = "action_transfer_money"
#: After this many digressions the question is not asked once more, until one of this many turns
#: back is forgotten.
ASKED_AGAIN_MAX = 2
LOOK_BACK_TURNS = 10
#: What a name or a place looks like to somebody who knows English only ("Portgual").
_FOREIGN = frozenset({"other_language", "out_of_scope"})
WORD_WORDS = 2
_VALUES = frozenset({"amount", "number", "iban", "card_digits"})
_ASKS = re.compile(
    r"^(?:(?:but|and|so|ok|hm+|sorry)\b,? )*(?:why|what|how|when|where|which|who|whose|is|are|do|"
    r"does|did|can (?:i|you|we|a)|could|would|should|may i|must|have you|tell me|show me)\b|\?\s*$",
    re.IGNORECASE,
)
#: Two to five words in capitals: a name, whatever the words mean ("Joy Agent").
_TITLED = re.compile(r"(?:[A-Z][^\W\d_]*['’.-]?[^\W\d_]*\s+){1,4}[A-Z][^\W\d_]+[.!]?")
_FILLERS = frozenset({"please", "pls", "ok", "then", "just", "only"})


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class OpenTaskPolicy(QuickRulePolicy):
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
            if task is not None and is_answer(
                tracker.latest_message, takes_words=takes_words(tracker, task)
            ):
                return self._surely(task, tracker, domain)
            if task is None and is_bare_value(tracker.latest_message):
                return self._surely(self.config["core_fallback_action_name"], tracker, domain)
            return prediction
        if prediction.max_confidence > self.config["core_fallback_threshold"]:
            best = domain.action_names_or_texts[
                prediction.probabilities.index(prediction.max_confidence)
            ]
            if best != ACTION_LISTEN_NAME:
                return prediction
        # The rules are done (or the action came from outside the rules).
        done = task in (None, ran[0]) or is_nagging(tracker, task)
        return self._surely(ACTION_LISTEN_NAME if done else task, tracker, domain)

    def _surely(
        self, action: str, tracker: DialogueStateTracker, domain: Domain
    ) -> PolicyPrediction:
        return self._rule_prediction(self._prediction_result(action, tracker, domain), None)


def asking_action(tracker: DialogueStateTracker) -> Optional[str]:
    """Return the action that owns the open question, or None."""
    # A foreign domain (florin nlu evaluate) has no such slot; asking Rasa for it would warn.
    tasks = tracker.get_slot(SLOT) if SLOT in tracker.slots else None
    return tasks[-1] if isinstance(tasks, list) and tasks else None


def takes_words(tracker: DialogueStateTracker, task: str) -> bool:
    """Say whether the open question is answered by any words."""
    return WORDS_SLOT in tracker.slots and tracker.get_slot(WORDS_SLOT) == task


def actions_since_customer_spoke(tracker: DialogueStateTracker) -> list[str]:
    """Return the names of the actions of this turn, latest first."""
    names: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name:
            names.append(event.action_name)
    return names


def is_nagging(tracker: DialogueStateTracker, task: str) -> bool:
    """Say whether the question was asked again after enough digressions, and stays quiet now.

    It is still open: the next answer belongs to it. Only money on its way is always shown.
    """
    if task == MONEY_ACTION:
        return False
    asked_again = turns = 0
    turn: list[str] = []
    for event in reversed(tracker.events):
        name = event.action_name if isinstance(event, ActionExecuted) else None
        if name is not None and name != ACTION_LISTEN_NAME:
            turn.append(name)
        if not isinstance(event, UserUttered):
            continue
        if turn and turn[-1] == task:  # it was answered, or asked for the first time
            break
        asked_again += task in turn
        turns += 1
        turn = []
        if asked_again >= ASKED_AGAIN_MAX or turns >= LOOK_BACK_TURNS:
            break
    return asked_again >= ASKED_AGAIN_MAX


def is_only_a_value(message: UserUttered) -> bool:
    """Say whether a message is nothing but an amount, a number, an IBAN ("25 euro, please")."""
    rest = list(message.text or "")
    values = [one for one in message.entities if one.get("entity") in _VALUES and "start" in one]
    for value in values:
        rest[value["start"] : value["end"]] = " " * (value["end"] - value["start"])
    words = "".join(rest).lower().replace(",", " ").replace(".", " ").split()
    return bool(values) and set(words) <= _FILLERS


def is_bare_value(message: UserUttered) -> bool:
    """Say whether somebody typed a value and nothing else: what to do with it is to be asked."""
    return not (message.text or "").startswith("/") and is_only_a_value(message)


def is_surely_else(message: UserUttered) -> bool:
    """Say whether a message is no answer even to a question that any words may answer."""
    text = message.text or ""
    asks = _ASKS.search(text) is not None
    is_word = len(text.split()) <= WORD_WORDS and message.intent.get("name") in _FOREIGN
    if not asks and (is_word or _TITLED.fullmatch(text)):
        return False
    confidence = message.intent.get("confidence") or 0.0
    return confidence >= (ASKS_CONFIDENCE if asks else STATES_CONFIDENCE)


def is_answer(message: UserUttered, *, takes_words: bool = False) -> bool:
    """Say whether a message belongs to the open question."""
    if message.intent.get("name") in ANSWERS:
        return True
    is_event = (message.text or "").startswith("/")  # a redeemed button or an event of web
    if not is_event and is_only_a_value(message):
        return True
    if not is_event and takes_words:
        return not is_surely_else(message)
    words = (message.text or "").split()
    confidence = message.intent.get("confidence") or 0.0
    return not is_event and len(words) <= FRAGMENT_WORDS and confidence < SURE_CONFIDENCE
