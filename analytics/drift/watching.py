"""A new window against the reference: findings in sentences, and one verdict.

    steady   nothing moved that matters          look   a person reads the findings
    act      retrain: the challenger is compared before it is proposed (retraining.py)

A column that moves with the calendar (month, days since …) is shown and never alarms: over a short
window its index is large by its nature. The sentences name columns and shares, never a row.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from analytics.drift.adwin import Adwin
from analytics.drift.estimate import Estimate, estimate
from analytics.drift.ks import ks
from analytics.drift.psi import ACT, WARN, psi
from analytics.drift.reference import OTHER, Reference, Shape, numbers_of
from analytics.errors import FeatureMismatch
from analytics.models import Floats

#: An index above its limit counts when chance alone gives as much more rarely than this.
CHANCE_MAX = 0.01
#: A KS distance is worth a look from here, if it is no chance.
DISTANCE_LOOK = 0.1
#: More unknown values than in the reference, in shares of all rows.
MISSING_LOOK, MISSING_ACT = 0.05, 0.2
#: Points of ROC-AUC, average precision or accuracy the model itself expects to have lost.
LOSS_LOOK, LOSS_ACT = 0.02, 0.05
#: Times as many alarms, or as few, as in the reference.
ALARMS_LOOK = 1.5


class Level(StrEnum):
    STEADY = "steady"
    LOOK = "look"
    ACT = "act"


_WEIGHT = {level: place for place, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing measured. `alarms`: whether it counts for the verdict.

    about: a column, "score" or "alarms"; measure: psi, ks, missing, estimate, alarm_share, adwin.
    """

    about: str
    measure: str
    value: float
    level: Level
    sentence: str
    p_value: float | None = None
    alarms: bool = True


@dataclass(frozen=True, slots=True)
class Watched:
    """A window that was looked at; the weightiest findings first."""

    rows_count: int
    findings: tuple[Finding, ...]
    expected: tuple[Estimate, ...]

    @property
    def verdict(self) -> Level:
        levels = [one.level for one in self.findings if one.alarms]
        return max(levels, key=_WEIGHT.__getitem__, default=Level.STEADY)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentences of what is not steady and counts."""
        told = (one for one in self.findings if one.alarms and one.level is not Level.STEADY)
        return tuple(one.sentence for one in told)

    def value(self, about: str, measure: str) -> float | None:
        """Return one figure, or None."""
        for one in self.findings:
            if (one.about, one.measure) == (about, measure):
                return one.value
        return None

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": str(self.verdict),
            "rows": self.rows_count,
            "findings": [asdict(one) for one in self.findings],
            "expected": {one.name: _interval(one) for one in self.expected},
        }


def watch(
    reference: Reference, table: pd.DataFrame, scores: Floats, *, calendar: Collection[str] = ()
) -> Watched:
    """Return what changed. `scores` are the model's for the table's rows, in order of arrival.

    Raises FeatureMismatch: a column of the reference is absent, or there are no rows.
    """
    lacking = [shape.name for shape in reference.shapes if shape.name not in table]
    if lacking or not len(table):
        what = f"Column {lacking[0]} is missing" if lacking else "There are no rows"
        raise FeatureMismatch(f"{what}: drift is measured over the features of the model.")
    findings: list[Finding] = []
    for shape in reference.shapes:
        alarms = shape.name not in calendar
        findings += _column(shape, table[shape.name], alarms=alarms, tests=len(reference.shapes))
    findings += _column(reference.score, pd.Series(scores), alarms=True, tests=1)
    findings += _alarms(reference, scores)
    expected = estimate(scores, threshold=reference.threshold)
    findings += _losses(reference, expected)
    findings.sort(key=lambda one: (-_WEIGHT[one.level], not one.alarms, -one.value))
    return Watched(len(table), tuple(findings), expected)


def _column(shape: Shape, values: pd.Series, *, alarms: bool, tests: int) -> list[Finding]:
    moved = psi(shape, values)
    where = "levels not known from training" if moved.bin == OTHER else moved.bin
    level = _level(moved.psi, WARN, ACT)
    if moved.p_value >= CHANCE_MAX / tests:
        level = Level.STEADY
    word = {Level.STEADY: "is where it was", Level.LOOK: "has moved", Level.ACT: "has moved far"}
    most = f", most at {where}" if level is not Level.STEADY else ""
    found = [
        Finding(
            shape.name, "psi", moved.psi, level,
            f"{shape.name} {word[level]} (PSI {moved.psi:.2f}{most}).",
            p_value=moved.p_value, alarms=alarms,
        )
    ]  # fmt: skip
    more = moved.missing_share - shape.missing_share
    found.append(
        Finding(
            shape.name, "missing", moved.missing_share, _level(more, MISSING_LOOK, MISSING_ACT),
            f"{shape.name} is unknown in {moved.missing_share:.0%} of the rows; "
            f"it was in {shape.missing_share:.0%}.",
            alarms=alarms,
        )
    )  # fmt: skip
    if not shape.levels and numbers_of(values).size:
        distance, chance = ks(shape, values)
        is_real = distance >= DISTANCE_LOOK and chance < CHANCE_MAX / tests
        found.append(
            Finding(
                shape.name, "ks", distance, Level.LOOK if is_real else Level.STEADY,
                f"{shape.name} differs from the reference by up to {distance:.0%} of its rows.",
                p_value=chance, alarms=alarms,
            )
        )  # fmt: skip
    return found


def _alarms(reference: Reference, scores: Floats) -> list[Finding]:
    """Return whether alarms have become more or fewer, against the reference and on the way."""
    raised = scores >= reference.threshold
    share, before, rows = float(raised.mean()), reference.alarm_share, len(scores)
    pooled = (share * rows + before * reference.score.rows_count) / (
        rows + reference.score.rows_count
    )
    spread = np.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / max(1, reference.score.rows_count)))
    far = abs(share - before) > 3 * spread
    floor = 0.5 / rows
    ratio = max(share, floor) / max(before, floor)
    is_much = max(ratio, 1 / ratio) >= ALARMS_LOOK
    window = Adwin()
    cuts = sum(window.add(float(one)) for one in raised)
    return [
        Finding(
            "alarms", "alarm_share", share, Level.LOOK if far and is_much else Level.STEADY,
            f"{share:.1%} of the rows are above the threshold; {before:.1%} were.",
        ),
        Finding(
            "alarms", "adwin", float(cuts), Level.LOOK if cuts else Level.STEADY,
            "The share of alarms changed within the window."
            if cuts else "The share of alarms stayed the same within the window.",
        ),
    ]  # fmt: skip


def _losses(reference: Reference, expected: tuple[Estimate, ...]) -> list[Finding]:
    """Return how much worse the model expects to be than in the reference, where it can say."""
    found = []
    for one in expected:
        before = reference.expected.get(one.name)
        if before is None or one.name == "positive_share" or not np.isfinite(one.value):
            continue
        # The whole interval lies below: the window's own chance is not the reason.
        loss = before - one.value if one.high < before else 0.0
        found.append(
            Finding(
                one.name, "estimate", one.value, _level(loss, LOSS_LOOK, LOSS_ACT),
                f"By its own probabilities the model's {one.name.replace('_', ' ')} is "
                f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f}); it was {before:.3f}.",
            )
        )  # fmt: skip
    return found


def _level(value: float, look: float, act: float) -> Level:
    if value >= act:
        return Level.ACT
    return Level.LOOK if value >= look else Level.STEADY


def _interval(one: Estimate) -> dict[str, float | None]:
    told = {"value": one.value, "low": one.low, "high": one.high}
    return {key: number if np.isfinite(number) else None for key, number in told.items()}
