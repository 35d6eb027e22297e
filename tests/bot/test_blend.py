"""Words and meaning blended: held-out scores are honest, saved is loaded, nothing needs a hub."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import numpy as np
import pytest

from bot.components.blend import BlendedTextModel, _thinned
from bot.components.encoder import Encoder, find_encoder
from bot.components.kernel import EXAMPLES_MOST, KernelModel
from bot.components.polyglot import PolyglotModel

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = {
    "check_balance": ["what is my balance", "show my balance", "how much money do I have", "balance"],
    "send_money": ["send 40 euros to Ana", "pay Bruno 12.50", "transfer £5k to Ana", "send money"],
    "ask_human": ["I want a person", "let me talk to somebody", "human please", "agent"],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
LABELS = [label for label, texts in EXAMPLES.items() for _ in texts]


class Letters:
    """An encoder without weights: a text is how often each letter stands in it."""

    digest = "letters"

    def encode(self, texts):
        rows = [[text.lower().count(chr(97 + i)) + 0.01 for i in range(26)] for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def model() -> BlendedTextModel:
    return BlendedTextModel.fit(TEXTS, LABELS, c=30.0, encoder=Letters())


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    found = find_encoder(ROOT / "models" / "encoder")
    assert found is not None, "setup/install.sh builds it"
    return found


def vectors_of(seed: int, count: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(size=(count, 8))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_given_an_example_left_out_when_solved_without_it_then_it_scores_what_was_told(seed):
    """The shortcut equals the long way: train again without the example."""
    vectors, names = vectors_of(seed, 12), vectors_of(seed + 50, 3)
    targets = np.arange(12) % 3
    model, left_out = KernelModel.fit(vectors, targets, names)
    kept = np.arange(12) != 5

    # The centre is taken once, from all: that is the only thing the left-out example still told.
    everyone = model.anchors.T
    anchors = np.delete(everyone, 5, axis=0)
    gram = np.exp(2.0 * (anchors @ anchors.T - 1)) + 0.1 * np.eye(len(anchors))
    places = np.concatenate([targets[kept], np.arange(3)])
    alphas = np.linalg.solve(gram, np.eye(3)[places] - 1 / 3)
    expected = np.exp(2.0 * (everyone[5] @ anchors.T - 1)) @ alphas

    assert np.allclose(left_out[5], expected, atol=2e-3)


def test_given_an_example_when_scored_then_its_own_intent_comes_first():
    vectors, names = vectors_of(1, 12), vectors_of(2, 3)
    targets = np.arange(12) % 3
    model, _ = KernelModel.fit(vectors, targets, names)

    assert (model.scores(vectors).argmax(axis=1) == targets).all()


def test_given_more_examples_than_a_kernel_keeps_when_fitted_then_it_says_how_many():
    with pytest.raises(ValueError, match=str(EXAMPLES_MOST)):
        KernelModel.fit(np.zeros((EXAMPLES_MOST + 1, 2)), np.zeros(1), np.zeros((1, 2)))


def test_given_too_many_examples_when_thinned_then_rare_intents_keep_theirs():
    targets = np.array([0] * 90 + [1] * 5 + [2] * 40)

    kept = targets[_thinned(targets, 45)]

    assert list(np.bincount(kept)) == [20, 5, 20]


def test_every_row_of_probabilities_sums_to_one(model):
    assert np.allclose(model.probabilities(["a", "pay me", "", "🙂"]).sum(axis=1), 1, atol=1e-5)


def test_given_a_saved_blend_when_loaded_then_it_answers_the_same(model, tmp_path):
    PolyglotModel({"en": model}).save(tmp_path)

    loaded = PolyglotModel.load(tmp_path, Letters()).readers["en"]

    texts = ["balance?", "pay £5", "a person", "", "🙂"]
    for one, other in zip(loaded.read(texts), model.read(texts), strict=True):
        assert np.allclose(one, other, atol=1e-6)


def test_given_another_encoder_or_none_when_loaded_then_the_words_answer_alone(model, tmp_path):
    PolyglotModel({"en": model}).save(tmp_path)
    other = Letters()
    other.digest = "other weights"

    for encoder in (None, other):
        loaded = PolyglotModel.load(tmp_path, encoder).readers["en"]
        assert loaded.sentences is None
        assert np.allclose(loaded.probabilities(TEXTS), model.words.probabilities(TEXTS), atol=1e-6)


def test_given_no_encoder_when_looked_for_then_one_line_says_what_to_do(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        assert find_encoder(tmp_path / "none") is None
        assert find_encoder(tmp_path / "none") is None

    assert len(caplog.records) == 1
    assert "setup/install.sh" in caplog.text


def test_given_the_encoder_when_opened_then_its_graph_is_the_one_that_was_built(encoder):
    graph = (ROOT / "models" / "encoder" / "minilm-int8.onnx").read_bytes()

    assert hashlib.sha256(graph).hexdigest() == encoder.digest
    assert "Apache" in (ROOT / "models" / "encoder" / "NOTICE").read_text()


def test_given_two_ways_to_say_a_thing_when_encoded_then_they_are_near(encoder):
    mine, yours, other = encoder.encode(
        ["I can't find my card", "my card is lost", "what is your interest rate"]
    )

    assert mine @ yours > mine @ other + 0.3


def test_given_one_text_or_many_when_encoded_then_the_vector_is_almost_the_same(encoder):
    texts = ["balance", "how long does a transfer to another country usually take?", "", "🙂" * 500]

    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])

    # 8-bit scales are taken from a whole batch, so padding moves them a little.
    assert together.shape == (4, 384)
    assert ((together * alone).sum(axis=1) > 0.97).all()
