"""Calibration: of a hundred rows that are given 0.3, thirty should turn out so.

    Platt      a + b·z                     from few labels: two numbers
    isotonic   a staircase that rises      from 1,000 of the rarer class on; then the middles of
               ╱‾  joined by straight lines   its steps are joined, and the tails go on

Both only ever rise: the order of rows is the members', ties stay ties and nothing else becomes
one. Learnt from out-of-fold log-odds of the training rows, never from a test.

Platt 1999; Zadrozny, Elkan 2002.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from analytics.learners.members import expit, logit
from analytics.models import Floats, Labels

ISOTONIC_FROM = 1_000
#: The flattest a calibration may be; a member that says nothing stays in its order.
_SLOPE_LEAST = 1e-3
#: A step of the staircase holds at least so many rows of the rarer class, else it is noise.
_STEP_ROWS = 40


@dataclass(frozen=True)
class Calibration:
    """Straight lines through (log-odds in, log-odds out), both strictly rising."""

    inner: Floats
    outer: Floats

    def probability(self, log_odds: Floats) -> Floats:
        """Return calibrated probabilities, shape (n,)."""
        return expit(self.apply(log_odds))

    def apply(self, log_odds: Floats) -> Floats:
        inside = np.interp(log_odds, self.inner, self.outer)
        first, last = self._slopes()
        below = np.minimum(log_odds - self.inner[0], 0) * first
        above = np.maximum(log_odds - self.inner[-1], 0) * last
        return np.asarray(inside + below + above)

    def _slopes(self) -> tuple[float, float]:
        slopes = np.diff(self.outer) / np.diff(self.inner)
        return float(slopes[0]), float(slopes[-1])

    def to_json(self) -> dict[str, Any]:
        return {"inner": self.inner.tolist(), "outer": self.outer.tolist()}

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> Self:
        return cls(np.array(written["inner"]), np.array(written["outer"]))


def calibrated(log_odds: Floats, labels: Labels) -> Calibration:
    """Return the calibration these out-of-fold log-odds ask for."""
    rarer = min(int(labels.sum()), int(len(labels) - labels.sum()))
    platt = _platt(log_odds, labels)
    return _isotonic(platt, log_odds, labels) if rarer >= ISOTONIC_FROM else platt


def _platt(log_odds: Floats, labels: Labels) -> Calibration:
    """Fit a + b·z with Platt's softened targets, b > 0."""
    ones = int(labels.sum())
    zeros = len(labels) - ones
    targets = np.where(labels == 1, (ones + 1) / (ones + 2), 1 / (zeros + 2))
    centre, spread = float(np.mean(log_odds)), float(np.std(log_odds)) or 1.0
    scaled = (log_odds - centre) / spread

    def loss(both: Floats) -> tuple[float, Floats]:
        margin = both[0] + both[1] * scaled
        gap = expit(margin) - targets
        value = float(np.mean(np.logaddexp(0, margin) - targets * margin))
        return value, np.array([gap.mean(), (gap * scaled).mean()])

    start = np.array([float(logit(np.array([targets.mean()]))[0]), 1.0])
    bounds = [(None, None), (_SLOPE_LEAST, None)]
    shift, slope = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    ends = np.array([-1.0, 1.0])
    return Calibration(centre + spread * ends, shift + slope * ends)


def _isotonic(platt: Calibration, log_odds: Floats, labels: Labels) -> Calibration:
    """Bend Platt's line where the labels do: the middles of a staircase, joined."""
    order = np.argsort(log_odds, kind="stable")
    ranked, hits = log_odds[order], labels[order].astype(np.float64)
    steps = IsotonicRegression(out_of_bounds="clip").fit_transform(ranked, hits)
    rarer = 1.0 if hits.mean() <= 0.5 else 0.0
    inner, outer, begin = [], [], 0
    edges = [*np.flatnonzero(np.diff(steps)) + 1, len(steps)]
    for edge in edges:
        if np.sum(hits[begin:edge] == rarer) < _STEP_ROWS and edge != len(steps):
            continue
        share = (hits[begin:edge].sum() + 0.5) / (edge - begin + 1)
        inner.append(float(ranked[begin:edge].mean()))
        outer.append(float(logit(np.array([share]))[0]))
        begin = edge
    kept = _rising(np.array(inner), np.array(outer))
    if kept.sum() < 3:
        return platt
    inner_kept, outer_kept = np.array(inner)[kept], np.array(outer)[kept]
    slopes = np.diff(outer_kept) / np.diff(inner_kept)
    assert np.all(slopes > 0), slopes
    # Beyond the last middle the line of Platt goes on: there are too few rows to bend it.
    reach = np.array([1.0])
    slope = float((platt.apply(reach) - platt.apply(reach - 1))[0])
    return Calibration(
        np.concatenate([[inner_kept[0] - 1], inner_kept, [inner_kept[-1] + 1]]),
        np.concatenate([[outer_kept[0] - slope], outer_kept, [outer_kept[-1] + slope]]),
    )


def _rising(inner: Floats, outer: Floats) -> np.ndarray:
    """Return which points to keep so that both coordinates rise by more than rounding."""
    kept = np.zeros(len(inner), dtype=bool)
    last_inner, last_outer = -np.inf, -np.inf
    for place in range(len(inner)):
        if inner[place] > last_inner + 1e-9 and outer[place] > last_outer + 1e-6:
            kept[place] = True
            last_inner, last_outer = inner[place], outer[place]
    return kept
