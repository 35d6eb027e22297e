"""Shapes of groups: Gaussian mixtures with full covariances, and k-means beside them.

    sample ≤ 100,000 ──▶ starts on a smaller part ──best──▶ refined on the sample ──▶ assign all

A group of bank customers is long and slanted (who earns more spends more), which k-means cuts
through. Fitting all rows takes minutes and can end in a worse place than several starts on a
sample; assigning a million takes a second. Arrays only, so a version is kept without pickles.

G. J. McLachlan, D. Peel 2000, "Finite Mixture Models"; G. Schwarz 1978 for BIC.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from analytics.models import Floats

Groups: TypeAlias = NDArray[np.int64]
Method = Literal["mixture", "kmeans"]

SAMPLE_MOST = 100_000
#: The starts are compared on so many rows; only the best goes on.
START_ROWS = 15_000
STARTS = 4
#: No group is narrower than this (variance, in spreads): counts would collapse onto one value.
_FLOOR = 0.02
_TOLERANCE = 1e-3
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Mixture:
    """weights (k,), means (k, d), factors (k, d, d): Cholesky factors of the precisions."""

    weights: Floats
    means: Floats
    factors: Floats

    @property
    def count(self) -> int:
        return len(self.weights)

    def assign(self, rows: Floats) -> Groups:
        """Return each row's likeliest group; rows: (n, d)."""
        return _in_chunks(rows, lambda part: self.log_densities(part).argmax(axis=1))

    def log_densities(self, rows: Floats) -> Floats:
        """Return log(weight · density), shape (n, k)."""
        found = np.empty((len(rows), self.count))
        width = rows.shape[1]
        with np.errstate(divide="ignore"):
            logs = np.log(self.weights)
        for place, (mean, factor) in enumerate(zip(self.means, self.factors, strict=True)):
            moved = rows @ factor - mean @ factor
            found[:, place] = np.einsum("ij,ij->i", moved, moved) * -0.5
            found[:, place] += np.log(np.diagonal(factor)).sum() + logs[place]
        densities: Floats = found - 0.5 * width * np.log(2 * np.pi)
        return densities


@dataclass(frozen=True, slots=True)
class Centres:
    """means (k, d)."""

    means: Floats

    @property
    def count(self) -> int:
        return len(self.means)

    def assign(self, rows: Floats) -> Groups:
        """Return each row's nearest centre; rows: (n, d)."""
        half = 0.5 * (self.means**2).sum(axis=1)
        return _in_chunks(rows, lambda part: (half - part @ self.means.T).argmin(axis=1))


Shape: TypeAlias = Mixture | Centres


def fit(rows: Floats, count: int, *, method: Method = "mixture", seed: int = 7) -> Shape:
    """Return `count` groups fitted on a sample of the rows (n, d); n at least 2 · count."""
    assert len(rows) >= 2 * count, (len(rows), count)
    drawn = sample(rows, SAMPLE_MOST, seed=seed)
    if method == "kmeans":
        return Centres(_kmeans(drawn, count, seed=seed))
    best = start(drawn, count, seed=seed)
    return _as_mixture(best if len(drawn) <= START_ROWS else _refined(best, drawn))


def bic_of(rows: Floats, count: int, *, seed: int = 7) -> float:
    """Return BIC of the best mixture of `count` on START_ROWS rows; less is better."""
    part = sample(rows, START_ROWS, seed=seed)
    return float(start(part, count, seed=seed).bic(part))


def start(rows: Floats, count: int, *, seed: int, starts: int = STARTS) -> GaussianMixture:
    """Return the likeliest of several mixtures, each begun from another k-means."""
    part = sample(rows, START_ROWS, seed=seed)
    tried = GaussianMixture(
        count, n_init=starts, init_params="kmeans", random_state=seed, reg_covar=_FLOOR,
        tol=_TOLERANCE, max_iter=200,
    )  # fmt: skip
    return _quietly(tried, part)


def sample(rows: Floats, most: int, *, seed: int) -> Floats:
    """Return at most so many rows, drawn without repetition."""
    if len(rows) <= most:
        return rows
    return rows[np.random.default_rng(seed).choice(len(rows), most, replace=False)]


def _refined(best: GaussianMixture, rows: Floats) -> GaussianMixture:
    on = GaussianMixture(
        best.n_components, weights_init=best.weights_, means_init=best.means_,
        precisions_init=best.precisions_, reg_covar=_FLOOR, tol=_TOLERANCE, max_iter=100,
    )  # fmt: skip
    return _quietly(on, rows)


def _quietly(mixture: GaussianMixture, rows: Floats) -> GaussianMixture:
    with warnings.catch_warnings():
        # One start of several that is still moving is no news: the best is taken.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(rows)


def _as_mixture(fitted: GaussianMixture) -> Mixture:
    return Mixture(fitted.weights_, fitted.means_, fitted.precisions_cholesky_)


def _kmeans(rows: Floats, count: int, *, seed: int) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found: Floats = KMeans(count, n_init=STARTS, random_state=seed).fit(rows).cluster_centers_
    return found


def _in_chunks(rows: Floats, work: Callable[[Floats], NDArray[np.intp]]) -> Groups:
    parts = [work(rows[begin : begin + _CHUNK]) for begin in range(0, len(rows), _CHUNK)]
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)
