"""How well a score finds the people whom a treatment moves: Qini, uplift at a share, the curve.

    gain                          people are ranked by score, the highest first; of the first
      │        ╭────╮             share φ of them, treated and control are compared:
      │     ╭──╯     ╲
      │   ╭─╯  Qini ╱ ·           gain(φ) = (Y_t(φ) − Y_c(φ) · N_t(φ) / N_c(φ)) / N
      │  ╱      ╱·    random
      │ ╱  ╱·                     Qini    = ∫₀¹ gain(φ) dφ − gain(1) / 2
      └──────────────── φ

Y and N are outcomes and people among the first φ, t treated and c control; N without φ is
everybody (Radcliffe 2007, "Using control groups to target on predicted lift"). So the coefficient
is in outcomes per person of the whole trial: 3.7e-3 is 3.7 more outcomes per thousand people than
treating the same number at random, on average over all φ. It grows with the share that was
treated: compare scores on one trial, never across trials.

People with equal scores are taken in together, as their average order would be, so a constant
score has a Qini of exactly 0. Inverse-propensity weights make groups alike that were not drawn
with one chance; without them every row counts 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.errors import CannotLearn
from analytics.models import Floats

#: The share of people whom a campaign usually reaches.
TOP_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over the people so far, at the end of each run of equal scores; index 0 is nobody.

    Each is shape (points,), or (resamples, points) with a matrix of weights.
    """

    share: Floats
    treated: Floats
    treated_outcomes: Floats
    control: Floats
    control_outcomes: Floats

    @property
    def uplift(self) -> Floats:
        """Return the difference of rates among the people so far; 0 where a group is empty."""
        return _ratio(self.treated_outcomes, self.treated) - _ratio(
            self.control_outcomes, self.control
        )

    @property
    def gain(self) -> Floats:
        """Return outcomes gained per person of the trial."""
        people = self.treated[..., -1:] + self.control[..., -1:]
        return np.asarray(
            (self.treated_outcomes - self.treated * _ratio(self.control_outcomes, self.control))
            / people
        )


@dataclass(frozen=True, slots=True)
class Ranked:
    """A trial in the order of a score, ready to be counted once or with many weights."""

    treated: Floats
    outcome: Floats
    weight: Floats
    #: Index of the last row of each run of equal scores.
    ends: NDArray[np.intp]
    #: Where each row of the trial went: ranked = original[order].
    order: NDArray[np.intp]

    def counts(self, resample: Floats | None = None) -> Counts:
        """Return the sums; `resample` multiplies the weights, shape (n,) or (resamples, n)."""
        weight = self.weight if resample is None else self.weight * resample[..., self.order]
        columns = (
            weight,
            weight * self.treated,
            weight * self.treated * self.outcome,
            weight * (1 - self.treated),
            weight * (1 - self.treated) * self.outcome,
        )
        people, *rest = (self._at_ends(column) for column in columns)
        return Counts(people / people[..., -1:], *rest)

    def _at_ends(self, column: Floats) -> Floats:
        sums = np.cumsum(column, axis=-1)[..., self.ends]
        return np.concatenate([np.zeros((*sums.shape[:-1], 1)), sums], axis=-1)


def rank(
    score: ArrayLike, treated: ArrayLike, outcome: ArrayLike, weight: ArrayLike | None = None
) -> Ranked:
    """Return the trial ordered by `score`, highest first.

    All are shape (n,): score any finite number, treated and outcome 0 or 1, weight above 0
    (inverse propensity; None: all 1).
    Raises CannotLearn: a group is empty, so there is nothing to compare.
    """
    score, treated = np.asarray(score, np.float64), np.asarray(treated, np.float64)
    outcome = np.asarray(outcome, np.float64)
    assert score.shape == treated.shape == outcome.shape, (score.shape, treated.shape)
    assert np.isfinite(score).all(), "a score is not a number"
    if not 0 < treated.sum() < len(treated):
        raise CannotLearn(
            "Only one group is in the table. Measuring an effect takes treated and untreated rows."
        )
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    weights = np.ones_like(score) if weight is None else np.asarray(weight, np.float64)
    return Ranked(treated[order], outcome[order], weights[order], ends, order)


def qini_of(counts: Counts) -> Floats:
    """Return the area between the gain curve and the straight line, per set of weights."""
    gain, share = counts.gain, counts.share
    area = np.sum(np.diff(share, axis=-1) * (gain[..., 1:] + gain[..., :-1]) / 2, axis=-1)
    return np.asarray(area - gain[..., -1] / 2)


def uplift_of(counts: Counts, share: float) -> Floats:
    """Return the difference of rates among the first `share`, per set of weights.

    A run of equal scores that is cut takes part with the fitting fraction of each group.
    """
    assert 0 < share <= 1, share
    columns = (
        counts.treated_outcomes, counts.treated, counts.control_outcomes, counts.control,
    )  # fmt: skip
    at = [_interpolated(share, counts.share, column) for column in columns]
    return _ratio(at[0], at[1]) - _ratio(at[2], at[3])


def qini(
    score: ArrayLike, treated: ArrayLike, outcome: ArrayLike, weight: ArrayLike | None = None
) -> float:
    """Return the Qini coefficient of the module's header.

    >>> qini([4, 3, 2, 1], [1, 0, 1, 0], [1, 0, 0, 0])
    0.09375
    >>> qini([1, 1, 1, 1], [1, 0, 1, 0], [1, 0, 0, 0])
    0.0
    """
    return float(qini_of(rank(score, treated, outcome, weight).counts()))


def uplift_at(
    score: ArrayLike,
    treated: ArrayLike,
    outcome: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    share: float = TOP_SHARE,
) -> float:
    """Return the outcome rate of treated minus that of control among the best `share`, -1 to 1."""
    return float(uplift_of(rank(score, treated, outcome, weight).counts(), share))


def _ratio(above: Floats, below: Floats) -> Floats:
    """Return above / below, and 0 where nobody is below."""
    above, below = np.asarray(above, np.float64), np.asarray(below, np.float64)
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _interpolated(at: float, share: Floats, column: Floats) -> Floats:
    """Return `column` at one share, between the points, for each row."""
    if share.ndim == 1:
        return np.asarray(np.interp(at, share, column))
    return np.array([np.interp(at, x, y) for x, y in zip(share, column, strict=True)])
