"""An autoencoder: what it cannot draw from memory is unusual.

    row ──▶ scaled ──▶ 96 ▸ 24 ▸ 96 ──▶ the row again        score = log of the mean squared error

Learnt from normal rows only, so it needs no label of an attack and no example of the next one.
Numbers are scaled by sign(x)·log(1 + |x|), since bytes and seconds span nine decades, and clipped:
one absurd number must not be the whole error. Trained by scikit-learn, kept as plain arrays and
run by numpy: a row is three small products of matrices.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

from analytics.learners.expanding import Expansion
from analytics.models import Floats, Labels
from analytics.tables.columns import Schema

_FAR = 10.0
#: A column that hardly varies among normal rows may not weigh more than this allows.
_SPREAD_LEAST = 0.05
_ERROR_LEAST = 1e-6
_CHUNK_ROWS = 8_192

Single = NDArray[np.float32]


@dataclass(frozen=True)
class Drawn:
    """A fitted autoencoder. weights: per layer the matrix and the shift."""

    expansion: Expansion
    centre: Single
    spread: Single
    weights: tuple[tuple[Single, Single], ...]
    kind: ClassVar[str] = "autoencoder"

    def log_odds(self, matrix: Floats) -> Floats:
        """Return the log of the mean squared error, shape (n,): a rank, no odds."""
        return np.asarray(np.log(self._errors(matrix).mean(axis=1) + _ERROR_LEAST))

    def contributions(self, matrix: Floats) -> tuple[Floats, Floats]:
        """Return each feature's share of the error, (n, features), and zeros, (n,)."""
        errors = self._errors(matrix)
        each = np.zeros((len(matrix), len(self.expansion.features)))
        np.add.at(each.T, np.array(self.expansion.owner, dtype=int), errors.T)
        return each / np.maximum(each.sum(axis=1, keepdims=True), _ERROR_LEAST), np.zeros(
            len(matrix)
        )

    def draw(self, scaled: Single) -> Single:
        """Return the rows as drawn from memory, shape (n, columns), like `scaled`."""
        drawn = scaled
        for place, (weight, shift) in enumerate(self.weights):
            drawn = drawn @ weight + shift
            if place < len(self.weights) - 1:
                drawn = np.tanh(drawn)
        return drawn

    def save(self, stem: Path) -> list[Path]:
        arrays, columns = stem.with_suffix(".npz"), stem.with_suffix(".json")
        layers = {
            f"{what}{place}": one
            for place, pair in enumerate(self.weights)
            for what, one in zip(("matrix", "shift"), pair, strict=True)
        }
        np.savez_compressed(arrays, centre=self.centre, spread=self.spread, **layers)  # type: ignore[arg-type]  # names of ours
        told = {"features": self.expansion.to_json(), "layers_count": len(self.weights)}
        columns.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        return [arrays, columns]

    @classmethod
    def load(cls, stem: Path) -> Self:
        told = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
        with np.load(stem.with_suffix(".npz"), allow_pickle=False) as file:
            weights = tuple(
                (file[f"matrix{place}"], file[f"shift{place}"])
                for place in range(int(told["layers_count"]))
            )
            return cls(
                Expansion.from_json(told["features"]), file["centre"], file["spread"], weights
            )

    def _errors(self, matrix: Floats) -> Floats:
        """Return squared errors, shape (n, columns)."""
        parts = []
        for start in range(0, len(matrix), _CHUNK_ROWS):
            columns = self.expansion.expand(matrix[start : start + _CHUNK_ROWS])
            scaled = scaled_of(columns, self.centre, self.spread)
            parts.append(((self.draw(scaled) - scaled) ** 2).astype(np.float64))
        return np.vstack(parts) if parts else np.zeros((0, len(self.centre)))


@dataclass(frozen=True)
class Autoencoder:
    """Learns a Drawn from the rows that are labelled 0."""

    layers: tuple[int, ...] = (96, 24, 96)
    epochs: int = 30
    kind: ClassVar[str] = "autoencoder"

    def fit(
        self, matrix: Floats, labels: Labels, schema: Schema, *, seed: int,
        rounds: int | None = None, weights: Floats | None = None,  # noqa: ARG002
    ) -> Drawn:  # fmt: skip
        normal = matrix[labels == 0]
        expansion, centre, spread = fit_scaling(normal, schema)
        scaled = scaled_of(expansion.expand(normal), centre, spread)
        learner = MLPRegressor(
            hidden_layer_sizes=self.layers, activation="tanh", max_iter=self.epochs,
            batch_size=min(256, len(scaled)), random_state=seed, learning_rate_init=2e-3,
            n_iter_no_change=self.epochs,
        )  # fmt: skip
        with warnings.catch_warnings():
            # So many epochs and no more is the plan, not a failure to converge.
            warnings.simplefilter("ignore", ConvergenceWarning)
            learner.fit(scaled, scaled)
        layers = tuple(
            (weight.astype(np.float32), shift.astype(np.float32))
            for weight, shift in zip(learner.coefs_, learner.intercepts_, strict=True)
        )
        return Drawn(expansion, centre, spread, layers)

    def settings(self) -> dict[str, Any]:
        return {"layers": list(self.layers), "epochs": self.epochs}


def fit_scaling(normal: Floats, schema: Schema) -> tuple[Expansion, Single, Single]:
    """Return how normal rows are expanded, and the centre and spread of each column."""
    expansion = Expansion.fit(normal, schema)
    columns = _squeezed(expansion.expand(normal))
    return expansion, columns.mean(axis=0), np.maximum(columns.std(axis=0), _SPREAD_LEAST)


def _squeezed(columns: Floats) -> Single:
    return np.asarray(np.sign(columns) * np.log1p(np.abs(columns)), dtype=np.float32)


def _clipped(squeezed: Single, centre: Single, spread: Single) -> Single:
    far = np.clip((squeezed - centre) / spread, -_FAR, _FAR)
    return np.asarray(far, dtype=np.float32)


def scaled_of(columns: Floats, centre: Single, spread: Single) -> Single:
    """Return expanded columns as the network sees them, shape (n, columns), in [-10, 10]."""
    return _clipped(_squeezed(columns), centre, spread)
