"""How good scores are: figures of a ranking, of probabilities, and of a working day.

    ranking         roc_auc  average_precision  recall_at_fpr  precision_at  gain  lift
    probabilities   brier  log_loss  ece
    a day's desk    daily_precision_at  customer_precision_at

Each takes labels (n,) of 0 and 1 and scores (n,) and gives a float; a figure that needs both
classes is NaN with one only. Equal scores count alike, in whatever order their rows stand. Where
scikit-learn has the figure, it is the same one (tests compare). Pure numpy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.evaluation.ranking import (
    Ranking,
    area_of,
    average_precision_of,
    hits_at,
    precision_of,
    recall_of,
)
from analytics.models import Floats, Labels

ECE_BINS = 10
#: Probabilities are kept this far from 0 and 1 in the logarithm, as scikit-learn does.
_LOG_MARGIN = float(np.finfo(np.float64).eps)


def roc_auc(labels: Labels, scores: Floats) -> float:
    """Return P(a positive scores above a negative), ties counting half.

    >>> roc_auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    return float(area_of(Ranking(labels, scores).counts())[0])


def average_precision(labels: Labels, scores: Floats) -> float:
    """Return the area under the precision-recall curve, without interpolation.

    >>> round(average_precision(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])), 4)
    0.8333
    """
    return float(average_precision_of(Ranking(labels, scores).counts())[0])


def recall_at_fpr(labels: Labels, scores: Floats, *, fpr: float = 0.01) -> float:
    """Return the share of positives one threshold catches, alarming at most `fpr` of negatives."""
    return float(recall_of(Ranking(labels, scores).counts(), fpr=fpr)[0])


def precision_at(labels: Labels, scores: Floats, n: int = 100) -> float:
    """Return the share of positives among the n highest scores (all rows where fewer).

    >>> precision_at(np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1]), 3)
    0.6666666666666666
    """
    assert n > 0, n
    return float(precision_of(Ranking(labels, scores).counts(), n=n)[0])


def gain(labels: Labels, scores: Floats, *, share: float) -> float:
    """Return the share of all positives among the highest `share` (0-1) of rows."""
    counts = Ranking(labels, scores).counts()
    positives = float(counts.positives[0])
    return float(hits_at(counts, share * len(labels))[0]) / positives if positives else np.nan


def lift(labels: Labels, scores: Floats, *, share: float) -> float:
    """Return how many times more positives the highest `share` of rows has than any as large."""
    assert share > 0, share
    return gain(labels, scores, share=share) / share


def brier(labels: Labels, probabilities: Floats) -> float:
    """Return the mean squared distance of probability and label."""
    return float(np.mean((probabilities - labels) ** 2))


def log_loss(labels: Labels, probabilities: Floats) -> float:
    """Return the mean negative log-likelihood, in nats."""
    return float(np.mean(log_losses(labels, probabilities)))


def log_losses(labels: Labels, probabilities: Floats) -> Floats:
    """Return the negative log-likelihood of each row, shape (n,)."""
    kept = np.clip(probabilities, _LOG_MARGIN, 1 - _LOG_MARGIN)
    return np.asarray(-np.log(np.where(labels == 1, kept, 1 - kept)))


def ece(labels: Labels, probabilities: Floats, *, bins: int = ECE_BINS) -> float:
    """Return the expected calibration error: how far the probabilities are from what happened.

    Rows are put into `bins` bins of equal mass by probability (equal probabilities never part:
    a run lies where its middle falls), and the distances of mean probability and share of
    positives are averaged by the bins' rows. A perfect model shows more than 0 on few rows, by
    chance alone: `ece_of_chance` says how much.
    """
    return float(ece_of(labels, probabilities, None, bins=bins)[0])


def ece_of(
    labels: Labels, probabilities: Floats, weights: Floats | None, *, bins: int = ECE_BINS
) -> Floats:
    """Return the calibration error under each row of `weights` (draws, n), shape (draws,)."""
    if weights is None:
        weights = np.ones((1, len(labels)))
    order = np.argsort(probabilities, kind="stable")
    ordered = probabilities[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    drawn = weights[:, order]
    mass = np.add.reduceat(drawn, starts, axis=1)
    distance = np.add.reduceat(drawn * (labels[order] - ordered), starts, axis=1)
    total = mass.sum(axis=1, keepdims=True)
    middle = np.cumsum(mass, axis=1) - mass / 2
    found = np.clip(bins * middle / np.maximum(total, 1.0), 0, bins - 1).astype(np.int64)
    flat = (found + bins * np.arange(len(found))[:, None]).ravel()
    summed = np.bincount(flat, distance.ravel(), minlength=bins * len(found))
    return np.asarray(np.abs(summed.reshape(len(found), bins)).sum(axis=1) / total[:, 0])


def ece_of_chance(probabilities: Floats, *, seed: int = 7) -> float:
    """Return the mean `ece` if the probabilities were perfectly true: labels drawn from them."""
    random = np.random.default_rng(seed)
    ordered = np.sort(probabilities)  # once: sorting is most of the work
    draws = int(np.clip(20_000_000 // len(ordered), 5, 100))
    drawn = [(random.random(len(ordered)) < ordered).astype(np.int8) for _ in range(draws)]
    return float(np.mean([ece(labels, ordered) for labels in drawn]))


def daily_precision_at(labels: Labels, scores: Floats, days: NDArray[Any], n: int = 100) -> float:
    """Return the mean over days of the share of positives among the day's n highest rows.

    days: shape (n,), any value that is equal for rows of one day. Divided by n also on a day of
    fewer rows: the desk could have looked at n.
    """
    assert n > 0, n
    _, codes = np.unique(days, return_inverse=True)
    found = []
    for day in range(int(codes.max()) + 1):
        mine = codes == day
        counts = Ranking(labels[mine], scores[mine]).counts()
        found.append(float(hits_at(counts, n)[0]) / n)
    return float(np.mean(found))


def customer_precision_at(
    labels: Labels,
    scores: Floats,
    *,
    days: NDArray[Any],
    customers: NDArray[Any],
    n: int = 100,
    remove_found: bool = True,
) -> float:
    """Return the mean over days of compromised customers among the day's n most suspicious, by n.

    A customer is as suspicious as the highest row of the day, and compromised by one positive.
    remove_found: who was found is blocked and not looked at on later days, as the Fraud Detection
    Handbook counts its CP@100. Days come in sorted order; equal scores in order of the customer.
    """
    assert n > 0, n
    _, day_codes = np.unique(days, return_inverse=True)
    names, codes = np.unique(customers, return_inverse=True)
    gone = np.zeros(len(names), bool)
    shares = []
    for day in range(int(day_codes.max()) + 1):
        mine = (day_codes == day) & ~gone[codes]
        highest = np.full(len(names), -np.inf)
        np.maximum.at(highest, codes[mine], scores[mine])
        compromised = np.zeros(len(names), bool)
        compromised[codes[mine & (labels == 1)]] = True
        seen = np.flatnonzero(np.isfinite(highest))
        first = seen[np.argsort(-highest[seen], kind="stable")][:n]
        found = first[compromised[first]]
        shares.append(len(found) / n)
        if remove_found:
            gone[found] = True
    return float(np.mean(shares))
