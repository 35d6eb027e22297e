"""The figures of an evaluation, over the parts of its protocol, under any weights of its rows.

    ranking        computed in each part, then averaged: parts were scored by different models,
                   whose scores need not be comparable
    probabilities  computed over all parts of a repeat together, then averaged over repeats: a
                   probability means the same in each

One function gives the figures and, under the weights of a bootstrap, their draws.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.evaluation.bootstrap import Interval, difference, draws, draws_for, interval_of
from analytics.evaluation.metrics import ece_of, log_losses
from analytics.evaluation.protocols import Rows
from analytics.evaluation.ranking import (
    Ranking,
    area_of,
    average_precision_of,
    precision_of,
    recall_of,
)
from analytics.models import Floats, Labels

#: Name, how a person reads it, whether more is better. The order is that of tables.
NAMES: Mapping[str, tuple[str, bool]] = {
    "roc_auc": ("ROC-AUC", True),
    "average_precision": ("Average precision", True),
    "recall_at_fpr_001": ("Recall at 1 % false alarms", True),
    "precision_at_100": ("Precision of the top 100", True),
    "brier": ("Brier score", False),
    "log_loss": ("Log loss", False),
    "ece": ("Calibration error (ECE)", False),
}


@dataclass(frozen=True, slots=True)
class Scored:
    """The probabilities of one part's rows; `rows` are positions among all tested rows."""

    name: str
    repeat: int
    rows: Rows
    probabilities: Floats
    train_count: int
    fit_s: float


class Scoreboard:
    """Figures of one recipe's parts. Rows are put in order once, whatever the number of draws."""

    def __init__(self, parts: Sequence[Scored], labels: Labels) -> None:
        self._parts = [(one.rows, Ranking(labels[one.rows], one.probabilities)) for one in parts]
        self._pooled = []
        for repeat in sorted({one.repeat for one in parts}):
            mine = [one for one in parts if one.repeat == repeat]
            rows = np.concatenate([one.rows for one in mine])
            self._pooled.append((rows, np.concatenate([one.probabilities for one in mine])))
        self._labels = labels

    def figures(self, weights: Floats | None = None) -> dict[str, Floats]:
        """Return each figure of NAMES, shape (draws,); without weights the one figure itself."""
        if weights is None:
            weights = np.ones((1, len(self._labels)))
        return {**self._of_ranking(weights), **self._of_probabilities(weights)}

    def by_part(self) -> list[dict[str, float]]:
        """Return the ranking figures of each part."""
        return [
            {name: float(one[0]) for name, one in _ranked(ranking, None).items()}
            for _, ranking in self._parts
        ]

    def _of_ranking(self, weights: Floats) -> dict[str, Floats]:
        found = [_ranked(ranking, weights[:, rows]) for rows, ranking in self._parts]
        with warnings.catch_warnings():  # a draw without positives in any part: no figure, no fuss
            warnings.simplefilter("ignore", RuntimeWarning)
            return {
                name: np.nanmean(np.stack([one[name] for one in found]), axis=0)
                for name in found[0]
            }

    def _of_probabilities(self, weights: Floats) -> dict[str, Floats]:
        summed: dict[str, Floats] = {}
        for rows, probabilities in self._pooled:
            mine, labels = weights[:, rows], self._labels[rows]
            total = mine.sum(axis=1)
            found = {
                "brier": mine @ (probabilities - labels) ** 2 / total,
                "log_loss": mine @ log_losses(labels, probabilities) / total,
                "ece": ece_of(labels, probabilities, mine),
            }
            for name, one in found.items():
                summed[name] = summed.get(name, 0.0) + one / len(self._pooled)
        return summed


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures with intervals: of the model, of the baseline, and of their paired difference."""

    model: dict[str, Interval]
    baseline: dict[str, Interval]
    differences: dict[str, Interval]
    draws_count: int


def figures_of(
    model: Scoreboard,
    baseline: Scoreboard | None,
    labels: Labels,
    *,
    groups: NDArray[Any] | None,
    seed: int,
) -> Figures:
    """Return all figures of one or two scoreboards over the same rows, on the same draws."""
    boards = [model] if baseline is None else [model, baseline]
    drawn: list[dict[str, list[Floats]]] = [{name: [] for name in NAMES} for _ in boards]
    count = draws_for(len(labels))
    for weights in draws(labels, groups=groups, count=count, seed=seed):
        for board, kept in zip(boards, drawn, strict=True):
            for name, one in board.figures(weights).items():
                kept[name].append(one)
    joined = [{name: np.concatenate(pieces) for name, pieces in kept.items()} for kept in drawn]
    found = [
        {name: interval_of(float(one[0]), kept[name]) for name, one in board.figures().items()}
        for board, kept in zip(boards, joined, strict=True)
    ]
    ordered = [{name: one[name] for name in NAMES} for one in found]
    if baseline is None:
        return Figures(ordered[0], {}, {}, count)
    differences = {
        name: difference(ordered[0][name], ordered[1][name], joined[0][name] - joined[1][name])
        for name in NAMES
    }
    return Figures(ordered[0], ordered[1], differences, count)


def _ranked(ranking: Ranking, weights: Floats | None) -> dict[str, Floats]:
    counts = ranking.counts(weights)
    return {
        "roc_auc": area_of(counts),
        "average_precision": average_precision_of(counts),
        "recall_at_fpr_001": recall_of(counts, fpr=0.01),
        "precision_at_100": precision_of(counts, n=100),
    }
