"""Two readings of a sentence, blended: its words and characters, and its meaning.

    words      margins of LinearTextModel        ─┐ logits = a · scores + b · margins
    sentence   scores of KernelModel (if encoded) ─┘   ─▶ softmax ─▶ confidences

a and b are those that make held-out answers most likely, so they weigh the two readings and
calibrate the confidences at once. Without an encoder the words answer alone, calibrated by their
own temperature.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Protocol, Sequence

import numpy as np
from scipy.optimize import minimize

from bot.components import kernel, linear
from bot.components.kernel import EXAMPLES_MOST, KernelModel
from bot.components.linear import SEED, LinearTextModel, softmax


class Encoding(Protocol):
    """What turns texts into unit vectors: bot.components.encoder.Encoder, or a test's own."""

    digest: str

    def encode(self, texts: Sequence[str]) -> np.ndarray: ...


def source_digest() -> str:
    """Return a digest of the sources a trained model depends on."""
    parts = (linear.__file__, kernel.__file__, __file__)
    return hashlib.sha256(b"\0".join(Path(one).read_bytes() for one in parts)).hexdigest()


@dataclass(frozen=True)
class BlendedTextModel:
    """`weights` are (a, b) of the module's picture; the other three are None without an encoder."""

    words: LinearTextModel
    sentences: Optional[KernelModel] = None
    weights: Optional[np.ndarray] = None
    encoder: Optional[Encoding] = None

    @property
    def labels(self) -> list[str]:
        return self.words.labels

    @classmethod
    def fit(
        cls, texts: list[str], labels: list[str], *, c: float, encoder: Optional[Encoding] = None
    ) -> BlendedTextModel:
        """Return the model of these examples; same examples and encoder → same model."""
        words, margins, measured = LinearTextModel.fit_measured(texts, labels, c=c)
        if encoder is None:
            return cls(words)
        targets = np.searchsorted(words.labels, labels)
        chosen = _thinned(targets, EXAMPLES_MOST)
        names = encoder.encode([label.replace("_", " ") for label in words.labels])
        vectors = encoder.encode([texts[row] for row in chosen])
        sentences, scores = KernelModel.fit(vectors, targets[chosen], names)
        both = measured[chosen]
        weights = _fit_weights(scores[both], margins[chosen][both], targets[chosen][both])
        return cls(words, sentences, weights, encoder)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return shape (n_texts, n_labels), rows summing to 1."""
        if self.sentences is None or self.encoder is None or self.weights is None:
            return self.words.probabilities(list(texts))
        scores = self.sentences.scores(self.encoder.encode(texts))
        margins = self.words.margins(list(texts))
        return softmax(self.weights[0] * scores + self.weights[1] * margins)

    def as_parts(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Return (arrays, plain words) that `from_parts` takes."""
        arrays, names = self.words.as_parts()
        if self.sentences is not None and self.weights is not None and self.encoder is not None:
            arrays |= {
                "sentence_centre": self.sentences.centre, "blend_weights": self.weights,
                "sentence_anchors": self.sentences.anchors.astype(np.float16),
                "sentence_alphas": self.sentences.alphas,
            }  # fmt: skip
            names["encoder"] = self.encoder.digest
        return arrays, names

    @classmethod
    def from_parts(
        cls, arrays: dict[str, np.ndarray], names: dict[str, Any], encoder: Optional[Encoding]
    ) -> BlendedTextModel:
        """Rebuild a model. Without the encoder it was trained with, the words answer alone."""
        words = LinearTextModel.from_parts(arrays, names)
        if encoder is None or names.get("encoder") != encoder.digest:
            return cls(words)
        anchors = arrays["sentence_anchors"].astype(np.float32)
        sentences = KernelModel(arrays["sentence_centre"], anchors, arrays["sentence_alphas"])
        return cls(words, sentences, arrays["blend_weights"], encoder)


def ranked(labels: Sequence[str], shares: np.ndarray, most: int) -> list[dict[str, Any]]:
    """Return the likeliest labels of one row of shares as Rasa writes them, likeliest first."""
    best_first = np.argsort(-shares)[:most]
    return [{"name": labels[i], "confidence": float(shares[i])} for i in best_first]


def _thinned(targets: np.ndarray, most: int) -> np.ndarray:
    """Return at most `most` rows, each intent losing of its plenty first; in order."""
    if len(targets) <= most:
        return np.arange(len(targets))
    mixed = np.random.default_rng(SEED).permutation(len(targets))
    rank = np.zeros(len(targets), dtype=int)
    for target in np.unique(targets):
        mine = mixed[targets[mixed] == target]
        rank[mine] = np.arange(len(mine))
    return np.sort(mixed[np.argsort(rank[mixed], kind="stable")[:most]])


def _fit_weights(scores: np.ndarray, margins: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return (a, b) of least held-out log loss; the start where there is nothing to measure."""
    start = np.log([12.0, 0.3])
    if not len(targets):
        weights: np.ndarray = np.exp(start)
        return weights
    rows = np.arange(len(targets))

    def log_loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        parts = (np.exp(logs[0]) * scores, np.exp(logs[1]) * margins)
        shares = softmax(parts[0] + parts[1])
        loss = -np.log(np.clip(shares[rows, targets], 1e-12, None)).mean()
        shares[rows, targets] -= 1
        return float(loss), np.array([(shares * part).sum() / len(rows) for part in parts])

    found = minimize(log_loss, start, jac=True, method="L-BFGS-B", bounds=[(-1, 4), (-6, 2)])
    fitted: np.ndarray = np.exp(found.x)
    return fitted
