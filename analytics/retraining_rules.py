"""May a challenger take the champion's place? The rule, and the comparison it is applied to.

    ROC-AUC (or average precision)   the lower end of the paired 95 % interval above 0
    calibration error                at most 0.01 worse
    recall between levels of a slice the widest gap at most 0.02 wider

All on one hold-out that neither has seen. Both raise as many alarms there, so that a recall is
not bought with alarms. Rows are drawn again a thousand times, the same for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.drift import Finding, Level, Watched
from analytics.errors import CannotLearn
from analytics.evaluation import metrics
from analytics.evaluation.bands import bands_of
from analytics.evaluation.bootstrap import Interval, draws, interval_of
from analytics.evaluation.ranking import Ranking, area_of, average_precision_of
from analytics.models import Floats, Labels
from analytics.registry.cards import Figure, SliceFigures

_MEASURES = {"roc_auc": area_of, "average_precision": average_precision_of}
#: A level with fewer positives has no recall worth comparing.
LEVEL_POSITIVES_MIN = 50
#: The calibration error of labelled newer rows from which it is drift, beside the reference.
ECE_ACT = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When a challenger is better. Shares; `by` is roc_auc or average_precision."""

    by: str = "roc_auc"
    holdout_share: float = 0.3
    positives_min: int = 30
    ece_worse_max: float = 0.01
    gap_worse_max: float = 0.02
    draws_count: int = 1_000

    def check(self, labels: Labels) -> None:
        """Raises CannotLearn: the hold-out cannot tell two models apart."""
        fewest = int(min(labels.sum(), len(labels) - labels.sum())) if len(labels) else 0
        if fewest < self.positives_min:
            raise CannotLearn(
                f"The newest hold-out has {len(labels):,} rows and {fewest} of its rarer class; "
                f"{self.positives_min} are needed to compare. Wait for more rows."
            )

    def with_labels(self, watched: Watched, labels: Labels, scores: Floats) -> Watched:
        """Return the findings and one more: how far the labels that came are from what was said."""
        error = metrics.ece(labels, scores)
        by_chance = metrics.ece_of_chance(scores)
        level = Level.ACT if error - by_chance >= ECE_ACT else Level.STEADY
        if level is Level.STEADY and error - by_chance >= ECE_ACT / 2:
            level = Level.LOOK
        happened, said = float(labels.mean()), float(scores.mean())
        finding = Finding(
            "labels", "ece", error, level,
            f"It happened in {happened:.1%} of the rows; {said:.1%} was said "
            f"(calibration error {error:.3f}).",
        )  # fmt: skip
        weight = {Level.ACT: 0, Level.LOOK: 1, Level.STEADY: 2}
        findings = sorted((finding, *watched.findings), key=lambda one: weight[one.level])
        return replace(watched, findings=tuple(findings))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Champion and challenger on one hold-out. `refusals` is empty where it is better."""

    rows_count: int
    positives_count: int
    by: str
    champion: dict[str, float]
    figures: dict[str, Interval]
    gain: Interval
    gaps: dict[str, tuple[float, float]]
    slices: tuple[SliceFigures, ...]
    refusals: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows_count, "positives": self.positives_count, "by": self.by,
            "champion": self.champion,
            "challenger": {name: one.value for name, one in self.figures.items()},
            "gain": self.gain.as_json(),
            "recall_gaps": {name: list(pair) for name, pair in self.gaps.items()},
            "refusals": list(self.refusals),
        }  # fmt: skip


def compare(
    table: pd.DataFrame,
    labels: Labels,
    champion: Floats,
    challenger: Floats,
    *,
    rules: Rules,
    by: Sequence[str] = (),
    threshold: float | None = None,
) -> Comparison:
    """Compare two models' probabilities on the rows of a hold-out.

    threshold: the champion's; the challenger then raises as many alarms. None: both raise as many
    as there are positives.
    """
    values, figures, gain = _measured(labels, champion, challenger, rules)
    for name, measure in (("ece", metrics.ece), ("log_loss", metrics.log_loss)):
        values[name] = float(measure(labels, champion))
        figures[name] = Interval(float(measure(labels, challenger)), np.nan, np.nan)
    alarms = labels.mean() if threshold is None else np.mean(champion >= threshold)
    count = max(1, round(float(alarms) * len(labels)))
    old, new = _highest(champion, count), _highest(challenger, count)
    gaps, slices = {}, []
    for name in (one for one in by if one in table):
        before, _ = _recalls(name, table[name], labels, old)
        after, told = _recalls(name, table[name], labels, new)
        if len(after) > 1:
            gaps[name] = (max(before) - min(before), max(after) - min(after))
        slices += told
    refusals = _refusals(rules, values, figures, gain, gaps)
    return Comparison(
        len(labels), int(labels.sum()), rules.by, values, figures, gain, gaps,
        tuple(slices), refusals,
    )  # fmt: skip


def _measured(
    labels: Labels, champion: Floats, challenger: Floats, rules: Rules
) -> tuple[dict[str, float], dict[str, Interval], Interval]:
    pieces = list(draws(labels, count=rules.draws_count))
    weights = np.concatenate([np.ones((1, len(labels))), *pieces])
    old, new = (
        Ranking(labels, champion).counts(weights),
        Ranking(labels, challenger).counts(weights),
    )
    values, figures, gain = {}, {}, Interval(np.nan, np.nan, np.nan)
    for name, measure in _MEASURES.items():
        before, after = measure(old), measure(new)
        values[name] = float(before[0])
        figures[name] = interval_of(float(after[0]), after[1:])
        if name == rules.by:
            gained = after - before
            gain = interval_of(float(gained[0]), gained[1:])
    return values, figures, gain


def _refusals(
    rules: Rules, values: dict[str, float], figures: dict[str, Interval], gain: Interval,
    gaps: dict[str, tuple[float, float]],
) -> tuple[str, ...]:  # fmt: skip
    found = []
    if not gain.low > 0:
        found.append(
            f"{rules.by} changes by {gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f}): "
            "not surely better."
        )
    worse = figures["ece"].value - values["ece"]
    if worse > rules.ece_worse_max:
        found.append(f"The calibration error rises by {worse:.3f} to {figures['ece'].value:.3f}.")
    for name, (before, after) in gaps.items():
        if after - before > rules.gap_worse_max:
            found.append(
                f"Between the levels of {name} recall differs by {after:.1%}; it was {before:.1%}."
            )
    return tuple(found)


def _highest(scores: Floats, count: int) -> NDArray[np.bool_]:
    """Return the rows of the `count` highest scores; of equal ones the earlier rows."""
    acted = np.zeros(len(scores), dtype=bool)
    acted[np.argsort(-scores, kind="stable")[:count]] = True
    return acted


def _recalls(
    name: str, cells: pd.Series, labels: Labels, acted: NDArray[np.bool_]
) -> tuple[list[float], list[SliceFigures]]:
    codes, levels = bands_of(name, cells)
    recalls, told = [], []
    for code, level in enumerate(levels):
        inside = codes == code
        positives = int(labels[inside].sum())
        if positives < LEVEL_POSITIVES_MIN:
            continue
        recall = float(acted[inside & (labels == 1)].mean())
        recalls.append(recall)
        told.append(SliceFigures(name, level, int(inside.sum()), (Figure("recall", recall),)))
    return recalls, told
