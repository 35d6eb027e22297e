"""From which probability on do we act? A threshold is an object: chosen by a stated rule.

    by cost       act where a false alarm costs less than a miss: p > alarm / (alarm + miss)
    by capacity   act on the n highest of a day, as many as the desk can handle
    by desk       act where cases, not rows, are right often enough (analytics/fraud/desk.py)
    by rate       act on as many rows as there are positives, where nothing else is said

No rule looks at labels, so a threshold may be chosen on the very rows it is told about. The cut
that would have been cheapest in hindsight does: it is shown beside, and never used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analytics.evaluation.bootstrap import Interval, wilson
from analytics.evaluation.ranking import Ranking
from analytics.models import Floats, Labels


class By(StrEnum):
    """The rule a threshold was chosen by."""

    COST = "cost"
    CAPACITY = "capacity"
    DESK = "desk"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happens at a threshold on rows of known labels. Shares with 95 % Wilson intervals."""

    true_alerts: int
    false_alerts: int
    missed: int
    left_alone: int
    precision: Interval
    recall: Interval
    false_alarm_rate: Interval
    cost_minor: int | None = None

    @property
    def alerts(self) -> int:
        return self.true_alerts + self.false_alerts


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Act on rows whose probability is at least `value`.

    alerts_share: of all rows, 0-1. alerts_per_day: where the rows' days are known. Costs are in
    minor units of one currency.
    """

    value: float
    by: By
    alerts_share: float
    alerts_per_day: float | None = None
    capacity_per_day: int | None = None
    false_alarm_minor: int | None = None
    miss_minor: int | None = None
    precision: Interval | None = None
    recall: Interval | None = None

    def acts_on(self, probabilities: Floats) -> NDArray[np.bool_]:
        """Return the rows to act on, shape (n,)."""
        return np.asarray(probabilities >= self.value)

    def as_json(self) -> dict[str, Any]:
        written = asdict(self)
        for name in ("precision", "recall"):
            one: Interval | None = getattr(self, name)
            written[name] = one.as_json() if one else None
        return {**written, "by": str(self.by)}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        told = {**written, "by": By(written["by"])}
        for name in ("precision", "recall"):
            if told.get(name):
                ends = {key: np.nan if one is None else one for key, one in told[name].items()}
                told[name] = Interval(**ends)
        return cls(**told)


def by_cost(
    labels: Labels,
    probabilities: Floats,
    *,
    false_alarm_minor: int,
    miss_minor: int,
    days: NDArray[Any] | None = None,
) -> Threshold:
    """Return the cut at which a false alarm and a miss cost the same, exact if calibrated."""
    assert false_alarm_minor > 0, false_alarm_minor
    assert miss_minor > 0, miss_minor
    value = false_alarm_minor / (false_alarm_minor + miss_minor)
    return _told(
        labels, probabilities, value, By.COST, days,
        false_alarm_minor=false_alarm_minor, miss_minor=miss_minor,
    )  # fmt: skip


def by_capacity(
    labels: Labels, probabilities: Floats, *, per_day: int, days: NDArray[Any] | None = None
) -> Threshold:
    """Return the cut that `per_day` rows of an average day reach; without days, of the table.

    Never more on average: of equal probabilities at the border, none is acted on.
    """
    assert per_day > 0, per_day
    days_count = 1 if days is None else len(np.unique(days))
    value = _value_of_top(probabilities, per_day * days_count)
    return _told(labels, probabilities, value, By.CAPACITY, days, capacity_per_day=per_day)


def by_rate(
    labels: Labels, probabilities: Floats, *, days: NDArray[Any] | None = None
) -> Threshold:
    """Return the cut that as many rows reach as positives are expected by the probabilities."""
    expected = max(1, round(float(probabilities.sum())))
    return _told(labels, probabilities, _value_of_top(probabilities, expected), By.RATE, days)


def by_desk(
    labels: Labels, probabilities: Floats, *, value: float, days: NDArray[Any] | None = None
) -> Threshold:
    """Return the cut a desk of cases chose, with what it does to rows."""
    return _told(labels, probabilities, value, By.DESK, days)


def outcome_at(labels: Labels, probabilities: Floats, threshold: Threshold) -> Outcome:
    """Return what acting at the threshold does on these rows."""
    acted = threshold.acts_on(probabilities)
    true_alerts = int((acted & (labels == 1)).sum())
    false_alerts = int(acted.sum()) - true_alerts
    missed = int((labels == 1).sum()) - true_alerts
    left_alone = len(labels) - true_alerts - false_alerts - missed
    cost_minor = None
    if threshold.false_alarm_minor is not None and threshold.miss_minor is not None:
        cost_minor = false_alerts * threshold.false_alarm_minor + missed * threshold.miss_minor
    return Outcome(
        true_alerts, false_alerts, missed, left_alone,
        wilson(true_alerts, true_alerts + false_alerts),
        wilson(true_alerts, true_alerts + missed),
        wilson(false_alerts, false_alerts + left_alone), cost_minor,
    )  # fmt: skip


def cheapest_in_hindsight(
    labels: Labels, probabilities: Floats, *, false_alarm_minor: int, miss_minor: int
) -> tuple[float, int]:
    """Return the cut that was cheapest on these rows, and its cost in minor units.

    It has seen the labels: a bound to compare with, not a threshold to use. Infinity: never act.
    """
    ranking = Ranking(labels, probabilities)
    counts = ranking.counts()
    missed = counts.positives[0] - counts.hits[0]
    costs = counts.alarms[0] * false_alarm_minor + missed * miss_minor
    never = float(counts.positives[0]) * miss_minor
    best = int(np.argmin(costs))
    if never <= costs[best]:
        return float("inf"), round(never)
    return float(ranking.scores[best]), round(float(costs[best]))


def _value_of_top(probabilities: Floats, n: int) -> float:
    """Return the lowest value that at most n rows reach; above all of them if ties forbid any."""
    values, counts = np.unique(probabilities, return_counts=True)
    reached = np.cumsum(counts[::-1])[::-1]
    fitting = np.flatnonzero(reached <= n)
    return float(values[fitting[0]]) if len(fitting) else float(np.nextafter(values[-1], np.inf))


def _told(
    labels: Labels, probabilities: Floats, value: float, by: By, days: NDArray[Any] | None,
    **rule: int,
) -> Threshold:  # fmt: skip
    plain = Threshold(value=value, by=by, alerts_share=0.0)
    found = outcome_at(labels, probabilities, plain)
    return Threshold(
        value=value,
        by=by,
        alerts_share=found.alerts / len(labels),
        alerts_per_day=None if days is None else found.alerts / len(np.unique(days)),
        capacity_per_day=rule.get("capacity_per_day"),
        false_alarm_minor=rule.get("false_alarm_minor"),
        miss_minor=rule.get("miss_minor"),
        precision=found.precision,
        recall=found.recall,
    )
