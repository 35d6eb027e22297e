"""How the network learns: Keras 3, on torch unless KERAS_BACKEND says another engine.

    rows ─▶ steps ─▶ dense 256, ReLU, a fifth forgotten ─▶ dense 64, ReLU ─▶ log-odds
                          log loss of weighted rows, AdamW, steps of learning that shrink

Needs the extra `deep` and says so where it is absent. Nothing global is seeded: layers and the
order of rows have seeds of their own. What is given back is the exported network, checked to say
what Keras says of the rows it learnt from.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any

import numpy as np

from analytics.deep.exporting import Steps, to_onnx
from analytics.deep.network import Network
from analytics.errors import BrokenModel, CannotLearn
from analytics.models import Floats, Labels

#: ONNX and Keras may differ by this, in log-odds or as a share of them.
PARITY = 1e-5
_STEPS_COUNT, _WIDTHS, _FORGOTTEN = 24, (256, 64), 0.2
_EPOCHS, _BATCH_ROWS = 12, 1_024
_RATE, _DECAY = 2e-3, 1e-3
_CHECKED_ROWS = 2_000


def network_member(matrix: Floats, labels: Labels, weights: Floats, seed: int) -> Network:
    """Learn a network. matrix: NaN is unknown. weights: shape (n,).

    Raises CannotLearn: the extra `deep` is not installed.
    """
    keras = load_keras()
    steps = Steps.of(matrix, _STEPS_COUNT)
    rows = steps.prepared(matrix)
    model = _built(keras, rows.shape[1], seed)
    _learn(model, rows, labels, weights / weights.mean(), seed)
    member = Network(to_onnx(steps, model.get_weights(), _ordinary(matrix, labels)))
    few = slice(0, _CHECKED_ROWS)
    said = np.asarray(model.predict(rows[few], verbose=0), np.float64).ravel()
    if not np.allclose(member.log_odds(matrix[few]), said, rtol=PARITY, atol=PARITY):
        raise BrokenModel("The exported network does not say what Keras says.")
    return member


def check_installed() -> None:
    """Say before a long preparation what would be missing after it. Raises CannotLearn."""
    load_keras()


def load_keras() -> ModuleType:
    """Return Keras. Raises CannotLearn: the extra `deep` is not installed."""
    os.environ.setdefault("KERAS_BACKEND", "torch")  # read when Keras is imported
    try:
        import keras  # noqa: PLC0415  the extra `deep`
        import onnx  # noqa: F401, PLC0415  fail before learning, not after
    except ImportError as fault:
        raise CannotLearn(
            "A network is learnt with Keras, torch and onnx, which are not installed: "
            "`uv sync --extra deep`."
        ) from fault
    found: ModuleType = keras
    return found


def _built(keras: Any, width: int, seed: int) -> Any:
    def drawn(place: int) -> Any:
        return keras.initializers.HeNormal(seed=seed * 10 + place)

    layers = [keras.Input((width,))]
    for place, size in enumerate(_WIDTHS):
        layers += [
            keras.layers.Dense(size, activation="relu", kernel_initializer=drawn(place)),
            keras.layers.Dropout(_FORGOTTEN, seed=seed * 10 + place),
        ]
    layers.append(keras.layers.Dense(1, kernel_initializer=drawn(len(_WIDTHS))))
    return keras.Sequential(layers)


def _learn(model: Any, rows: Any, labels: Labels, weights: Floats, seed: int) -> None:
    keras = load_keras()
    batches = -(-len(rows) // _BATCH_ROWS)
    rate = keras.optimizers.schedules.CosineDecay(_RATE, _EPOCHS * batches)
    model.compile(
        optimizer=keras.optimizers.AdamW(rate, weight_decay=_DECAY),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    random = np.random.default_rng(seed)
    goals, counted = labels.astype(np.float32)[:, None], weights.astype(np.float32)
    for _ in range(_EPOCHS):
        for part in np.array_split(random.permutation(len(rows)), batches):
            model.train_on_batch(rows[part], goals[part], sample_weight=counted[part])


def _ordinary(matrix: Floats, labels: Labels) -> Floats:
    """Return the reference: medians of the honest rows, unknown where most of them are."""
    honest = np.asarray(matrix[labels == 0], np.float64)
    unknown = np.isnan(honest).mean(axis=0) > 0.5
    known = np.where(unknown, 0.0, honest)
    return np.where(unknown, np.nan, np.nanmedian(known, axis=0))
