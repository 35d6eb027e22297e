"""Which language a message is written in, word by word.

    quiero  freeze  my  card          evidence of a word = Σ weights of its letters(1..4)
      es      en    en   en           evidence of a text = Σ evidence of its words + prior
      └──────────┬─────────┘
    P(en) .91  P(es) .09   mixed      softmax over the languages of the training sentences

Learnt from a bank's own sentences: "saldo" alone is Spanish to a bank of Spain and England, and a
general model of twenty languages cannot know that (docs/adr/0017-one-reader-a-language.md). A
word's evidence is bounded, so that one foreign name does not turn a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.components.linear import SEED, softmax

#: A word speaks for a language from this difference of evidence on (e to the 1.5: 4 to 1).
WORD_EVIDENCE = 1.5
#: No word says more than this.
WORD_EVIDENCE_MOST = 4.0
#: A message of two languages has so much evidence of each: two words, or one beyond doubt.
MIXED_EVIDENCE = 2.5
LETTERS_MOST = 4
GRAM_FROM = 3
CACHED_WORDS = 20_000
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[¿¡]")


@dataclass(frozen=True)
class SpokenLanguage:
    """`shares` (n_languages,) sum to one; `is_mixed` when two languages are spoken."""

    shares: np.ndarray
    is_mixed: bool


@dataclass
class LanguageModel:
    """`weights`: letters → evidence (n_languages,) each; `prior` (n_languages,)."""

    names: list[str]
    weights: dict[str, np.ndarray]
    prior: np.ndarray
    _evidence: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._evidence = lru_cache(CACHED_WORDS)(self._evidence_of)

    @classmethod
    def fit(cls, texts: Sequence[str], languages: Sequence[str]) -> LanguageModel:
        """Return the model of these sentences, each in one of at least two languages."""
        names, targets = np.unique(languages, return_inverse=True)
        grams = [Counter(gram for word in _words(text) for gram in _grams(word)) for text in texts]
        seen = Counter(gram for one in grams for gram in one)
        columns = {gram: i for i, gram in enumerate(g for g, n in seen.items() if n >= GRAM_FROM)}
        cells = [
            (row, columns[gram], count)
            for row, one in enumerate(grams)
            for gram, count in one.items()
            if gram in columns
        ]
        rows, places, counts = np.array(cells).T
        features = csr_matrix(
            (np.minimum(counts, 2).astype(float), (rows, places)), (len(texts), len(columns))
        )
        classifier = LogisticRegression(
            C=1.0, solver="liblinear", class_weight="balanced", max_iter=100, random_state=SEED
        ).fit(features, targets)
        weights, prior = classifier.coef_, classifier.intercept_
        if len(names) == 2:
            weights, prior = np.vstack([-weights, weights]) / 2, np.hstack([-prior, prior]) / 2
        rounded = weights.T.astype(np.float16).astype(np.float32)
        table = {gram: rounded[column] for gram, column in columns.items() if rounded[column].any()}
        return cls([str(name) for name in names], table, prior.astype(np.float32))

    def identify(self, text: str) -> SpokenLanguage:
        """Return how likely each language is; the prior where no word says anything."""
        words = _words(text)
        if not words:
            return SpokenLanguage(np.full(len(self.names), 1 / len(self.names)), False)
        evidence = np.stack([self._evidence(word) for word in words])
        shares = softmax((evidence.sum(axis=0) + self.prior)[None])[0]
        best = np.sort(evidence, axis=1)
        ahead = best[:, -1] - best[:, -2]
        surely = (ahead >= WORD_EVIDENCE) & ~_names(text)
        spoken = np.zeros(len(self.names))
        np.add.at(spoken, evidence[surely].argmax(axis=1), ahead[surely])
        return SpokenLanguage(shares, int((spoken >= MIXED_EVIDENCE).sum()) > 1)

    def _evidence_of(self, word: str) -> np.ndarray:
        nothing = np.zeros(len(self.names), dtype=np.float32)
        found: np.ndarray = sum((self.weights.get(gram, nothing) for gram in _grams(word)), nothing)
        return np.clip(found, -WORD_EVIDENCE_MOST / 2, WORD_EVIDENCE_MOST / 2)

    def as_parts(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Return (arrays, plain words) that `from_parts` takes."""
        table = np.stack(list(self.weights.values())).astype(np.float16)
        arrays = {"language_weights": table, "language_prior": self.prior}
        return arrays, {"languages": self.names, "language_letters": list(self.weights)}

    @classmethod
    def from_parts(cls, arrays: dict[str, np.ndarray], words: dict[str, Any]) -> LanguageModel:
        """Rebuild a model; its answers equal those of the one that was saved."""
        table = arrays["language_weights"].astype(np.float32)
        weights = dict(zip(words["language_letters"], table, strict=True))
        return cls(words["languages"], weights, arrays["language_prior"])


def _words(text: str) -> list[str]:
    return [word.lower() for word in _written(text)]


def _written(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text).replace("’", "'"))


def _names(text: str) -> np.ndarray:
    """Return which words are written as names: with a capital, but not the first one.

    >>> _names("Send it to New York")
    array([False, False, False,  True,  True])
    """
    return np.array([i > 0 and word[0].isupper() for i, word in enumerate(_written(text))])


def _grams(word: str) -> list[str]:
    """Return the letters of a word, one to four in a row, its borders marked, and the word.

    >>> _grams("is")
    [' ', 'i', 's', ' ', ' i', 'is', 's ', ' is', 'is ', ' is ', '=is']
    """
    framed = f" {word} "
    letters = [
        framed[start : start + length]
        for length in range(1, LETTERS_MOST + 1)
        for start in range(len(framed) - length + 1)
    ]
    return [*letters, f"={word}"]
