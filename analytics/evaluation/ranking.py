"""Rows put in order by score once, then counted under any weights: the ground of all rank figures.

    score   0.9  0.7  0.7  0.2          runs of equal scores are one step: no figure may depend
    label    1    0    1    0           on the order in which equal rows happen to stand
    hits     1    2         2
    alarms   0    1         2

A bootstrap draw is a row of weights (how often each row was drawn), so a thousand draws are one
matrix and one cumulative sum. Pure numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.models import Floats, Labels


@dataclass(frozen=True, slots=True)
class Counts:
    """Positives caught and negatives alarmed at each distinct score, from the highest down.

    Shape (draws, distinct scores), cumulative; the last column has all positives and negatives.
    """

    hits: Floats
    alarms: Floats

    @property
    def positives(self) -> Floats:
        """Shape (draws,)."""
        return self.hits[:, -1]

    @property
    def negatives(self) -> Floats:
        return self.alarms[:, -1]


class Ranking:
    """The order of rows by score, highest first. One ranking serves any number of draws."""

    def __init__(self, labels: Labels, scores: Floats) -> None:
        """labels: shape (n,), 0 or 1. scores: shape (n,), finite, n > 0."""
        assert len(labels) == len(scores) > 0, (len(labels), len(scores))
        assert np.isfinite(scores).all(), "a score is not finite"
        self._order = np.argsort(-scores, kind="stable")
        self._hits = labels[self._order].astype(np.float64)
        ordered = scores[self._order]
        self._ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        self.scores: Floats = ordered[self._ends]

    def counts(self, weights: Floats | None = None) -> Counts:
        """Count under `weights`, shape (draws, n); None: every row once."""
        if weights is None:
            weights = np.ones((1, len(self._order)))
        ordered = weights[:, self._order]
        hits = np.cumsum(ordered * self._hits, axis=1)[:, self._ends]
        alarms = np.cumsum(ordered, axis=1)[:, self._ends] - hits
        return Counts(hits, alarms)


def area_of(counts: Counts) -> Floats:
    """Return the area under the ROC curve, shape (draws,); NaN where a draw has one class only."""
    before_hits = np.pad(counts.hits[:, :-1], ((0, 0), (1, 0)))
    step = np.diff(counts.alarms, axis=1, prepend=0.0)
    area = (step * (before_hits + counts.hits)).sum(axis=1) / 2
    return _ratio(area, counts.positives * counts.negatives)


def average_precision_of(counts: Counts) -> Floats:
    """Return the mean precision at each positive found, shape (draws,)."""
    seen = counts.hits + counts.alarms
    precision = np.divide(counts.hits, seen, out=np.zeros_like(seen), where=seen > 0)
    step = np.diff(counts.hits, axis=1, prepend=0.0)
    return _ratio((step * precision).sum(axis=1), counts.positives)


def recall_of(counts: Counts, *, fpr: float) -> Floats:
    """Return the most positives one threshold catches while alarming at most `fpr` of negatives."""
    rate = counts.alarms / np.maximum(counts.negatives, 1.0)[:, None]
    caught = np.where(rate <= fpr, counts.hits, 0.0).max(axis=1)
    return np.where(counts.negatives > 0, _ratio(caught, counts.positives), np.nan)


def hits_at(counts: Counts, n: float) -> Floats:
    """Return the positives among the n highest rows, shape (draws,).

    Where equal scores stand at the border, the expected number over all their orders.
    """
    seen = np.pad(counts.hits + counts.alarms, ((0, 0), (1, 0)))
    hits = np.pad(counts.hits, ((0, 0), (1, 0)))
    after = np.minimum((seen < n).sum(axis=1), seen.shape[1] - 1)
    before = np.maximum(after - 1, 0)
    draws = np.arange(len(seen))
    width = seen[draws, after] - seen[draws, before]
    share = np.clip(_ratio(n - seen[draws, before], width, empty=0.0), 0.0, 1.0)
    found: Floats = hits[draws, before] + share * (hits[draws, after] - hits[draws, before])
    return found


def precision_of(counts: Counts, *, n: int) -> Floats:
    """Return the share of positives among the n highest rows; of all rows where there are fewer."""
    rows = counts.positives + counts.negatives
    return hits_at(counts, n) / np.minimum(n, rows)


def _ratio(above: Floats, below: Floats, *, empty: float = np.nan) -> Floats:
    found: Floats = np.divide(above, below, out=np.full(len(below), empty), where=below > 0)
    return found
