"""How many groups: the number BIC likes best among those that come again.

    BIC of 2 … most ──in its order──▶ 20 bootstraps each ──▶ the first that is stable enough

BIC alone always finds one more group in a large bank: real customers are no Gaussians. A group is
of use to a campaign only when next month's customers would give it again, so each candidate is
fitted anew on samples drawn with replacement, and all customers are assigned by both: adjusted
Rand index (1 the same groups, 0 chance). Where no number is stable, the most stable is taken and
`is_stable` says so.

C. Hennig 2007, "Cluster-wise assessment of cluster stability"; L. Hubert, P. Arabie 1985.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import adjusted_rand_score

from analytics.errors import CannotLearn
from analytics.models import Floats, Progress
from analytics.segments.shapes import Groups, Method, Shape, bic_of, fit, sample

STABLE_ARI = 0.85
DRAWS = 20
NUMBERS = tuple(range(2, 9))
#: A number is tried on so many customers; more make it slower, not surer.
_TRIED_ROWS = 4_000
_ROWS_MIN = 200


@dataclass(frozen=True, slots=True)
class Tried:
    """A number of groups. aris: of each bootstrap; empty when BIC found a better one before."""

    count: int
    bic: float
    aris: tuple[float, ...] = ()

    @property
    def stability(self) -> float:
        """The mean adjusted Rand index of the draws; NaN where it was not asked."""
        return float(np.mean(self.aris)) if self.aris else float("nan")


@dataclass(frozen=True, slots=True)
class Choice:
    """The number taken, and all that were looked at, in the order of their number."""

    count: int
    tried: tuple[Tried, ...]

    @property
    def taken(self) -> Tried:
        return next(one for one in self.tried if one.count == self.count)

    @property
    def is_stable(self) -> bool:
        return self.taken.stability >= STABLE_ARI


def choose(
    rows: Floats,
    *,
    method: Method = "mixture",
    numbers: tuple[int, ...] = NUMBERS,
    draws: int = DRAWS,
    seed: int = 7,
    progress: Progress = lambda _: None,
) -> Choice:
    """Return the number of groups of scaled rows (n, d). Raises CannotLearn: too few rows."""
    if len(rows) < _ROWS_MIN:
        raise CannotLearn(
            f"{len(rows)} customers are too few for segments, {_ROWS_MIN} are needed."
        )
    bics: dict[int, float] = {}
    for place, count in enumerate(numbers, start=1):
        bics[count] = bic_of(rows, count, seed=seed)
        progress(0.4 * place / len(numbers))
    aris: dict[int, tuple[float, ...]] = {}
    for place, count in enumerate(sorted(bics, key=lambda one: bics[one]), start=1):
        aris[count] = stability(rows, count, method=method, draws=draws, seed=seed)
        progress(0.4 + 0.6 * place / len(numbers))
        if np.mean(aris[count]) >= STABLE_ARI:
            break
    best = max(aris, key=lambda one: (np.mean(aris[one]) >= STABLE_ARI, np.mean(aris[one])))
    progress(1.0)
    return Choice(best, tuple(Tried(one, bics[one], aris.get(one, ())) for one in numbers))


def stability(
    rows: Floats, count: int, *, method: Method = "mixture", draws: int = DRAWS, seed: int = 7
) -> tuple[float, ...]:
    """Return how alike the groups of each bootstrap are to those of the sample itself."""
    assert draws > 0
    drawn = sample(rows, _TRIED_ROWS, seed=seed)
    whole = fit(drawn, count, method=method, seed=seed).assign(drawn)
    rng = np.random.default_rng([seed, count])
    return tuple(
        agreement(whole, _again(drawn, count, method, rng, seed=seed + number).assign(drawn))
        for number in range(1, draws + 1)
    )


def agreement(one: Groups, other: Groups) -> float:
    """Return the adjusted Rand index of two ways to group the same rows."""
    return float(adjusted_rand_score(one, other))


def _again(
    rows: Floats, count: int, method: Method, rng: np.random.Generator, *, seed: int
) -> Shape:
    return fit(rows[rng.integers(len(rows), size=len(rows))], count, method=method, seed=seed)
