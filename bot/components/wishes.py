"""TwoWishesClassifier: IntentClassifier that notices two wishes in one message.

    "check my balance and send 20 to Ana"
        └ check_balance .97 ┘   └ transfer_money .93 ┘   ─▶ intent two_wishes, wishes [ … , … ]

A message is cut at "and", "then", "also", "plus", their Spanish sisters, and at the ends of
sentences. Two parts are two wishes when each alone is surely an intent and typical of wishes
("I stand before the machine and …" is not), and the intents are about different things: "I lost my
card and need a new one" is about one card.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.intents import IntentClassifier
from bot.components.open_tasks import ANSWERS

INTENT = "two_wishes"
_CUT = re.compile(
    r"[,;]?\s+(?:and then|and also|and after that|and|then|also|plus"
    r"|y luego|y después|y también|y además|y|luego|además|también)\s+|[.;?!]\s+(?=\S)",
    re.IGNORECASE,
)
#: Each part alone must be this sure, and this typical.
PART_CONFIDENCE = 0.6
PART_TYPICALITY = 0.4
PART_MIN_WORDS = 2
#: What "which first?" is answered with; an assistant without these intents cannot ask.
_ANSWERED_WITH = frozenset({"affirm", "deny", "inform"})
#: Said along with a wish; no wishes themselves.
_POLITE = frozenset(
    {
        "greet", "goodbye", "thanks", "how_are_you", "insult", "bot_challenge", "tell_joke",
        "other_language", "out_of_scope", "gibberish", "complain", "continue_search", "show_more",
        "confirm_event", "deny_event",
    }
)  # fmt: skip


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True
)
class TwoWishesClassifier(IntentClassifier):
    """Takes IntentClassifier's place in config.yml; takes the same settings."""

    def process(self, messages: list[Message]) -> list[Message]:
        messages = super().process(messages)
        for message in messages:
            wishes = self._find_wishes(message)
            if wishes:
                top = {"name": INTENT, "confidence": 1.0}
                message.set("intent", top, add_to_output=True)
                ranking = [{"name": one["intent"], "confidence": 0.0} for one in wishes]
                message.set("intent_ranking", [top, *ranking], add_to_output=True)
                message.set("wishes", wishes, add_to_output=True)
        return messages

    def process_training_data(self, training_data: Any) -> Any:
        super().process(training_data.training_examples)
        return training_data

    def _find_wishes(self, message: Message) -> list[dict[str, Any]]:
        """Return two wishes as {"intent", "text", "entities"}, or nothing."""
        text = message.get(TEXT) or ""
        if self._model is None or text.startswith("/"):
            return []
        if not _ANSWERED_WITH.issubset(self._model.labels):
            return []  # an intent table of somebody else's (bot/evaluate.py): nothing to ask about
        for cut in _CUT.finditer(text):
            parts = [(0, cut.start()), (cut.end(), len(text))]
            said = [text[start:end] for start, end in parts]
            if any(len(part.split()) < PART_MIN_WORDS for part in said):
                continue
            readings = [self._model.read(part) for part in said]
            if any(
                one.shares.max() < PART_CONFIDENCE or one.typicality < PART_TYPICALITY
                for one in readings
            ):
                continue
            names = [self._model.labels[int(one.shares.argmax())] for one in readings]
            if not _apart(*names):
                continue
            return [
                {"intent": name, "text": part, "entities": _inside(message, *place)}
                for name, part, place in zip(names, said, parts)
            ]
        return []


def _apart(one: str, other: str) -> bool:
    """Say whether two intents are two wishes, and about different things.

    >>> _apart("check_balance", "transfer_money"), _apart("report_lost_card", "replace_card")
    (True, False)
    """
    small = ANSWERS | _POLITE
    about = [name.rsplit("_", 1)[-1] for name in (one, other)]
    return one not in small and other not in small and about[0] != about[1]


def _inside(message: Message, start: int, end: int) -> list[dict[str, Any]]:
    """Return the entities of one part, with places counted from its beginning."""
    return [
        {**one, "start": one["start"] - start, "end": one["end"] - start}
        for one in message.get(ENTITIES) or []
        if start <= one.get("start", -1) and one.get("end", -1) <= end
    ]
