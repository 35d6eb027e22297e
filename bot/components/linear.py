"""The arithmetic behind the intent classifier, free of Rasa: texts → calibrated probabilities.

Features: TF-IDF of words(1,2) and of characters(2..5) within words, side by side, each half of
unit length. Digits are folded to 0: an amount must not decide an intent by its figures.
Confidence: softmax(margins / temperature), the temperature being the one that makes held-out
answers most likely (Guo et al. 2017, "On Calibration of Modern Neural Networks").
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

SEED = 7
#: How many folds hold out the examples the temperature is fitted on.
FOLDS = 3
#: With fewer examples an intent is left out of the held-out measurement.
MIN_EXAMPLES_PER_INTENT = FOLDS
TEMPERATURE_RANGE = (0.1, 10.0)

_WORD = r"(?u)\b\w+(?:'\w+)?\b|[€£$?]"
_DIGIT = re.compile(r"\d")


def source_digest() -> str:
    """Return a digest of this module's source."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def fold_text(text: str) -> str:
    """Return what the features see: lower case, accents folded, every digit 0.

    >>> fold_text("Envoyé £45 to José")
    'envoye £00 to jose'
    """
    decomposed = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _DIGIT.sub("0", bare.replace("\u2019", "'"))


def _word_grams(vocabulary: Any = None) -> TfidfVectorizer:
    return TfidfVectorizer(
        preprocessor=fold_text, token_pattern=_WORD, ngram_range=(1, 2),
        sublinear_tf=True, vocabulary=vocabulary, dtype=np.float64,
    )  # fmt: skip


def _character_grams(vocabulary: Any = None) -> TfidfVectorizer:
    return TfidfVectorizer(
        preprocessor=fold_text, analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True,
        min_df=1 if vocabulary else 2, vocabulary=vocabulary, dtype=np.float64,
    )  # fmt: skip


@dataclass(frozen=True)
class LinearTextModel:
    """Fitted vectorizers, weights (n_features, n_labels), biases (n_labels,), temperature."""

    labels: list[str]
    words: TfidfVectorizer
    characters: TfidfVectorizer
    weights: np.ndarray
    biases: np.ndarray
    temperature: float

    @classmethod
    def fit(cls, texts: list[str], labels: list[str], *, c: float) -> LinearTextModel:
        """Return the model of these examples; same examples → same model."""
        words = _word_grams().fit(texts)
        characters = _character_grams().fit(texts)
        features = _features(words, characters, texts)
        targets = np.asarray(labels)
        temperature = _fit_temperature(features, targets, c=c)
        classifier = _fit_classifier(features, targets, c=c)
        return cls(
            labels=[str(label) for label in classifier.classes_],
            words=words,
            characters=characters,
            weights=_weights_of(classifier).astype(np.float32),
            biases=_biases_of(classifier).astype(np.float32),
            temperature=temperature,
        )

    def probabilities(self, texts: list[str]) -> np.ndarray:
        """Return shape (n_texts, n_labels), rows summing to 1."""
        features = _features(self.words, self.characters, texts)
        margins = features.astype(np.float32) @ self.weights + self.biases
        return _softmax(margins / self.temperature)

    def as_parts(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Return (arrays, plain words) that `from_parts` takes."""
        arrays = {
            "weights": self.weights, "biases": self.biases,
            "word_idf": self.words.idf_, "character_idf": self.characters.idf_,
            "temperature": np.asarray(self.temperature),
        }  # fmt: skip
        names = {
            "labels": self.labels,
            "words": list(self.words.get_feature_names_out()),
            "characters": list(self.characters.get_feature_names_out()),
        }
        return arrays, names

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], names: dict[str, Any]) -> LinearTextModel:
        """Rebuild a model; its answers equal those of the one that was saved."""
        words = _word_grams({word: i for i, word in enumerate(names["words"])})
        characters = _character_grams({gram: i for i, gram in enumerate(names["characters"])})
        words.idf_ = arrays["word_idf"]
        characters.idf_ = arrays["character_idf"]
        return cls(
            labels=names["labels"], words=words, characters=characters,
            weights=arrays["weights"], biases=arrays["biases"],
            temperature=float(arrays["temperature"]),
        )  # fmt: skip


def _features(
    words: TfidfVectorizer, characters: TfidfVectorizer, texts: list[str]
) -> csr_matrix:
    return hstack([words.transform(texts), characters.transform(texts)]).tocsr()


def _fit_classifier(features: csr_matrix, targets: np.ndarray, *, c: float) -> LogisticRegression:
    # One against the rest, dual: a sixth of the time of the multinomial fit on BANKING77 for
    # 0.2 points of accuracy; the temperature mends the confidences either way.
    classifier = LogisticRegression(
        C=c, solver="liblinear", dual=True, max_iter=50, random_state=SEED
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 50 passes are enough, measured
        return classifier.fit(features, targets)


def _weights_of(classifier: LogisticRegression) -> np.ndarray:
    """(n_features, n_labels); sklearn keeps one row only when there are two labels."""
    weights = classifier.coef_
    return (np.vstack([-weights / 2, weights / 2]) if weights.shape[0] == 1 else weights).T


def _biases_of(classifier: LogisticRegression) -> np.ndarray:
    bias = classifier.intercept_
    return np.hstack([-bias / 2, bias / 2]) if bias.shape[0] == 1 else bias


def _fit_temperature(features: csr_matrix, targets: np.ndarray, *, c: float) -> float:
    """Return the temperature of least held-out log loss; 1.0 with too little to hold out."""
    names, counts = np.unique(targets, return_counts=True)
    measurable = np.isin(targets, names[counts >= MIN_EXAMPLES_PER_INTENT])
    features, targets = features[measurable], targets[measurable]
    if len(np.unique(targets)) <= 1:
        return 1.0
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    learn, hold = next(iter(folds.split(features, targets)))
    classifier = _fit_classifier(features[learn], targets[learn], c=c)
    margins = features[hold] @ _weights_of(classifier) + _biases_of(classifier)
    column = np.searchsorted(classifier.classes_, targets[hold])

    def log_loss(temperature: float) -> float:
        chosen = _softmax(margins / temperature)[np.arange(len(column)), column]
        return float(-np.log(np.clip(chosen, 1e-12, None)).mean())

    return float(minimize_scalar(log_loss, bounds=TEMPERATURE_RANGE, method="bounded").x)


def _softmax(margins: np.ndarray) -> np.ndarray:
    shifted = np.exp(margins - margins.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
