"""A regression of hazards with normal priors: what multiplies the risk, and how sure that is. Pure.

    P(left) = 1 − exp(−h)        log h = main · x  +  by_arm[j] · z      (nothing added in arm 0)

Unlike log-odds, log-hazards add up to shares of the risk at any size of it: an offer that halves
the hazard halves it for the loyal and for the restless. The answer is the most likely one under
the priors, with the covariance of the treatments' part (Laplace).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.models import Floats

_STEPS_MAX = 40
_TOLERANCE = 1e-7
#: Log-hazards beyond are as sure as anything: exp of more would overflow.
_LOG_HAZARD_MAX = 4.0
_LOG_HAZARD_MIN = -25.0


@dataclass(frozen=True, slots=True)
class Rows:
    """main: shape (n, k), by_arm: shape (n, m); arm: shape (n,), 0 untreated; outcome: 0 or 1."""

    main: Floats
    by_arm: Floats
    arm: NDArray[np.int64]
    outcome: Floats
    arms: int

    @property
    def sizes(self) -> tuple[int, int]:
        """Return the numbers of coefficients: main, and of all treatments."""
        return self.main.shape[1], (self.arms - 1) * self.by_arm.shape[1]


@dataclass(frozen=True, slots=True)
class Priors:
    """Normal priors of all coefficients, main first, then treatment by treatment."""

    mean: Floats
    #: Of each coefficient alone, above 0.
    precision: Floats


@dataclass(frozen=True, slots=True)
class Posterior:
    """mean: shape (treatments, m); covariance: shape (treatments · m, treatments · m)."""

    mean: Floats
    covariance: Floats
    #: All coefficients, to start the next search from.
    coefficients: Floats


def learn(rows: Rows, priors: Priors, *, start: Floats | None = None) -> Posterior:
    """Return the most likely coefficients. The search is convex near enough and never worsens."""
    at = priors.mean.copy() if start is None else start.copy()
    value = _objective(rows, priors, at)
    for _ in range(_STEPS_MAX):
        gradient, information = _slopes(rows, at)
        gradient = gradient - priors.precision * (at - priors.mean)
        step = np.linalg.solve(information + np.diag(priors.precision), gradient)
        size, better = 1.0, value
        while size > 1e-4:
            better = _objective(rows, priors, at + size * step)
            if better >= value:
                break
            size /= 2
        if size <= 1e-4:
            break
        at, gained, value = at + size * step, better - value, better
        if gained < _TOLERANCE * (1 + abs(value)):
            break
    _, information = _slopes(rows, at)
    k, _ = rows.sizes
    covariance = np.asarray(np.linalg.inv(information + np.diag(priors.precision)), np.float64)
    return Posterior(at[k:].reshape(rows.arms - 1, -1), covariance[k:, k:], at)


def _log_hazards(rows: Rows, at: Floats) -> Floats:
    k, _ = rows.sizes
    added = at[k:].reshape(rows.arms - 1, -1)
    size = rows.main @ at[:k]
    for arm in range(1, rows.arms):
        inside = rows.arm == arm
        size[inside] += rows.by_arm[inside] @ added[arm - 1]
    return np.asarray(np.clip(size, _LOG_HAZARD_MIN, _LOG_HAZARD_MAX))


def _objective(rows: Rows, priors: Priors, at: Floats) -> float:
    hazard = np.exp(_log_hazards(rows, at))
    away = at - priors.mean
    likely = np.where(rows.outcome > 0, np.log(-np.expm1(-hazard)), -hazard)
    return float(likely.sum() - 0.5 * priors.precision @ np.square(away))


def _slopes(rows: Rows, at: Floats) -> tuple[Floats, Floats]:
    """Return the gradient of the log-likelihood and the expected information."""
    hazard = np.exp(_log_hazards(rows, at))
    pull = hazard * (rows.outcome / -np.expm1(-hazard) - 1)
    weight = np.square(hazard) / np.expm1(hazard)
    k, more = rows.sizes
    m = rows.by_arm.shape[1]
    gradient, information = np.zeros(k + more), np.zeros((k + more, k + more))
    gradient[:k] = rows.main.T @ pull
    information[:k, :k] = rows.main.T @ (weight[:, None] * rows.main)
    for arm in range(1, rows.arms):
        inside = rows.arm == arm
        here = slice(k + (arm - 1) * m, k + arm * m)
        part = rows.by_arm[inside]
        weighed = weight[inside, None] * part
        gradient[here] = part.T @ pull[inside]
        information[here, here] = part.T @ weighed
        information[:k, here] = rows.main[inside].T @ weighed
        information[here, :k] = information[:k, here].T
    return gradient, information
