"""Learning the sentiment of headlines: texts and tones ─▶ terms, scales, two heads.

    invented headlines ─▶ read ─┬─▶ TF-IDF of words, letters, shape ─┐
                                ├─▶ counts, scaled                   ├─▶ one softmax regression
                                └─▶ sentence vectors, if there are ──┘

The model that is shipped learns from headlines that the project invents, whose sentiment follows
from how they were built; no public sentence has any part in it. A bank with labelled headlines of
its own calls `fit` with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from analytics.errors import CannotLearn
from analytics.models import Floats, Progress, quietly
from analytics.news.features import Read, counts_of, read_headline
from analytics.news.sentiment import TONES, Head, SentimentModel
from analytics.news.terms import BLOCKS, Terms
from analytics.suspicion.encoder import Encoder, find_encoder
from bank.demo.headlines import InventedHeadline, headlines
from bank.demo.market import instruments

HEADLINES_COUNT = 5_000
#: Inverse strength of the regularisation.
C = 1.5
_UNTIL_UTC = datetime(2026, 1, 1, tzinfo=UTC)  # the days have no part in what is learnt


def train(
    folder: Path,
    *,
    encoder_folder: Path,
    count: int = HEADLINES_COUNT,
    seed: int = 7,
    progress: Progress = quietly,
) -> SentimentModel:
    """Learn from invented headlines and write the model into `folder`.

    encoder_folder: as set-up made it; may be absent, then words and shape alone serve.
    """
    told = invented(count=count, seed=seed)
    model = fit(
        [one.text for one in told],
        np.array([one.sentiment for one in told]),
        find_encoder(encoder_folder),
        facts={"headlines": len(told), "templates": len({one.template for one in told}),
               "seed": seed},
        progress=progress,
    )  # fmt: skip
    model.save(folder)
    return model


def invented(*, count: int, seed: int, held_out: bool = False) -> list[InventedHeadline]:
    """Return headlines about the invented universe; held out: of templates kept for testing."""
    return headlines(
        instruments(seed), seed=seed, count=count, until_utc=_UNTIL_UTC, held_out=held_out
    )


def fit(
    texts: Sequence[str],
    tones: NDArray[np.int64],
    encoder: Encoder | None = None,
    *,
    vectors: Floats | None = None,
    facts: dict[str, Any] | None = None,
    c: float = C,
    progress: Progress = quietly,
) -> SentimentModel:
    """Return the model of labelled headlines; tones: shape (n,), of -1, 0 and 1.

    vectors: shape (n, width), where the encoder's were already at hand. Raises CannotLearn.
    """
    if len(set(tones.tolist())) != len(TONES):
        raise CannotLearn("Headlines of all three tones are needed: bad, neutral, good.")
    reads = [read_headline(one) for one in texts]
    progress(0.1)
    if vectors is None and encoder is not None:
        vectors = encoder.encode(texts).astype(np.float64)
    progress(0.5)
    empty = unlearnt(reads)
    plain = empty.features(reads)
    alone = head_of(plain, tones, c)
    progress(0.7)
    together = None
    if vectors is not None:
        together = head_of(empty.features(reads, vectors), tones, c)
    progress(1.0)
    return SentimentModel(
        empty.terms, empty.means, empty.spreads, alone, together,
        encoder.digest if encoder is not None else "", facts or {},
    )  # fmt: skip


def unlearnt(reads: Sequence[Read]) -> SentimentModel:
    """Return terms and scales without weights."""
    counts = counts_of(reads)
    spreads = counts.std(axis=0)
    nothing = Head(np.zeros((0, len(TONES))), np.zeros(len(TONES)))
    try:
        terms = {name: Terms.learn(name, reads) for name in BLOCKS}
    except ValueError as fault:
        raise CannotLearn("The headlines share no words.") from fault
    return SentimentModel(terms, counts.mean(axis=0), np.where(spreads > 0, spreads, 1.0), nothing)


def head_of(features: csr_matrix, tones: NDArray[np.int64], c: float) -> Head:
    """Return the weights of one softmax regression; features: (n, n_features), tones: (n,)."""
    model = LogisticRegression(C=c, max_iter=300, tol=1e-3)
    model.fit(features, tones)
    return Head(model.coef_.T, model.intercept_)
