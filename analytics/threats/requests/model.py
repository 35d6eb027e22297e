"""A linear model of character runs and signatures: P(this request carries an attack), and where.

    normalised target ──▶ path and parameters, each by itself ──▶ log-odds of each ──▶ the highest
                                                                    └── weights over the text: spans

    log-odds = bias + Σ weights of different runs / √(number of runs) + Σ weights of signatures

Each part is scored alone, so that an attack in one parameter is not thinned by two kilobytes of
others. Weights are one array of 2^18 numbers and one per signature; a request costs some hundreds
of microseconds and no library but numpy.

Files: model.json with the SHA-256 of weights.npz; a model of other signatures is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from analytics.errors import BrokenModel
from analytics.models import Floats
from analytics.threats.requests import grams
from analytics.threats.requests.normalising import PART
from analytics.threats.requests.signatures import find_hits, load_signatures
from bank.whole_files import sha256_of

FORMAT = 2
NAME, WEIGHTS = "model.json", "weights.npz"
_PLAIN_NAME = re.compile(r"[\w.\[\]-]{1,40}=")
_SPANS_MOST, _SPAN_CHARACTERS = 3, 40


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a normalised request that raised its score. weight: its log-odds."""

    text: str
    weight: float


@dataclass(frozen=True)
class RequestModel:
    """Weights of runs, (2^18,), and of signatures by name; threshold: log-odds of an alert."""

    weights: Floats
    signatures: dict[str, float]
    bias: float
    threshold: float
    facts: dict[str, Any] = field(default_factory=dict)

    def log_odds(self, text: str) -> float:
        """Return the score of a normalised target: its worst part's."""
        return float(self._scored(parts_of(text)).max())

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return log-odds, shape (n,)."""
        return np.array([self.log_odds(text) for text in texts])

    def spans(self, text: str) -> list[Span]:
        """Return what raised the score most, at most three runs of characters of the worst part."""
        parts = parts_of(text)
        part = parts[int(self._scored(parts).argmax())]
        seen = grams.seen(part)
        if not len(seen):
            return []
        over = grams.laid_over(part, self.weights) / np.sqrt(len(seen))
        found = []
        for start, end in _rising(over):
            weight = float(over[start:end].sum())
            found.append(Span(part[start:end][:_SPAN_CHARACTERS], round(weight, 2)))
        return sorted(found, key=lambda one: -one.weight)[:_SPANS_MOST]

    def _scored(self, parts: Sequence[str]) -> Floats:
        """Return the log-odds of each part, shape (n,)."""
        columns, counts = grams.seen_in(parts)
        rows = np.repeat(np.arange(len(parts)), counts)
        runs = np.bincount(rows, self.weights[columns], minlength=len(parts))
        fired = [sum(self.signatures[hit.name] for hit in find_hits(part)) for part in parts]
        return np.asarray(self.bias + runs / np.sqrt(np.maximum(counts, 1)) + fired)

    def save(self, folder: Path) -> None:
        """Write both files into an empty folder."""
        folder.mkdir(parents=True, exist_ok=True)
        assert not any(folder.iterdir()), f"{folder} is not empty"
        np.savez_compressed(folder / WEIGHTS, weights=self.weights.astype(np.float32))
        told = {
            "format": FORMAT, "bias": self.bias, "threshold": self.threshold,
            "signatures": self.signatures, "facts": self.facts,
            "sha256": {WEIGHTS: sha256_of(folder / WEIGHTS)},
        }  # fmt: skip
        text = json.dumps(told, indent=1, allow_nan=False)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model. Raises BrokenModel: missing, changed, or of other signatures."""
        try:
            told = json.loads((folder / NAME).read_text(encoding="utf-8"))
            if told["format"] != FORMAT or sha256_of(folder / WEIGHTS) != told["sha256"][WEIGHTS]:
                raise BrokenModel(f"{folder.name} is not the model of requests that was saved.")
            with np.load(folder / WEIGHTS, allow_pickle=False) as file:
                weights = file["weights"].astype(np.float64)
            model = cls(
                weights, {str(name): float(one) for name, one in told["signatures"].items()},
                float(told["bias"]), float(told["threshold"]), dict(told["facts"]),
            )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
            raise BrokenModel(f"There is no whole model of requests in {folder.name}.") from fault
        if weights.shape != (grams.PLACES,):
            raise BrokenModel(f"{folder.name} has another number of weights.")
        if list(model.signatures) != [one.name for one in load_signatures()]:
            raise BrokenModel(f"{folder.name} learnt other signatures; train it anew.")
        return model


def parts_of(text: str) -> list[str]:
    r"""Return what is scored: the path, and each parameter from its = on.

    The name of a parameter is ours to choose and says nothing; one with signs in it is looked at.

    >>> parts_of("/a\x1fq=x\x1fid[$ne]=1")
    ['/a', '=x', 'id[$ne]=1']
    """
    path, *parts = text.split(PART)
    return [path, *(_shortened(part) for part in parts)]


def _shortened(part: str) -> str:
    name = _PLAIN_NAME.match(part)
    return part[name.end() - 1 :] if name else part


def _rising(over: Floats) -> list[tuple[int, int]]:
    """Return the stretches of characters that add, from where to where."""
    adds = np.concatenate([[False], over > 0, [False]])
    edges = np.flatnonzero(adds[1:] != adds[:-1])
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
