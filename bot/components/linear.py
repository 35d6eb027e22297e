"""Reading by words and characters, free of Rasa: texts → margins and calibrated probabilities.

Features: TF-IDF of words(1,2) and of characters(2..5) within words, side by side, each half of
unit length. Digits are folded to 0: an amount must not decide an intent by its figures.
Confidence: softmax(margins / temperature), the temperature being the one that makes held-out
answers most likely (Guo et al. 2017, "On Calibration of Modern Neural Networks").
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Callable

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

SEED = 7
#: How many folds hold out examples, for the temperature and for blending.
FOLDS = 3
#: With more examples one fold is enough to measure on, and saves two trainings.
MEASURED_ENOUGH = 3_000
#: With fewer examples an intent is left out of the held-out measurement.
MIN_EXAMPLES_PER_INTENT = FOLDS
TEMPERATURE_RANGE = (0.1, 10.0)

_WORD = r"(?u)\b\w+(?:'\w+)?\b|[€£$?]"
_DIGIT = re.compile(r"\d")


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
        return cls.fit_measured(texts, labels, c=c)[0]

    @classmethod
    def fit_measured(
        cls, texts: list[str], labels: list[str], *, c: float
    ) -> tuple[LinearTextModel, np.ndarray, np.ndarray]:
        """Return (model, margins, measured): each example's margins from a fold that held it out.

        `margins` is (n, n_labels); `measured` (n,) says which rows were held out at all.
        """
        words = _word_grams().fit(texts)
        characters = _character_grams().fit(texts)
        features = _features(words, characters, texts)
        names, targets = np.unique(labels, return_inverse=True)
        margins, measured = _held_out_margins(features, targets, c=c)
        temperature = _fit_temperature(margins[measured], targets[measured])
        classifier = _fit_classifier(features, targets, c=c)
        model = cls(
            labels=[str(name) for name in names],
            words=words,
            characters=characters,
            weights=_weights_of(classifier).astype(np.float32),
            biases=_biases_of(classifier).astype(np.float32),
            temperature=temperature,
        )
        return model, margins, measured

    def margins(self, texts: list[str]) -> np.ndarray:
        """Return shape (n_texts, n_labels): how far on the right side of each intent's border."""
        return np.stack([self._margins_of(text) for text in texts])

    def _margins_of(self, text: str) -> np.ndarray:
        """Return one row; the same as through sklearn's sparse matrices, in a third of the time."""
        margins, start = self.biases.copy(), 0
        for places, rarity, analyze in self._analyzers:
            counts = Counter(places[gram] for gram in analyze(text) if gram in places)
            if counts:
                columns = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
                often = np.fromiter(counts.values(), dtype=np.float64, count=len(counts))
                values = (1 + np.log(often)) * rarity[columns]
                values /= np.sqrt(values @ values)
                margins += values.astype(np.float32) @ self.weights[start + columns]
            start += len(places)
        return margins

    @cached_property
    def _analyzers(self) -> list[tuple[dict[str, int], np.ndarray, Callable[[str], list[str]]]]:
        """What `_margins_of` needs of each vectorizer: vocabulary, IDF, what cuts a text up."""
        both = (self.words, self.characters)
        return [(one.vocabulary_, np.array(one.idf_), one.build_analyzer()) for one in both]

    def probabilities(self, texts: list[str]) -> np.ndarray:
        """Return shape (n_texts, n_labels), rows summing to 1."""
        return softmax(self.margins(texts) / self.temperature)

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


def _held_out_margins(
    features: csr_matrix, targets: np.ndarray, *, c: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return (margins, measured); nothing is measured where intents have too few examples."""
    counts = np.bincount(targets)
    margins = np.zeros((len(targets), len(counts)), dtype=np.float32)
    measured = np.zeros(len(targets), dtype=bool)
    enough = np.flatnonzero((counts >= MIN_EXAMPLES_PER_INTENT)[targets])
    if len(np.unique(targets[enough])) <= 1:
        return margins, measured
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for learn, hold in folds.split(enough, targets[enough]):
        classifier = _fit_classifier(features[enough[learn]], targets[enough[learn]], c=c)
        rows = enough[hold]
        found = features[rows] @ _weights_of(classifier) + _biases_of(classifier)
        # An intent with too few examples for the folds stands below every other.
        margins[rows] = found.min() if found.size else 0.0
        margins[np.ix_(rows, classifier.classes_)] = found
        measured[rows] = True
        if measured.sum() >= MEASURED_ENOUGH:
            break
    return margins, measured


def _fit_temperature(margins: np.ndarray, targets: np.ndarray) -> float:
    """Return the temperature of least held-out log loss; 1.0 with nothing held out."""
    if not len(targets):
        return 1.0
    rows = np.arange(len(targets))

    def log_loss(temperature: float) -> float:
        chosen = softmax(margins / temperature)[rows, targets]
        return float(-np.log(np.clip(chosen, 1e-12, None)).mean())

    return float(minimize_scalar(log_loss, bounds=TEMPERATURE_RANGE, method="bounded").x)


def softmax(margins: np.ndarray) -> np.ndarray:
    """Return rows that sum to 1, in the order of the margins."""
    shifted = np.exp(margins - margins.max(axis=1, keepdims=True))
    shares: np.ndarray = shifted / shifted.sum(axis=1, keepdims=True)
    return shares
