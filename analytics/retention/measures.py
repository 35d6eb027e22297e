"""Everything said about an uplift score on a trial: Qini, top share, curve, deciles, intervals.

    score + trial ──▶ measure ──▶ Report   qini, uplift of the best 30 %, average effect: each with
                                           an interval; the curve with its band; ten groups with
                                           what was said and what was seen

Intervals are of the bootstrap that gives every row a Poisson(1) count (the same as drawing rows
with replacement, without sorting again). `by_luck` is the share of shuffled scores whose Qini is
at least as large: the score says nothing about anybody, and still looks this good that often.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from analytics.models import Floats
from analytics.retention.qini import TOP_SHARE, qini_of, rank, uplift_of

RESAMPLES = 200
SHUFFLES = 100
#: Points of the curve that a picture draws.
POINTS = 50
GROUPS = 10
#: Rows × resamples counted at once, so that memory stays below 100 MB.
_CELLS_MAX = 2_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with the range that holds it in `level` of the resamples."""

    value: float
    low: float
    high: float
    level: float = 0.9


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Of the best `share` of people: outcomes gained per person of the trial, with its band."""

    share: float
    gain: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """A tenth of the people by score: the effect that was said, and the one that was seen."""

    rank: int
    people: int
    said: float
    seen: Interval


@dataclass(frozen=True, slots=True)
class Report:
    """The measures of one score on one trial. Shares and effects are 0-1, not per cent."""

    rows: int
    treated: int
    outcomes: int
    qini: Interval
    uplift_top: Interval
    top_share: float
    average_effect: Interval
    #: None where it was not asked for.
    by_luck: float | None
    curve: tuple[CurvePoint, ...]
    groups: tuple[Group, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(
    score: ArrayLike,
    treated: ArrayLike,
    outcome: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    share: float = TOP_SHARE,
    resamples: int = RESAMPLES,
    shuffles: int = SHUFFLES,
    seed: int = 7,
) -> Report:
    """Return all measures of a score, which must be of other rows than it was learnt from.

    score, treated, outcome, weight: shape (n,), as in `qini.rank`.
    Raises CannotLearn: one group only.
    """
    score = np.asarray(score, np.float64)
    treated, outcome = np.asarray(treated), np.asarray(outcome)
    ranked = rank(score, treated, outcome, weight)
    counts = ranked.counts()
    rng = np.random.default_rng(seed)
    shares = np.linspace(0, 1, POINTS + 1)
    drawn: list[tuple[Floats, Floats, Floats, Floats]] = []
    chunk = max(1, min(resamples, _CELLS_MAX // len(score)))
    for start in range(0, resamples, chunk):
        size = (min(chunk, resamples - start), len(score))
        again = ranked.counts(rng.poisson(1.0, size=size).astype(np.float64))
        bands = [np.interp(shares, x, y) for x, y in zip(again.share, again.gain, strict=True)]
        drawn.append(
            (qini_of(again), uplift_of(again, share), again.uplift[:, -1], np.array(bands))
        )
    qinis, tops, averages, band = (np.concatenate(column) for column in zip(*drawn, strict=True))
    gains = np.interp(shares, counts.share, counts.gain)
    by_luck = None
    if shuffles:
        by_luck = luck(score, treated, outcome, weight, shuffles=shuffles, seed=seed)
    low, high = np.quantile(band, [0.05, 0.95], axis=0)
    return Report(
        rows=len(score),
        treated=int(treated.sum()),
        outcomes=int(outcome.sum()),
        qini=_interval(float(qini_of(counts)), qinis),
        uplift_top=_interval(float(uplift_of(counts, share)), tops),
        top_share=share,
        average_effect=_interval(float(counts.uplift[-1]), averages),
        by_luck=by_luck,
        curve=tuple(
            CurvePoint(*map(float, point)) for point in zip(shares, gains, low, high, strict=True)
        ),
        groups=calibration(score, treated, outcome, weight),
    )


def luck(
    score: ArrayLike,
    treated: ArrayLike,
    outcome: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    shuffles: int = SHUFFLES,
    seed: int = 7,
) -> float:
    """Return the chance, in (0, 1], that a shuffled score has a Qini at least as large."""
    score = np.asarray(score, np.float64)
    own = float(qini_of(rank(score, treated, outcome, weight).counts()))
    rng = np.random.default_rng(seed)
    others = [
        float(qini_of(rank(rng.permutation(score), treated, outcome, weight).counts()))
        for _ in range(shuffles)
    ]
    return float((1 + np.sum(np.array(others) >= own)) / (1 + shuffles))


def calibration(
    effect: ArrayLike,
    treated: ArrayLike,
    outcome: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    groups: int = GROUPS,
) -> tuple[Group, ...]:
    """Return what was said and what was seen in equal groups of people, the highest first.

    A group in which one side is missing is left out: nothing was seen there. The interval of what
    was seen is 1.645 standard errors of a difference of two rates to either side.
    """
    effect = np.asarray(effect, np.float64)
    treated, outcome = np.asarray(treated, bool), np.asarray(outcome, np.float64)
    weights = np.ones_like(effect) if weight is None else np.asarray(weight, np.float64)
    order = np.argsort(-effect, kind="stable")
    found = []
    for index, rows in enumerate(np.array_split(order, groups), start=1):
        sides = [_rate(outcome[side], weights[side]) for side in _sides(rows, treated)]
        if sides[0] is None or sides[1] is None:
            continue
        (on, on_var), (off, off_var) = sides[0], sides[1]
        seen, wide = on - off, 1.645 * float(np.sqrt(on_var + off_var))
        said = float(np.average(effect[rows], weights=weights[rows]))
        found.append(Group(index, len(rows), said, Interval(seen, seen - wide, seen + wide)))
    return tuple(found)


def calibration_error(groups: tuple[Group, ...]) -> float:
    """Return the mean distance of said and seen, weighted by people."""
    people = np.array([one.people for one in groups])
    return float(np.average([abs(one.said - one.seen.value) for one in groups], weights=people))


def _sides(rows: Any, treated: Any) -> tuple[Any, Any]:
    return rows[treated[rows]], rows[~treated[rows]]


def _rate(outcome: Floats, weight: Floats) -> tuple[float, float] | None:
    """Return the weighted rate and its variance, None for nobody."""
    if len(outcome) == 0:
        return None
    total = float(weight.sum())
    rate = float(weight @ outcome) / total
    return rate, float(np.sum(weight**2 * (outcome - rate) ** 2)) / total**2


def _interval(value: float, drawn: Floats) -> Interval:
    low, high = np.quantile(drawn, [0.05, 0.95])
    return Interval(value, float(low), float(high))
