"""How well sentiment is told: on held-out templates of our own, and on a file of labelled phrases.

    held out    invented headlines of templates and words that nothing learnt from
    phrases     "sentence@positive" a line: stratified folds, each contender learning on the rest

The strength of the regularisation is chosen inside each training part, by folds of its own. Every
text counts once, so that no sentence is learnt from and asked. Nothing of a file is kept.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedKFold

from analytics.models import Floats, Progress, quietly
from analytics.news.features import Read, read_headline
from analytics.news.learning import head_of, unlearnt
from analytics.news.reading import BrokenFeed
from analytics.news.sentiment import TONES, SentimentModel, vader
from analytics.suspicion.encoder import Encoder

FOLDS, INNER_FOLDS = 5, 3
#: Strengths compared inside each training part.
STRENGTHS = (0.7, 1.2, 2.0)
_TONES_OF = {"negative": -1, "neutral": 0, "positive": 1}

Tones = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Figures:
    """accuracy, macro_f1: 0-1. rows_count: texts asked."""

    accuracy: float
    macro_f1: float
    rows_count: int


def figures_of(truth: Tones, said: Tones) -> Figures:
    """Return how often `said` is right, and the mean F1 of the three tones."""
    macro = f1_score(truth, said, labels=[int(one) for one in TONES], average="macro",
                     zero_division=0.0)  # fmt: skip
    return Figures(float(accuracy_score(truth, said)), float(macro), len(truth))


def read_phrases(path: Path) -> tuple[list[str], Tones]:
    """Return texts, each once, and their tones, of a file `text@tone` a line. Raises BrokenFeed."""
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
    except (OSError, EOFError) as fault:
        raise BrokenFeed(f"{path.name} cannot be read.") from fault
    found: dict[str, int] = {}
    for number, line in enumerate(raw.decode("latin-1").splitlines(), start=1):
        text, _, tone = line.rpartition("@")
        if not line.strip():
            continue
        if tone.strip() not in _TONES_OF or not text.strip():
            raise BrokenFeed(
                f"Line {number} of {path.name} is not text@positive, @neutral or @negative."
            )
        found.setdefault(text.strip(), _TONES_OF[tone.strip()])
    if not found:
        raise BrokenFeed(f"{path.name} has no lines.")
    return list(found), np.array(list(found.values()), dtype=np.int64)


def said_by_vader(texts: Sequence[str]) -> Tones:
    return np.array([int(vader(one).tone) for one in texts], dtype=np.int64)


def said_by(model: SentimentModel, texts: Sequence[str], encoder: Encoder | None = None) -> Tones:
    """Return the likeliest tone of each text."""
    return _likeliest(model.probabilities(texts, encoder))


def _likeliest(probabilities: Floats) -> Tones:
    return np.array([int(TONES[one]) for one in probabilities.argmax(axis=1)], dtype=np.int64)


@dataclass(frozen=True)
class Part:
    """Some of the texts, read once. vectors: shape (n, width), None without an encoder."""

    texts: list[str]
    reads: list[Read]
    vectors: Floats | None

    def at(self, places: NDArray[np.int64]) -> Part:
        rows = places.tolist()
        return Part(
            [self.texts[one] for one in rows],
            [self.reads[one] for one in rows],
            None if self.vectors is None else self.vectors[places],
        )

    def without_vectors(self) -> Part:
        return replace(self, vectors=None)


Learner = Callable[[Part, Tones, Part], Tones]


def cross_validated(
    texts: Sequence[str],
    tones: Tones,
    encoder: Encoder | None,
    *,
    folds: int = FOLDS,
    seed: int = 7,
    progress: Progress = quietly,
) -> dict[str, list[Figures]]:
    """Return each contender's figures: of all folds together, then of each fold."""
    vectors = None if encoder is None else encoder.encode(texts).astype(np.float64)
    whole = Part(list(texts), [read_headline(one) for one in texts], vectors)
    contenders: dict[str, Learner] = {"TF-IDF + LR": _plain, "Florin without encoder": _alone}
    if vectors is not None:
        contenders["Florin"] = _ours
    said = {name: np.zeros(len(texts), dtype=np.int64) for name in contenders}
    said["VADER"] = said_by_vader(texts)
    plan = list(
        StratifiedKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(tones)), tones)
    )
    for turn, (learnt, asked) in enumerate(plan):
        for name, learner in contenders.items():
            said[name][asked] = learner(whole.at(learnt), tones[learnt], whole.at(asked))
        progress((turn + 1) / folds)
    return {
        name: [
            figures_of(tones, found),
            *(figures_of(tones[asked], found[asked]) for _, asked in plan),
        ]
        for name, found in said.items()
    }


def _plain(learnt: Part, tones: Tones, asked: Part) -> Tones:
    """Words and pairs by TF-IDF, one regression: what everybody starts with."""
    cut = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    model = LogisticRegression(C=10.0, max_iter=300)
    model.fit(cut.fit_transform(learnt.texts), tones)
    return np.asarray(model.predict(cut.transform(asked.texts)), dtype=np.int64)


def _alone(learnt: Part, tones: Tones, asked: Part) -> Tones:
    return _ours(learnt.without_vectors(), tones, asked.without_vectors())


def _ours(learnt: Part, tones: Tones, asked: Part) -> Tones:
    (said,) = _said(learnt, tones, asked, (_strength(learnt, tones),))
    return said


def _said(learnt: Part, tones: Tones, asked: Part, strengths: Sequence[float]) -> Iterator[Tones]:
    """Yield what a model of each strength says, terms and scales being learnt once."""
    blank = unlearnt(learnt.reads)
    features = blank.features(learnt.reads, learnt.vectors)
    of_asked = blank.features(asked.reads, asked.vectors)
    for strength in strengths:
        yield _likeliest(head_of(features, tones, strength).probabilities(of_asked))


def _strength(learnt: Part, tones: Tones) -> float:
    """Return the strength that is right most often inside a training part."""
    plan = StratifiedKFold(INNER_FOLDS, shuffle=True, random_state=1)
    right = dict.fromkeys(STRENGTHS, 0)
    for inner, apart in plan.split(np.zeros(len(tones)), tones):
        found = _said(learnt.at(inner), tones[inner], learnt.at(apart), STRENGTHS)
        for strength, said in zip(STRENGTHS, found, strict=True):
            right[strength] += int((said == tones[apart]).sum())
    return max(STRENGTHS, key=lambda one: right[one])
