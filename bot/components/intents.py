"""Intent classifier for any bank's intents, inside Rasa's pipeline, on a CPU and without a hub.

    "snd 40 € to Ana" ─▶ cleaning.py, speller.py ─▶ "send 40 € to Ana"
      ─┬▶ words(1,2) + characters(2..5) ─▶ logistic regression (linear.py) ─┐
       └▶ sentence vector (encoder.py)  ─▶ kernel regression (kernel.py)  ─┤ one reader a language
                   [(send_money, .93), (add_payee, .03), …] ◀── blend.py ──┘ (polyglot.py)

Blended on held-out examples, so a confidence of 0.7 means right in about seven of ten. Saved
as numbers and JSON, never pickled: a model file must not be able to run code.

Does not decide when to give up: RejectingFallback stands behind it in config.yml. Any Rasa 3.6
assistant can take it: copy bot/components, build the encoder, name the classes in config.yml.
Figures on BANKING77: docs/benchmarks.md.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import blend, cleaning, kernel, languages, linear, polyglot, speller
from bot.components.blend import Encoding, ranked
from bot.components.cleaning import clean_text, has_words
from bot.components.encoder import find_encoder
from bot.components.languages import SpokenLanguage
from bot.components.polyglot import PolyglotModel


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True
)
class IntentClassifier(RasaIntentClassifier, GraphComponent):
    """Writes `intent`, `intent_ranking` (confidences sum to one over all intents), `typicality`.

    Typicality is how usual such a message is, 0 to 1. With several languages it also writes
    `language` as {"name", "confidence", "is_mixed"}, and an entity `language` when sure of it.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[PolyglotModel] = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`c`: inverse strength of the regularisation. `ranking_length`: intents reported.

        `encoder`: folder of the sentence encoder, from the working directory; null for none.
        `encoded`: languages it understands; with another one it costs and wins nothing (ADR 17).
        `language`: of examples that name none. `language_confidence`, `wish_confidence`: from
        which on the language of a message is noted, as an entity; `no_language_in`: intents
        that say nothing of it.
        """
        return {
            "c": 30.0, "ranking_length": 3, "encoder": "models/encoder", "encoded": ["en"],
            "language": "en", "language_confidence": 0.9, "wish_confidence": 0.5,
            "no_language_in": [],
        }  # fmt: skip

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
            model = PolyglotModel.load(folder, _encoder(config))
        return cls(config, model_storage, resource, model)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> Optional[str]:
        """Retrain when the arithmetic changes (Rasa looks at this class's source only)."""
        found = _encoder(config)
        return f"{source_digest()} {found.digest if found else ''}"

    def train(self, training_data: TrainingData) -> Resource:
        examples = [
            (example.get(TEXT), example.get(INTENT), language_of(example, self._config["language"]))
            for example in training_data.intent_examples
            if example.get(TEXT) and example.get(INTENT)
        ]
        texts, intents, languages = zip(*examples, strict=True)
        self._model = PolyglotModel.fit(
            texts, intents, languages,
            c=self._config["c"], encoder=_encoder(self._config), encoded=self._config["encoded"],
        )  # fmt: skip
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        if self._model is None:
            return messages
        for message in messages:
            text = message.get(TEXT) or ""
            if text.startswith("/"):
                continue  # a redeemed button: Rasa has read it already
            if not has_words(clean_text(text)):
                _write_nothing(message)
                continue
            reading = self._model.read(text)
            ranking = ranked(self._model.labels, reading.shares, self._config["ranking_length"])
            message.set("intent", dict(ranking[0]), add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set("typicality", round(reading.typicality, 4), add_to_output=True)
            if reading.spoken is not None:
                self._write_language(message, reading.spoken)
        return messages

    def _write_language(self, message: Message, spoken: SpokenLanguage) -> None:
        best = int(spoken.shares.argmax())
        assert self._model is not None
        assert self._model.languages is not None
        name, share = self._model.languages.names[best], float(spoken.shares[best])
        told = {"name": name, "confidence": round(share, 4), "is_mixed": spoken.is_mixed}
        message.set("language", told, add_to_output=True)
        intent = message.get("intent")
        if (
            share >= self._config["language_confidence"]
            and not spoken.is_mixed
            and intent["confidence"] >= self._config["wish_confidence"]
            and intent["name"] not in self._config["no_language_in"]
        ):
            found = {"entity": "language", "value": name, "extractor": type(self).__name__}
            message.set(ENTITIES, [*message.get(ENTITIES, []), found], add_to_output=True)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data


def _encoder(config: dict[str, Any]) -> Optional[Encoding]:
    return find_encoder(Path(config["encoder"])) if config.get("encoder") else None


def language_of(example: Message, default: str) -> str:
    """Return the language a training sentence is marked with, or `default`."""
    told = (example.get("metadata") or {}).get("intent") or {}
    return str(told.get("language") or default)


def source_digest() -> str:
    """Return a digest of the sources a trained model depends on."""
    parts = (blend, cleaning, kernel, languages, linear, polyglot, speller)
    return hashlib.sha256(b"\0".join(Path(one.__file__).read_bytes() for one in parts)).hexdigest()


def _write_nothing(message: Message) -> None:
    """A message without a letter or a figure is no intent: RejectingFallback takes it from here."""
    message.set("intent", {"name": None, "confidence": 0.0}, add_to_output=True)
    message.set("intent_ranking", [], add_to_output=True)
    message.set("typicality", 0.0, add_to_output=True)
