"""Two readings of a sentence, blended: its words and characters, and its meaning.

    words      margins of LinearTextModel   ─┐ a · log(max(scores, 0) + e) + b · margins
    sentence   scores of KernelModel         ─┘   ─▶ softmax ─▶ confidences

a, b and e are those that make held-out answers most likely, so they weigh the two readings and
calibrate the confidences at once. A kernel's scores are shares already, near 1 and near 0: with
their logarithm the calibration error is a third of what it is without. Without an encoder the
words answer alone, calibrated by their own temperature.

How surely a text is anything at all is its energy, log Σ exp(logits) (Liu et al. 2020,
"Energy-based Out-of-distribution Detection"). Its typicality is the share of held-out examples with
less of it: a conformal p-value, so rejecting below 0.02 rejects 2 % of what the model was taught.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Protocol, Sequence

import numpy as np
from scipy.optimize import minimize

from bot.components.cleaning import clean_text
from bot.components.kernel import EXAMPLES_MOST, KernelModel
from bot.components.linear import SEED, LinearTextModel, softmax
from bot.components.speller import Speller

#: Energies kept of the held-out examples: typicality in steps of a thousandth.
ENERGY_STEPS = 1001
#: Where the search for (a, b, e) begins.
WEIGHTS_START = (2.0, 0.3, 0.02)


class Encoding(Protocol):
    """What turns texts into unit vectors: bot.components.encoder.Encoder, or a test's own."""

    digest: str

    def encode(self, texts: Sequence[str]) -> np.ndarray: ...


@dataclass(frozen=True)
class BlendedTextModel:
    """`weights` are (a, b, e) of the module's picture; None, as `sentences`, without an encoder.

    `energies` (ENERGY_STEPS,) are quantiles of the held-out examples'; none with nothing held out.
    """

    words: LinearTextModel
    speller: Speller
    energies: np.ndarray
    sentences: Optional[KernelModel] = None
    weights: Optional[np.ndarray] = None
    encoder: Optional[Encoding] = None

    @property
    def labels(self) -> list[str]:
        return self.words.labels

    @classmethod
    def fit(
        cls,
        texts: list[str],
        labels: list[str],
        *,
        c: float,
        encoder: Optional[Encoding] = None,
        language: str = "en",
    ) -> BlendedTextModel:
        """Return the model of these examples; same examples and encoder → same model."""
        texts = [clean_text(text) for text in texts]
        speller = Speller.fit(texts, language=language)
        words, margins, measured = LinearTextModel.fit_measured(texts, labels, c=c)
        if encoder is None:
            held_out = margins[measured] / words.temperature
            return cls(words, speller, _quantiles(held_out))
        targets = np.searchsorted(words.labels, labels)
        chosen = _thinned(targets, EXAMPLES_MOST)
        names = encoder.encode([label.replace("_", " ") for label in words.labels])
        vectors = encoder.encode([texts[row] for row in chosen])
        sentences, scores = KernelModel.fit(vectors, targets[chosen], names)
        both = measured[chosen]
        scores, margins = scores[both], margins[chosen][both]
        weights = _fit_weights(scores, margins, targets[chosen][both])
        energies = _quantiles(_blend(weights, scores, margins))
        return cls(words, speller, energies, sentences, weights, encoder)

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Return shape (n_texts, n_labels), rows summing to 1."""
        return self.read(texts)[0]

    def read(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return (probabilities, typicality): (n_texts, n_labels) and (n_texts,), both 0 to 1."""
        spelt = [self.speller.correct(clean_text(text)) for text in texts]
        margins = self.words.margins(spelt)
        if self.sentences is None or self.encoder is None or self.weights is None:
            logits = margins / self.words.temperature
        else:
            scores = self.sentences.scores(self.encoder.encode(spelt))
            logits = _blend(self.weights, scores, margins)
        if not len(self.energies):
            return softmax(logits), np.ones(len(logits))
        below = np.searchsorted(self.energies, _energies(logits), side="right")
        return softmax(logits), below / len(self.energies)

    def as_parts(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Return (arrays, plain words) that `from_parts` takes."""
        arrays, names = self.words.as_parts()
        arrays["energies"] = self.energies
        names |= {"word_counts": self.speller.counts, "language": self.speller.language}
        if self.sentences is not None and self.weights is not None and self.encoder is not None:
            arrays |= {
                "sentence_centre": self.sentences.centre, "blend_weights": self.weights,
                "sentence_directions": self.sentences.directions,
                "sentence_anchors": self.sentences.anchors.astype(np.float16),
                "sentence_alphas": self.sentences.alphas,
            }  # fmt: skip
            names["encoder"] = self.encoder.digest
        return arrays, names

    @classmethod
    def from_parts(
        cls, arrays: dict[str, np.ndarray], names: dict[str, Any], encoder: Optional[Encoding]
    ) -> BlendedTextModel:
        """Rebuild a model. Without the encoder it was trained with, the words answer alone.

        Their energies were not measured then: every text counts as typical.
        """
        words = LinearTextModel.from_parts(arrays, names)
        speller = Speller(names["word_counts"], language=names["language"])
        trained_with = names.get("encoder")
        if encoder is None or trained_with != encoder.digest:
            return cls(words, speller, arrays["energies"] if trained_with is None else np.empty(0))
        sentences = KernelModel(
            arrays["sentence_centre"], arrays["sentence_directions"],
            arrays["sentence_anchors"].astype(np.float32), arrays["sentence_alphas"],
        )  # fmt: skip
        return cls(words, speller, arrays["energies"], sentences, arrays["blend_weights"], encoder)


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


def _energies(logits: np.ndarray) -> np.ndarray:
    """Return log Σ exp of each row; scipy's takes a tenth of a millisecond for one."""
    most = logits.max(axis=1)
    energies: np.ndarray = most + np.log(np.exp(logits - most[:, None]).sum(axis=1))
    return energies


def _quantiles(logits: np.ndarray) -> np.ndarray:
    """Return quantiles of the energies of these rows, ascending; none of no rows."""
    if not len(logits):
        return np.empty(0)
    steps: np.ndarray = np.quantile(_energies(logits), np.linspace(0, 1, ENERGY_STEPS))
    return steps.astype(np.float32)


def _blend(weights: np.ndarray, scores: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Return the logits of the module's picture."""
    a, b, e = weights
    logits: np.ndarray = a * np.log(np.maximum(scores, 0) + e) + b * margins
    return logits


def _fit_weights(scores: np.ndarray, margins: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return (a, b, e) of least held-out log loss; the start where there is nothing to measure."""
    if not len(targets):
        return np.array(WEIGHTS_START)
    rows = np.arange(len(targets))
    likely = np.maximum(scores, 0)

    def log_loss(logs: np.ndarray) -> tuple[float, np.ndarray]:
        a, b, e = np.exp(logs)
        surprise = a * np.log(likely + e)
        misses = softmax(surprise + b * margins)
        loss = -np.log(np.clip(misses[rows, targets], 1e-12, None)).mean()
        misses[rows, targets] -= 1
        slopes = (surprise, b * margins, a * e / (likely + e))
        return float(loss), np.array([(misses * slope).sum() / len(rows) for slope in slopes])

    bounds = [(-2, 3), (-6, 2), (-7, 0)]
    found = minimize(log_loss, np.log(WEIGHTS_START), jac=True, method="L-BFGS-B", bounds=bounds)
    fitted: np.ndarray = np.exp(found.x)
    return fitted
