"""Members that are learnt with the extra `deep` and served by onnxruntime alone.

    DeepAutoencoder   a wider, denoising autoencoder of normal rows     ─▶ DrawnByOnnx
    DeepClassifier    dense layers over steps of each feature            ─▶ deep.network.Network

`florin threats train flows --with autoencoder --with network` adds them to the forests. torch and
Keras are asked for when learning begins, never when a model is loaded or scores.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from analytics.deep.network import Network
from analytics.errors import BrokenModel
from analytics.learners.expanding import Expansion
from analytics.models import Floats, Labels
from analytics.tables.columns import Schema
from analytics.threats.flows.autoencoder import Drawn, Single, fit_scaling, scaled_of

if TYPE_CHECKING:
    import onnxruntime


@dataclass(frozen=True)
class DrawnByOnnx(Drawn):
    """An autoencoder whose layers are an ONNX file. written: its bytes, as they came."""

    written: bytes = b""
    kind: ClassVar[str] = "autoencoder_onnx"

    def __post_init__(self) -> None:
        """Open the network now: a broken file is refused when it is loaded. Raises BrokenModel."""
        if self._session.get_inputs()[0].shape[1] != len(self.centre):
            raise BrokenModel("The autoencoder draws other columns than are scaled for it.")

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        from analytics.deep.autoencoding import open_drawing  # noqa: PLC0415  onnxruntime is slow

        return open_drawing(self.written)

    def draw(self, scaled: Single) -> Single:
        (drawn,) = self._session.run(["drawn"], {"scaled": np.asarray(scaled, np.float32)})
        return np.asarray(drawn)

    def save(self, stem: Path) -> list[Path]:
        network = stem.with_suffix(".onnx")
        network.write_bytes(self.written)
        return [*super().save(stem), network]

    @classmethod
    def load(cls, stem: Path) -> Self:
        told = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
        with np.load(stem.with_suffix(".npz"), allow_pickle=False) as file:
            centre, spread = file["centre"], file["spread"]
        written = stem.with_suffix(".onnx").read_bytes()
        return cls(Expansion.from_json(told["features"]), centre, spread, (), written)


@dataclass(frozen=True)
class DeepAutoencoder:
    """Learns a DrawnByOnnx from the rows that are labelled 0."""

    layers: tuple[int, ...] = (128, 32, 128)
    epochs: int = 20
    kind: ClassVar[str] = "autoencoder_onnx"

    def fit(
        self, matrix: Floats, labels: Labels, schema: Schema, *, seed: int,
        rounds: int | None = None, weights: Floats | None = None,  # noqa: ARG002
    ) -> DrawnByOnnx:  # fmt: skip
        """Raises CannotLearn: the extra `deep` is not installed."""
        from analytics.deep.autoencoding import learn_drawing  # noqa: PLC0415

        normal = matrix[labels == 0]
        expansion, centre, spread = fit_scaling(normal, schema)
        written = learn_drawing(
            scaled_of(expansion.expand(normal), centre, spread),
            layers=self.layers, epochs=self.epochs, seed=seed,
        )  # fmt: skip
        return DrawnByOnnx(expansion, centre, spread, (), written)

    def settings(self) -> dict[str, Any]:
        return {"layers": list(self.layers), "epochs": self.epochs, "learnt_with": "keras"}


@dataclass(frozen=True)
class DeepClassifier:
    """Learns the network of tables (analytics/deep)."""

    kind: ClassVar[str] = "network"

    def fit(
        self, matrix: Floats, labels: Labels, schema: Schema, *, seed: int,  # noqa: ARG002
        rounds: int | None = None, weights: Floats | None = None,  # noqa: ARG002
    ) -> Network:  # fmt: skip
        """Raises CannotLearn: the extra `deep` is not installed."""
        from analytics.deep.learning import network_member  # noqa: PLC0415

        counted = np.ones(len(labels)) if weights is None else weights
        return network_member(matrix, labels, counted, seed)

    def settings(self) -> dict[str, Any]:
        return {"learnt_with": "keras"}
