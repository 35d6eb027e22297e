"""Several languages: each read by its own reader, both asked when unsure, the language noted."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message

from bot.components.intents import IntentClassifier, language_of
from bot.components.languages import LanguageModel
from bot.components.polyglot import PolyglotModel
from bot.components.reject import RejectingFallback

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {
    ("en", "check_balance"): ["what is my balance", "show my balance", "how much money do I have",
                              "tell me the balance please"],
    ("en", "freeze_card"): ["freeze my card", "please block my card now", "stop the card",
                            "can you freeze the credit card"],
    ("en", "affirm"): ["yes", "ok", "sure", "yes please"],
    ("es", "check_balance"): ["cuál es mi saldo", "dime el saldo", "cuánto dinero tengo",
                              "quiero ver el saldo"],
    ("es", "freeze_card"): ["congela mi tarjeta", "bloquea la tarjeta ahora", "para la tarjeta",
                            "quiero bloquear mi tarjeta"],
    ("es", "affirm"): ["sí", "ok", "claro", "sí por favor"],
}  # fmt: skip
ROWS = [(text, intent, language) for (language, intent), texts in EXAMPLES.items() for text in texts]


@pytest.fixture(scope="module")
def model() -> PolyglotModel:
    return PolyglotModel.fit(*zip(*ROWS, strict=True), c=30.0)


def classifier(model: PolyglotModel, **settings: Any) -> IntentClassifier:
    config = {**IntentClassifier.get_default_config(), "wish_confidence": 0.3, **settings}
    return IntentClassifier(config, None, None, model)  # type: ignore[arg-type]


def read(model: PolyglotModel, text: str, **settings: Any) -> Message:
    message = Message({"text": text})
    classifier(model, **settings).process([message])
    return message


def noted(message: Message) -> list[str]:
    return [one["value"] for one in message.get("entities", []) if one["entity"] == "language"]


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("please show me the balance", "en", "check_balance"),
        ("quiero ver mi saldo", "es", "check_balance"),
        ("block the card please", "en", "freeze_card"),
        ("bloquea mi tarjeta por favor", "es", "freeze_card"),
    ],
)
def test_given_a_sentence_when_read_then_its_language_and_its_intent_are_known(
    model, text, language, intent
):
    message = read(model, text)

    assert message.get("language")["name"] == language
    assert message.get("intent")["name"] == intent


def test_given_a_sure_wish_when_read_then_the_conversation_hears_its_language(model):
    assert noted(read(model, "quiero bloquear mi tarjeta")) == ["es"]
    assert noted(read(model, "what is my balance please")) == ["en"]


def test_given_an_answer_or_a_doubtful_wish_when_read_then_the_language_stays_as_it_is(model):
    assert noted(read(model, "sí por favor", no_language_in=["affirm"])) == []
    assert noted(read(model, "quiero bloquear mi tarjeta", wish_confidence=1.1)) == []


def test_given_one_language_when_trained_then_nothing_is_said_of_languages():
    english = [row for row in ROWS if row[2] == "en"]
    model = PolyglotModel.fit(*zip(*english, strict=True), c=30.0)

    message = read(model, "what is my balance")

    assert model.languages is None
    assert message.get("language") is None
    assert noted(message) == []


def test_given_a_saved_model_when_loaded_then_every_language_answers_the_same(model, tmp_path):
    model.save(tmp_path)

    loaded = PolyglotModel.load(tmp_path)

    for text in ("my balance", "el saldo", "freeze la tarjeta", "", "🙂", "Ana"):
        one, other = model.read(text), loaded.read(text)
        assert np.allclose(one.shares, other.shares, atol=1e-6)
        assert np.isclose(one.typicality, other.typicality)


@given(text=st.text(max_size=200))
def test_any_text_is_read_without_a_fault_and_its_shares_sum_to_one(model, text):
    reading = model.read(text)

    assert np.isclose(reading.shares.sum(), 1, atol=1e-4)
    assert 0 <= reading.typicality <= 1
    assert np.isclose(reading.spoken.shares.sum(), 1, atol=1e-4)


@pytest.mark.parametrize("text", ["", "   ", "🤷", "…", "\u200b\u202e", "\u0301"])
def test_given_nothing_to_read_when_read_then_there_is_no_intent_and_no_fault(model, text):
    message = read(model, text)
    RejectingFallback(RejectingFallback.get_default_config()).process([message])

    assert message.get("intent")["name"] == "nlu_fallback"


@pytest.mark.parametrize(
    ("typicality", "intent", "given_up"),
    [(0.01, "check_balance", True), (0.03, "check_balance", False), (0.0, "out_of_scope", False)],
)
def test_given_an_untypical_message_when_read_then_it_is_given_up_unless_it_is_no_wish_anyway(
    typicality, intent, given_up
):
    settings = {**RejectingFallback.get_default_config(), "never_rejected": ["out_of_scope"]}
    top = {"name": intent, "confidence": 0.99}
    message = Message({"text": "x", "intent": top, "intent_ranking": [top]})
    message.set("typicality", typicality)

    RejectingFallback(settings).process([message])

    assert (message.get("intent")["name"] == "nlu_fallback") is given_up
    assert any(one["name"] == intent for one in message.get("intent_ranking"))


@pytest.fixture(scope="module")
def our_languages() -> LanguageModel:
    rows = [
        (one.get("text"), language_of(one, "en"))
        for one in load_data(str(ROOT / "nlu_data" / "nlu")).intent_examples
        if one.get("intent") != "other_language"
    ]
    texts, languages = zip(*rows, strict=True)
    return LanguageModel.fit(texts, languages)


def test_given_everyday_messages_when_identified_then_nineteen_of_twenty_are_right(our_languages):
    with (ROOT / "tests" / "nlu" / "languages.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["language"] in our_languages.names]

    wrong = [
        row["text"]
        for row in rows
        if our_languages.names[int(our_languages.identify(row["text"]).shares.argmax())]
        != row["language"]
    ]

    assert len(rows) >= 140
    assert len(wrong) <= len(rows) / 20, wrong


@pytest.mark.parametrize(
    ("text", "is_mixed"),
    [
        ("what are las comisiones for cash abroad", True),
        ("show me los movimientos de enero", True),
        ("what are the fees for cash abroad", False),
        ("cuáles son las comisiones en el extranjero", False),
        ("send 20 to José Martínez", False),
        ("me voy a New York la semana que viene", False),
    ],
)
def test_given_two_languages_in_one_message_when_identified_then_it_is_said(
    our_languages, text, is_mixed
):
    assert our_languages.identify(text).is_mixed is is_mixed


def test_given_two_languages_in_one_message_when_read_then_every_reader_is_asked(
    model, our_languages
):
    both = PolyglotModel(model.readers, our_languages)

    reading = both.read("please bloquea la tarjeta de my card now")

    assert reading.spoken.is_mixed
    assert both.labels[int(reading.shares.argmax())] == "freeze_card"
