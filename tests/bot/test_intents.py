"""The intent classifier: saved without pickle, the same answers after loading, calibrated."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bot.components.blend import BlendedTextModel
from bot.components.linear import fold_text
from bot.components.polyglot import PolyglotModel

EXAMPLES = {
    "check_balance": ["what is my balance", "show my balance", "how much money do I have", "balance"],
    "send_money": ["send 40 euros to Ana", "pay Bruno 12.50", "transfer £5k to Ana", "send money"],
    "ask_human": ["I want a person", "let me talk to somebody", "human please", "agent"],
}


@pytest.fixture(scope="module")
def model() -> BlendedTextModel:
    texts = [text for texts in EXAMPLES.values() for text in texts]
    labels = [label for label, texts in EXAMPLES.items() for _ in texts]
    return BlendedTextModel.fit(texts, labels, c=30.0)


def best(model: BlendedTextModel, text: str) -> tuple[str, float]:
    row = model.probabilities([text])[0]
    return model.labels[row.argmax()], float(row.max())


def test_given_a_close_sentence_when_read_then_its_intent_comes_first(model):
    assert best(model, "how much is my balance")[0] == "check_balance"
    assert best(model, "please send 99 euros to Bruno")[0] == "send_money"


def test_given_gibberish_when_read_then_no_intent_is_sure(model):
    assert best(model, "xqzv")[1] < 0.6


def test_given_another_amount_when_read_then_the_answer_is_the_same(model):
    one, other = model.probabilities(["send 40 euros to Ana", "send 98 euros to Ana"])

    assert np.allclose(one, other)


def test_given_a_saved_model_when_loaded_then_it_answers_the_same(model, tmp_path):
    PolyglotModel({"en": model}).save(tmp_path)

    loaded = PolyglotModel.load(tmp_path).readers["en"]

    texts = ["balance?", "pay £5", "a person", "", "🙂"]
    assert np.allclose(loaded.probabilities(texts), model.probabilities(texts), atol=1e-6)


def test_given_a_saved_model_when_looked_at_then_there_is_nothing_to_unpickle(model, tmp_path):
    PolyglotModel({"en": model}).save(tmp_path)

    folder = tmp_path / "en"
    assert sorted(path.name for path in folder.iterdir()) == ["weights.npz", "words.json"]
    json.loads((folder / "words.json").read_text())
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


def test_given_a_pickled_array_when_loaded_then_it_is_refused(model, tmp_path):
    PolyglotModel({"en": model}).save(tmp_path)
    np.savez(tmp_path / "en" / "weights.npz", weights=np.array([{"a": 1}], dtype=object))

    with pytest.raises(ValueError, match="pickle"):
        PolyglotModel.load(tmp_path)


def test_every_row_of_probabilities_sums_to_one(model):
    assert np.allclose(model.probabilities(["a", "pay me", ""]).sum(axis=1), 1, atol=1e-5)


def test_given_two_trainings_when_compared_then_they_agree(model):
    again = BlendedTextModel.fit(
        [text for texts in EXAMPLES.values() for text in texts],
        [label for label, texts in EXAMPLES.items() for _ in texts],
        c=30.0,
    )

    assert np.allclose(again.words.weights, model.words.weights)


def test_folding_keeps_the_length_of_numbers():
    assert fold_text("card 4242") == "card 0000"
