"""RejectingFallback: Rasa's FallbackClassifier, which also gives up on what nobody taught it.

    confidence < threshold              two readings are as likely as each other, or none is likely
    ambiguity  < ambiguity_threshold    the second reading is nearly as good
    typicality < unlike_share           the message is like nothing in the training sentences

Typicality is the share of held-out training sentences that were less surely anything at all than
this message (bot/components/blend.py): with 0.02, one of fifty sentences of a bank's own is asked
about instead of answered, whatever the bank and however many intents. A softmax alone must choose
among its intents and is often sure of "what is the capital of Peru".
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False
)
class RejectingFallback(FallbackClassifier):
    """Takes FallbackClassifier's place in config.yml; takes its settings and two more."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`unlike_share`: typicality below this is no intent.

        `never_rejected`: intents that say themselves that a message is none of the bank's wishes.
        """
        return {
            **FallbackClassifier.get_default_config(), "unlike_share": 0.02, "never_rejected": [],
        }  # fmt: skip

    def _should_fallback(self, message: Message) -> bool:
        if super()._should_fallback(message):
            return True
        typicality = message.get("typicality")
        name = (message.get("intent") or {}).get("name")
        if typicality is None or name in self.component_config["never_rejected"]:
            return False
        return bool(typicality < self.component_config["unlike_share"])
