"""Weights of the signs, and the bar below which the library says "I don't know". JSON, no pickle.

    signs ─▶ (signs − mean) / spread · weights + bias ─▶ logistic ─▶ fit in [0, 1]

Four sets: with an encoder and without one, each for a book that says how customers ask and for one
that does not.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

FILE = "fit.json"
SETS = ("meanings_asked", "words_asked", "meanings", "words")


@dataclass(frozen=True, slots=True)
class Logistic:
    """P = 1 / (1 + exp(−(bias + signs · weights))). Names: which sign each weight is for."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float

    def of(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return P of each row, shape (n_rows,); `table` has the columns `names`, in order."""
        scores = np.asarray(table, dtype=np.float64) @ np.array(self.weights) + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(scores, -40, 40))))


@dataclass(frozen=True, slots=True)
class Weights:
    """passages: P(a passage answers); answers: P(the best one truly does); bars: least to speak."""

    passages: dict[str, Logistic] = field(default_factory=dict)
    answers: dict[str, Logistic] = field(default_factory=dict)
    bars: dict[str, float] = field(default_factory=dict)

    def fit(self, table: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return self.passages[name].of(table)

    def sure(self, row: NDArray[np.float64], name: str) -> float:
        return float(self.answers[name].of(row[None, :])[0])

    def bar(self, name: str) -> float:
        return self.bars[name]


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """Return the weights of the repository."""
    text = (resources.files("knowledge") / FILE).read_text(encoding="utf-8")
    return parse_weights(text)


def parse_weights(text: str) -> Weights:
    """Return the weights of a JSON text. Raises ValueError, KeyError, TypeError."""
    raw = json.loads(text)

    def logistics(key: str) -> dict[str, Logistic]:
        return {
            name: Logistic(tuple(one["names"]), tuple(one["weights"]), float(one["bias"]))
            for name, one in raw[key].items()
        }

    return Weights(logistics("passages"), logistics("answers"), dict(raw["bars"]))


def print_weights(weights: Weights) -> str:
    """Return the weights as JSON, in four digits: more is noise."""
    told = json.loads(json.dumps(asdict(weights)), parse_float=lambda one: round(float(one), 4))
    return json.dumps(told, indent=1) + "\n"
