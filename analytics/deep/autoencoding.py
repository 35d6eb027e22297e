"""An autoencoder learnt by Keras on torch, kept as ONNX: rows in, the rows drawn again out.

    scaled rows ─▶ noise ─▶ dense, tanh … dense, tanh ─▶ dense ─▶ the rows without the noise

The noise is what keeps a wide network from learning to copy (Vincent et al., Extracting and
Composing Robust Features with Denoising Autoencoders, 2008); it is no part of the exported graph.
What is given back was checked to draw what Keras draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from analytics.deep.exporting import OPSET
from analytics.deep.learning import PARITY, load_keras
from analytics.errors import BrokenModel

INPUT, OUTPUT = "scaled", "drawn"
FORMAT = "florin autoencoder 1"
_IR_VERSION = 8
_BATCH_ROWS = 512
_RATE, _NOISE = 2e-3, 0.1
_CHECKED_ROWS = 500

Single = NDArray[np.float32]


def learn_drawing(scaled: Single, *, layers: Sequence[int], epochs: int, seed: int) -> bytes:
    """Return ONNX of an autoencoder of rows, shape (n, columns), about in [-10, 10].

    Raises CannotLearn: the extra `deep` is not installed. BrokenModel: Keras and ONNX differ.
    """
    keras = load_keras()
    width = scaled.shape[1]
    model = keras.Sequential(
        [keras.Input((width,)), keras.layers.GaussianNoise(_NOISE, seed=seed)]
        + [
            keras.layers.Dense(
                size, activation="tanh",
                kernel_initializer=keras.initializers.GlorotUniform(seed=seed * 10 + place),
            )
            for place, size in enumerate(layers)
        ]
        + [
            keras.layers.Dense(
                width, kernel_initializer=keras.initializers.GlorotUniform(seed=seed * 10 + 9)
            )
        ]
    )  # fmt: skip
    batches = -(-len(scaled) // _BATCH_ROWS)
    rate = keras.optimizers.schedules.CosineDecay(_RATE, epochs * batches)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="mse")
    draw = np.random.default_rng(seed)
    for _ in range(epochs):
        for part in np.array_split(draw.permutation(len(scaled)), batches):
            model.train_on_batch(scaled[part], scaled[part])
    written = drawing_to_onnx(model.get_weights())
    few = scaled[:_CHECKED_ROWS]
    (drawn,) = open_drawing(written).run([OUTPUT], {INPUT: few})
    if not np.allclose(drawn, model.predict(few, verbose=0), rtol=10 * PARITY, atol=10 * PARITY):
        raise BrokenModel("The exported autoencoder does not draw what Keras draws.")
    return written


def drawing_to_onnx(weights: Sequence[Any]) -> bytes:
    """Return the network as ONNX. weights: kernel, bias of each layer, in turn; tanh between."""
    from onnx import TensorProto, checker, helper, numpy_helper  # noqa: PLC0415  extra `deep`

    layers, width = len(weights) // 2, int(np.shape(weights[0])[0])
    nodes, held = [], []
    before = INPUT
    for layer in range(layers):
        for name, array in (("kernel", weights[2 * layer]), ("bias", weights[2 * layer + 1])):
            held.append(numpy_helper.from_array(np.asarray(array, np.float32), f"{name}{layer}"))
        is_last = layer == layers - 1
        out = OUTPUT if is_last else f"dense{layer}"
        nodes.append(helper.make_node("Gemm", [before, f"kernel{layer}", f"bias{layer}"], [out]))
        if not is_last:
            before = f"tanh{layer}"
            nodes.append(helper.make_node("Tanh", [out], [before]))
    graph = helper.make_graph(
        nodes, "autoencoder",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", width])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", width])],
        held,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = _IR_VERSION
    helper.set_model_props(model, {"format": FORMAT})
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def open_drawing(written: bytes) -> onnxruntime.InferenceSession:
    """Return a session of one thread. Raises BrokenModel: not ONNX, or not ours."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what is wrong is raised
    try:
        session = onnxruntime.InferenceSession(written, options, providers=["CPUExecutionProvider"])
        form = session.get_modelmeta().custom_metadata_map.get("format")
    except Exception as fault:  # onnxruntime raises a family of its own, without a common base
        raise BrokenModel("Not an autoencoder that onnxruntime can run.") from fault
    if form != FORMAT:
        raise BrokenModel(f"An autoencoder of the form {form}, not {FORMAT}.")
    return session
