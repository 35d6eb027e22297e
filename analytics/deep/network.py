"""The network as a member: an ONNX file, run by onnxruntime; no Keras, no torch.

    rows, NaN is unknown ─▶ ┌ ONNX ──────────────────────────────────────────┐
                            │ steps of each feature ─▶ dense ─▶ dense ─▶ dense │─▶ log-odds
                            └ reference row, in the file's metadata ──────────┘

Preparation is part of the graph, so no scaler can be lost or swapped beside it.

Reasons are Shapley values by sampled orders (Castro, Gómez, Tejada 2009; an order and its reverse,
Mitchell et al. 2022): features change one after the other from a reference row, an ordinary honest
payment, to the row asked about; what each change adds is the feature's. They add up exactly. Orders
are few and always the same, so a value is an estimate, and the same row has the same reasons.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from analytics.errors import BrokenModel
from analytics.models import Floats

FORMAT = "florin network 1"
INPUT, OUTPUT = "rows", "log_odds"
#: Steps make a row of some 1,000 numbers: this many rows at once stay within a few MB.
_PIECE_ROWS = 4_096
_ORDER_PAIRS = 2


class Network:
    """A fitted member. ONNX bytes are kept as they came, so that a file is the file it was."""

    kind: ClassVar[str] = "network"

    def __init__(self, written: bytes) -> None:
        """written: ONNX of ours. Raises BrokenModel: not ONNX, not ours, or newer than we run."""
        self._written = written
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong is raised
        try:
            self._session = onnxruntime.InferenceSession(
                written, options, providers=["CPUExecutionProvider"]
            )
            told = self._session.get_modelmeta().custom_metadata_map
            form = told["format"]
            self._reference = np.array(json.loads(told["reference"]), np.float32)
            width = self._session.get_inputs()[0].shape[1]
        except Exception as fault:  # onnxruntime raises a family of its own, without a common base
            raise BrokenModel("Not an ONNX network of ours that onnxruntime can run.") from fault
        if form != FORMAT:
            raise BrokenModel(f"A network of the form {form}, not {FORMAT}.")
        if width != len(self._reference):
            raise BrokenModel("The network's reference row has other features than its input.")
        self._orders = _orders(width)

    def log_odds(self, matrix: Floats) -> Floats:
        rows = np.ascontiguousarray(matrix, np.float32)
        pieces = [
            self._run(rows[start : start + _PIECE_ROWS])
            for start in range(0, len(rows), _PIECE_ROWS)
        ]
        return np.concatenate(pieces) if pieces else np.zeros(0)

    def contributions(self, matrix: Floats) -> tuple[Floats, Floats]:
        base = self._run(self._reference[None])[0]
        parts = [self._parts(row) for row in np.asarray(matrix, np.float32)]
        width = len(self._reference)
        return np.array(parts).reshape(-1, width), np.full(len(parts), base)

    def save(self, stem: Path) -> list[Path]:
        path = stem.with_suffix(".onnx")
        path.write_bytes(self._written)
        return [path]

    @classmethod
    def load(cls, stem: Path) -> Self:
        return cls(stem.with_suffix(".onnx").read_bytes())

    def _run(self, rows: Any) -> Floats:
        (found,) = self._session.run([OUTPUT], {INPUT: rows})
        return np.asarray(found, np.float64).reshape(-1)

    def _parts(self, row: Any) -> Floats:
        """Return what each feature adds on the way from the reference to the row, shape (f,)."""
        count, width = self._orders.shape
        # Step k of an order: its first k features are the row's, the others the reference's.
        place = np.argsort(self._orders, axis=1)
        is_rows = place[:, None, :] < np.arange(width + 1)[None, :, None]
        steps = np.where(is_rows, row, self._reference).reshape(-1, width)
        added = np.diff(self.log_odds(steps).reshape(count, width + 1), axis=1)
        parts = np.zeros(width)
        np.add.at(parts, self._orders, added)
        parts /= count
        return parts


def _orders(width: int) -> NDArray[np.int64]:
    """Return orders of the features and their reverses, shape (2 · pairs, width)."""
    random = np.random.default_rng(width)
    drawn = [random.permutation(width) for _ in range(_ORDER_PAIRS)]
    return np.array([order[::way] for order in drawn for way in (1, -1)])
