"""Weights to one ONNX file: steps of each feature, dense layers, and the reference row.

    rows ─┬─ is unknown? ─────────────────────────────▶ 0 or 1 ─┐
          └─ (row − low) / width, kept in [0, 1] ─▶ 0 if unknown ─┴─▶ Gemm, Relu … Gemm ─▶ log-odds

Written node by node: the graph is what the formula says, whichever engine Keras ran on, any number
of rows goes in, and no tracer of that engine is needed. Steps: Gorishniy, Rubachev, Babenko: On
Embeddings for Numerical Features in Tabular Deep Learning, 2022.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.deep.network import FORMAT, INPUT, OUTPUT
from analytics.models import Floats

#: Understood by every onnxruntime since 1.12; what we write needs nothing newer.
OPSET = 17
_IR_VERSION = 8
#: A step nobody reaches, where a feature has fewer values than steps.
_NEVER = np.float32(1e30)


@dataclass(frozen=True, slots=True)
class Steps:
    """Where each feature's steps begin and how wide they are, shape (features, steps)."""

    lows: Any
    widths: Any

    @classmethod
    def of(cls, matrix: Floats, count: int) -> Steps:
        """Return steps between quantiles of the known values; as many as there are values."""
        width = matrix.shape[1]
        lows = np.zeros((width, count), np.float32)
        widths = np.full((width, count), _NEVER, np.float32)
        for place in range(width):
            known = matrix[:, place]
            known = known[np.isfinite(known)]
            if not len(known):
                continue
            edges = np.unique(np.quantile(known, np.linspace(0, 1, count + 1)).astype(np.float32))
            many = len(edges) - 1
            lows[place, :many], widths[place, :many] = edges[:-1], np.diff(edges)
        return cls(lows, widths)

    def prepared(self, matrix: Floats) -> Any:
        """Return what the first layer sees, as the graph does: (n, features · (steps + 1))."""
        rows = np.asarray(matrix, np.float32)
        unknown = np.isnan(rows)
        known = np.where(unknown, np.float32(0), rows)
        each = np.clip((known[:, :, None] - self.lows) / self.widths, 0, 1)
        each *= ~unknown[:, :, None]
        return np.hstack([each.reshape(len(rows), -1), unknown.astype(np.float32)])


def to_onnx(steps: Steps, weights: Sequence[Any], reference: Floats) -> bytes:
    """Return the network as ONNX. weights: kernel, bias of each layer, in turn; ReLU between.

    reference: the row that reasons start from, shape (features,), NaN is unknown.
    """
    from onnx import TensorProto, checker, helper, numpy_helper  # noqa: PLC0415  extra `deep`

    features, count = steps.lows.shape
    held = {
        "zero": np.zeros(1, np.float32), "one": np.float32(1), "none": np.float32(0),
        "lows": steps.lows, "widths": steps.widths,
        "deep": np.array([2], np.int64), "flat": np.array([-1, features * count], np.int64),
    }  # fmt: skip
    node = helper.make_node
    nodes = [
        node("IsNaN", [INPUT], ["unknown"]),
        node("Where", ["unknown", "zero", INPUT], ["known"]),
        node("Unsqueeze", ["known", "deep"], ["known_deep"]),
        node("Sub", ["known_deep", "lows"], ["above"]),
        node("Div", ["above", "widths"], ["climbed"]),
        node("Clip", ["climbed", "none", "one"], ["stepped"]),
        node("Unsqueeze", ["unknown", "deep"], ["unknown_deep"]),
        node("Where", ["unknown_deep", "zero", "stepped"], ["steps"]),
        node("Reshape", ["steps", "flat"], ["steps_flat"]),
        node("Cast", ["unknown"], ["unknown_flag"], to=TensorProto.FLOAT),
        node("Concat", ["steps_flat", "unknown_flag"], ["layer0"], axis=1),
    ]
    layers = len(weights) // 2
    for layer in range(layers):
        held[f"kernel{layer}"] = np.asarray(weights[2 * layer], np.float32)
        held[f"bias{layer}"] = np.asarray(weights[2 * layer + 1], np.float32)
        is_last = layer == layers - 1
        out = OUTPUT if is_last else f"dense{layer}"
        nodes.append(node("Gemm", [f"layer{layer}", f"kernel{layer}", f"bias{layer}"], [out]))
        if not is_last:
            nodes.append(node("Relu", [out], [f"layer{layer + 1}"]))
    graph = helper.make_graph(
        nodes, "network",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", features])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", 1])],
        [numpy_helper.from_array(array, name) for name, array in held.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = _IR_VERSION
    told = {"format": FORMAT, "reference": json.dumps(np.asarray(reference).tolist())}
    helper.set_model_props(model, told)
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())
