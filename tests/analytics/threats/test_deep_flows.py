"""Members of the extra `deep`: learnt there, kept as ONNX, served without what learnt them."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from analytics.deep.autoencoding import drawing_to_onnx
from analytics.errors import BrokenModel, CannotLearn
from analytics.learners.encoding import Encoder
from analytics.learners.forests import Forest
from analytics.threats.flows.autoencoder import Autoencoder
from analytics.threats.flows.columns import schema_of
from analytics.threats.flows.deep import DeepAutoencoder, DeepClassifier, DrawnByOnnx
from analytics.threats.flows.learning import Ingredient, learn_flows
from analytics.threats.flows.model import FlowModel
from analytics.threats.measuring import flow_figures
from tests.analytics.threats.test_flows import a_table

needs_onnx = pytest.mark.skipif(
    find_spec("onnx") is None, reason="writing ONNX needs the extra `deep`"
)
needs_keras = pytest.mark.skipif(
    not all(find_spec(name) for name in ("keras", "torch", "onnx")),
    reason="learning needs the extra `deep`: uv sync --extra deep",
)


def _both():
    """Return an autoencoder of plain arrays, the same as ONNX, and rows to look at."""
    table, _ = a_table(400)
    schema = schema_of(table, target=None)
    encoder = Encoder.fit(table, schema)
    matrix = encoder.matrix(table)
    plain = Autoencoder(layers=(8, 3, 8), epochs=3).fit(
        matrix, np.zeros(len(matrix), dtype=np.int8), encoder.schema, seed=1
    )
    written = drawing_to_onnx([array for pair in plain.weights for array in pair])
    return plain, DrawnByOnnx(plain.expansion, plain.centre, plain.spread, (), written), matrix


@needs_onnx
def test_given_the_same_weights_then_onnx_draws_what_numpy_draws():
    plain, exported, matrix = _both()

    np.testing.assert_allclose(exported.log_odds(matrix), plain.log_odds(matrix), atol=1e-4)
    np.testing.assert_allclose(
        exported.contributions(matrix)[0], plain.contributions(matrix)[0], atol=1e-3
    )


@needs_onnx
def test_given_a_kept_one_then_it_scores_the_same_and_other_bytes_are_refused(tmp_path):
    _, exported, matrix = _both()
    files = exported.save(tmp_path / "0_deep")

    np.testing.assert_array_equal(
        DrawnByOnnx.load(tmp_path / "0_deep").log_odds(matrix), exported.log_odds(matrix)
    )
    next(file for file in files if file.suffix == ".onnx").write_bytes(b"not a network")
    with pytest.raises(BrokenModel):
        DrawnByOnnx.load(tmp_path / "0_deep")


@needs_keras
def test_given_labels_then_forest_autoencoder_and_network_serve_without_torch(tmp_path):
    table, kinds = a_table(1_500)
    model = learn_flows(
        table, kinds, schema_of(table, target=None),
        ingredients=[
            Ingredient("forest", Forest(trees_count=12, leaf_rows=2), 1.0, balance=0.5),
            Ingredient("deep_autoencoder", DeepAutoencoder((12, 4, 12), 10), 1.0, on_normals=True),
            Ingredient("network", DeepClassifier(), 1.0, balance=0.5),
        ],
    )  # fmt: skip
    model.save(tmp_path / "flows")
    unseen, unseen_kinds = a_table(1_500, seed=2, new=True)
    told = (
        "import sys; from pathlib import Path\n"
        "from analytics.threats.flows.model import FlowModel\n"
        f"FlowModel.load(Path({str(tmp_path / 'flows')!r}))\n"
        "assert not {'torch', 'keras', 'onnx'} & set(sys.modules)"
    )

    found = flow_figures(FlowModel.load(tmp_path / "flows"), unseen, unseen_kinds, normal="normal")

    assert found["roc_auc"] > 0.9
    assert subprocess.run([sys.executable, "-c", told], check=False, timeout=120).returncode == 0


def test_given_no_keras_then_learning_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    table, kinds = a_table(400)
    encoder = Encoder.fit(table, schema_of(table, target=None))
    labels = (kinds != "normal").astype(np.int8)

    for learner in (DeepAutoencoder(), DeepClassifier()):
        with pytest.raises(CannotLearn, match="uv sync --extra deep"):
            learner.fit(encoder.matrix(table), labels, encoder.schema, seed=1)
