"""The network: what is exported is what was learnt, and it serves without what learnt it."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

from analytics.deep.exporting import Steps, to_onnx
from analytics.deep.learning import PARITY, network_member
from analytics.deep.network import Network
from analytics.errors import BrokenModel, CannotLearn

needs_onnx = pytest.mark.skipif(
    find_spec("onnx") is None,
    reason="writing ONNX needs the extra `deep`",
)
needs_keras = pytest.mark.skipif(
    not all(find_spec(name) for name in ("keras", "torch", "onnx")),
    reason="learning needs the extra `deep`: uv sync --extra deep",
)


def _rows(count=600, width=5, seed=1):
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(count, width)).astype(np.float32)
    matrix[random.random(matrix.shape) < 0.1] = np.nan
    matrix[:, width - 1] = np.nan  # a feature this channel does not have
    labels = (np.nan_to_num(matrix[:, 0]) + np.nan_to_num(matrix[:, 1]) > 1.5).astype(np.int8)
    return matrix, labels


def _drawn(matrix, seed=2):
    """Return a network of drawn weights, and what plain arithmetic says of its log-odds."""
    random = np.random.default_rng(seed)
    steps = Steps.of(matrix, 6)
    first = steps.prepared(matrix)
    weights = [
        random.normal(size=(first.shape[1], 8)), random.normal(size=8),
        random.normal(size=(8, 1)), random.normal(size=1),
    ]  # fmt: skip
    weights = [each.astype(np.float32) for each in weights]
    hidden = np.maximum(first @ weights[0] + weights[1], 0)
    said = (hidden @ weights[2] + weights[3]).ravel()
    return Network(to_onnx(steps, weights, np.zeros(matrix.shape[1]))), said


@needs_onnx
def test_the_graph_says_what_its_formula_says():
    matrix, _ = _rows()

    network, said = _drawn(matrix)

    np.testing.assert_allclose(network.log_odds(matrix), said, rtol=PARITY, atol=PARITY)
    np.testing.assert_allclose(
        [network.log_odds(matrix[place : place + 1])[0] for place in range(20)], said[:20],
        rtol=PARITY, atol=PARITY,
    )  # fmt: skip


@needs_onnx
def test_reasons_add_up_and_a_feature_at_its_reference_has_none():
    matrix, _ = _rows()
    network, _ = _drawn(matrix)
    matrix[:, 2] = 0  # the reference row is all zeros

    parts, base = network.contributions(matrix[:30])

    np.testing.assert_allclose(parts.sum(axis=1) + base, network.log_odds(matrix[:30]), atol=1e-4)
    assert not parts[:, 2].any()
    np.testing.assert_array_equal(parts, network.contributions(matrix[:30])[0])


@needs_onnx
def test_given_its_file_when_read_again_then_it_says_the_same(tmp_path):
    matrix, _ = _rows()
    network, _ = _drawn(matrix)

    (file,) = network.save(tmp_path / "member0")
    again = Network.load(tmp_path / "member0")

    assert file.name == "member0.onnx"
    np.testing.assert_array_equal(again.log_odds(matrix), network.log_odds(matrix))


def test_given_something_else_than_a_network_when_read_then_it_is_refused(tmp_path):
    (tmp_path / "member0.onnx").write_bytes(b"not onnx")

    with pytest.raises(BrokenModel, match="onnxruntime"):
        Network.load(tmp_path / "member0")


@needs_onnx
def test_given_somebody_elses_onnx_when_read_then_it_is_refused():
    from onnx import TensorProto, helper  # noqa: PLC0415  the extra `deep`

    graph = helper.make_graph(
        [helper.make_node("Identity", ["rows"], ["log_odds"])], "other",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info("log_odds", TensorProto.FLOAT, ["n", 2])],
    )  # fmt: skip
    other = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    with pytest.raises(BrokenModel):
        Network(other.SerializeToString())


@needs_keras
def test_given_rows_when_learnt_then_the_network_tells_them_apart():
    matrix, labels = _rows(4_000)

    network = network_member(matrix, labels, np.ones(len(labels)), 1)

    said = network.log_odds(matrix)
    assert said[labels == 1].mean() > said[labels == 0].mean() + 2


def test_given_no_keras_when_learnt_then_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)  # as if it were not installed
    matrix, labels = _rows()

    with pytest.raises(CannotLearn, match="uv sync --extra deep"):
        network_member(matrix, labels, np.ones(len(labels)), 1)


def test_serving_loads_neither_keras_nor_torch():
    code = (
        "import sys, analytics.fraud.models; "
        "print([name for name in ('keras', 'torch', 'onnx') if name in sys.modules])"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
