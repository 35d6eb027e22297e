"""How good a model still is, before the labels come: from its own calibrated probabilities.

    a row of probability p is right with chance p if we say yes, 1 − p if we say no;
    summed over a window this is the accuracy, the ROC-AUC, the average precision to expect

Confidence-based performance estimation (Garg et al. 2022; NannyML calls it CBPE). It sees a
change of *who comes* (the rows are harder now) and is blind to a change of *what they do* (the
same rows, other labels): the probabilities it believes are the model's own. For that, labels.

The interval is of the measure one would find in this window: rows drawn again, labels drawn from
the probabilities, 200 times.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.models import Floats

DRAWS_COUNT = 200
#: More rows make the interval no better than a tenth of a point.
ROWS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """One measure, estimated, with a 95 % interval. NaN: the window cannot say (one class)."""

    name: str
    value: float
    low: float
    high: float


def estimate(scores: Floats, *, threshold: float = 0.5, seed: int = 7) -> tuple[Estimate, ...]:
    """Return ROC-AUC, average precision, accuracy at the threshold, positives, of a window.

    scores: calibrated P(label = 1), shape (n,), n >= 1.
    """
    rng = np.random.default_rng(seed)
    if len(scores) > ROWS_MAX:
        scores = rng.choice(scores, ROWS_MAX, replace=False)
    ranked = np.sort(scores)[::-1]
    drawn = []
    for _ in range(DRAWS_COUNT):
        again = np.sort(rng.integers(0, len(ranked), len(ranked)))
        labels = rng.random(len(ranked)) < ranked[again]
        drawn.append(_measures(ranked[again], labels.astype(np.float64), threshold))
    expected = _measures(ranked, ranked, threshold, shared=True)
    with warnings.catch_warnings():  # a measure no draw could give is NaN, and said to be
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        lows, highs = np.nanquantile(np.array(drawn), [0.025, 0.975], axis=0)
    names = ("roc_auc", "average_precision", "accuracy", "positive_share")
    return tuple(
        Estimate(name, float(value), float(low), float(high))
        for name, value, low, high in zip(names, expected, lows, highs, strict=True)
    )


def _measures(
    ranked: Floats, labels: Floats, threshold: float, *, shared: bool = False
) -> tuple[float, float, float, float]:
    """Return the measures of rows from the highest score down; labels may be shares of one."""
    positives, negatives = labels.sum(), (1 - labels).sum()
    says_yes = ranked >= threshold
    accuracy = float(np.mean(np.where(says_yes, labels, 1 - labels)))
    if positives <= 0 or negatives <= 0:
        return float("nan"), float("nan"), accuracy, float(labels.mean())
    return (
        _roc_auc(ranked, labels, shared=shared),
        _average_precision(labels, shared=shared),
        accuracy,
        float(labels.mean()),
    )


def _roc_auc(ranked: Floats, labels: Floats, *, shared: bool) -> float:
    """Return the share of pairs (one of each class) in the right order; ties count half."""
    _, groups = np.unique(-ranked, return_inverse=True)
    ones = np.bincount(groups, labels)
    zeros = np.bincount(groups, 1 - labels)
    below = zeros.sum() - np.cumsum(zeros)
    right = float(np.sum(ones * (below + zeros / 2)))
    pairs = float(ones.sum() * zeros.sum())
    if shared:  # a row is no pair with itself, and as often on one side as on the other
        itself = float(np.sum(labels * (1 - labels)))
        return (right - itself / 2) / (pairs - itself) if pairs > itself else float("nan")
    return right / pairs


def _average_precision(labels: Floats, *, shared: bool) -> float:
    """Return the mean precision at each positive; a positive is certain of itself."""
    places = np.arange(1, len(labels) + 1)
    before: NDArray[np.float64] = np.cumsum(labels) - labels
    found = before + 1 if shared else np.cumsum(labels)
    return float(np.sum(labels * found / places) / labels.sum())
