"""Intent classifier for any bank's intents, inside Rasa's pipeline, on a CPU and without a hub.

    "send 40 € to Ana" ─┬▶ words(1,2) + characters(2..5) ─▶ logistic regression (linear.py) ─┐
                        └▶ sentence vector (encoder.py)  ─▶ kernel regression (kernel.py)  ─┤
                                    [(send_money, .93), (add_payee, .03), …] ◀── blend.py ──┘

Blended on held-out examples, so a confidence of 0.7 means right in about seven of ten. Saved
as numbers and JSON, never pickled: a model file must not be able to run code.

Does not decide when to give up: FallbackClassifier stands behind it in config.yml. Any Rasa 3.6
assistant can take it: copy bot/components, build the encoder, name the class in config.yml.
Figures on BANKING77: docs/benchmarks.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import blend
from bot.components.blend import BlendedTextModel, Encoding, ranked
from bot.components.encoder import find_encoder


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True
)
class IntentClassifier(RasaIntentClassifier, GraphComponent):
    """Writes `intent` and `intent_ranking`; confidences sum to one over all intents."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[BlendedTextModel] = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`c`: inverse strength of the regularisation. `ranking_length`: intents reported.

        `encoder`: folder of the sentence encoder, from the working directory; null for none.
        """
        return {"c": 30.0, "ranking_length": 3, "encoder": "models/encoder"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        """Load what `train` saved. Raises rather than start untrained."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, load_model(folder, _encoder(config)))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> Optional[str]:
        """Retrain when the arithmetic changes (Rasa looks at this class's source only)."""
        found = _encoder(config)
        return f"{blend.source_digest()} {found.digest if found else ''}"

    def train(self, training_data: TrainingData) -> Resource:
        examples = [
            (example.get(TEXT), example.get(INTENT))
            for example in training_data.intent_examples
            if example.get(TEXT) and example.get(INTENT)
        ]
        texts, intents = zip(*examples, strict=True)
        self._model = BlendedTextModel.fit(
            list(texts), list(intents), c=self._config["c"], encoder=_encoder(self._config)
        )
        with self._model_storage.write_to(self._resource) as folder:
            save_model(self._model, folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        if self._model is None:
            return messages
        probabilities = self._model.probabilities([message.get(TEXT) or "" for message in messages])
        for message, row in zip(messages, probabilities, strict=True):
            ranking = ranked(self._model.labels, row, self._config["ranking_length"])
            message.set("intent", dict(ranking[0]), add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data


def _encoder(config: dict[str, Any]) -> Optional[Encoding]:
    return find_encoder(Path(config["encoder"])) if config.get("encoder") else None


def save_model(model: BlendedTextModel, folder: Path) -> None:
    """Write vocabulary and labels as JSON, weights as arrays."""
    arrays, words = model.as_parts()
    np.savez_compressed(folder / "weights.npz", **arrays)
    (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")


def load_model(folder: Path, encoder: Optional[Encoding] = None) -> BlendedTextModel:
    """Read what `save_model` wrote; pickled arrays are refused by numpy."""
    with np.load(folder / "weights.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    return BlendedTextModel.from_parts(arrays, words, encoder)
