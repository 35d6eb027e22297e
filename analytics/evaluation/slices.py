"""For whom does it work? Every figure for each part of the rows, and where a gap is no chance.

    by         level      rows  positives   ROC-AUC   acts on   finds   false alarms   calibration
    tenure     under 9    1,773    906       0.76      58 %      79 %       35 %          +0.8 pt
    tenure     55 and over  …

A gap is a slice against all other rows; calibration is what happened against what was said. It is
told where it is large enough to matter and, over all the gaps looked at (Bonferroni), outside
what drawing the rows again explains. A gap is a question to be answered, not a verdict: parts
that differ in what happens must differ in how often one acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.evaluation.bands import bands_of
from analytics.evaluation.bootstrap import Interval, draws, interval_of, wilson
from analytics.evaluation.protocols import Rows
from analytics.evaluation.ranking import Ranking, area_of
from analytics.evaluation.words import percent
from analytics.models import Floats, Labels

#: A slice with fewer positives is named, and nothing is claimed about it.
POSITIVES_LEAST = 30
#: Draws, at least and at most, and their number times rows.
_DRAWS = (40, 400)
_WORK = 60_000_000
_ALPHA = 0.05
#: Smaller gaps are not told even if certain, as shares.
_MATTERS = {"acts_on": 0.05, "recall": 0.05, "false_alarm_rate": 0.03, "calibration_gap": 0.02}


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of the rows. Figures are None where there are too few positives or negatives."""

    by: str
    level: str
    rows_count: int
    positives_count: int
    too_few: bool
    roc_auc: Interval | None = None
    acts_on: Interval | None = None
    recall: Interval | None = None
    false_alarm_rate: Interval | None = None
    #: Share of positives minus mean probability: above 0, it happens more than was said.
    calibration_gap: Interval | None = None

    def as_json(self) -> dict[str, Any]:
        figures = {
            name: one.as_json() if isinstance(one, Interval) else one
            for name in ("roc_auc", "acts_on", "recall", "false_alarm_rate", "calibration_gap")
            for one in (getattr(self, name),)
        }
        return {
            "by": self.by, "level": self.level, "rows_count": self.rows_count,
            "positives_count": self.positives_count, "too_few": self.too_few, **figures,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gap:
    """A slice that stands apart in one thing: `inside` it and `outside`, among all other rows.

    happens_inside, happens_outside: shares of positives, which explain much. For calibration,
    `outside` is 0: what was said. p_value: before correction for how many were looked at.
    """

    by: str
    level: str
    what: str
    inside: float
    outside: float
    happens_inside: float
    happens_outside: float
    p_value: float

    @property
    def value(self) -> float:
        return self.inside - self.outside

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "value": self.value}


@dataclass(slots=True)
class _Part:
    """Rows of one level, and what was counted of them: in the table, then in each draw."""

    by: str
    level: str
    rows: Rows
    positives: int
    #: None: too few rows to claim anything.
    ranking: Ranking | None
    #: Whether another level of two says the same turned round, and has fewer rows.
    mirrored: bool
    areas: list[Floats] = field(default_factory=list)
    inside: list[Floats] = field(default_factory=list)
    outside: list[Floats] = field(default_factory=list)


def slices_of(
    table: pd.DataFrame,
    labels: Labels,
    probabilities: Floats,
    acted: NDArray[np.bool_],
    *,
    by: Sequence[str],
    groups: NDArray[Any] | None = None,
    seed: int = 7,
) -> tuple[tuple[Slice, ...], tuple[Gap, ...]]:
    """Return the slices of each column of `by`, and the gaps worth a sentence, largest first.

    table, labels, probabilities, acted: row by row the same; `acted` is where the threshold acts.
    """
    cut = [part for name in by for part in _parts(name, table[name], labels, probabilities)]
    told = [part for part in cut if part.ranking is not None]
    columns = np.column_stack(
        [np.ones(len(labels)), acted, labels, labels * acted, (1 - labels) * acted, probabilities]
    ).astype(np.float64)
    count = int(np.clip(_WORK // len(labels), *_DRAWS))
    whole: Iterable[Floats] = (np.ones((1, len(labels))),)
    for weights in chain(whole, draws(labels, groups=groups, count=count, seed=seed)):
        everywhere = weights @ columns
        for part in told:
            mine = weights[:, part.rows]
            inside = mine @ columns[part.rows]
            part.areas.append(area_of(part.ranking.counts(mine)) if part.ranking else mine[:, 0])
            part.inside.append(inside)
            part.outside.append(everywhere - inside)
    slices = tuple(_slice(part, labels, probabilities, acted) for part in cut)
    gaps = [gap for part, one in zip(cut, slices, strict=True) for gap in _gaps(part, one)]
    # Every measure of every slice was looked at, told or not.
    looked_at = len(_MATTERS) * max(1, len(told))
    kept = [one for one in gaps if one.p_value * looked_at < _ALPHA]
    return slices, tuple(sorted(kept, key=lambda one: -abs(one.value)))


def sentences_of(gaps: Sequence[Gap]) -> tuple[str, ...]:
    """Return one sentence for each slice that stands apart, the widest gap first."""
    found: dict[tuple[str, str], list[Gap]] = {}
    for gap in gaps:
        found.setdefault((gap.by, gap.level), []).append(gap)
    return tuple(_sentence(mine) for mine in found.values())


def _parts(name: str, cells: pd.Series, labels: Labels, probabilities: Floats) -> Iterator[_Part]:
    codes, levels = bands_of(name, cells)
    sizes = np.bincount(codes, minlength=len(levels))
    for code, level in enumerate(levels):
        rows = np.flatnonzero(codes == code)
        positives = int(labels[rows].sum())
        enough = min(positives, len(rows) - positives) >= POSITIVES_LEAST
        ranking = Ranking(labels[rows], probabilities[rows]) if enough else None
        mirrored = len(levels) == 1 or (len(levels) == 2 and code != int(np.argmin(sizes)))
        yield _Part(name, level, rows, positives, ranking, mirrored)


def _slice(
    part: _Part, labels: Labels, probabilities: Floats, acted: NDArray[np.bool_]
) -> Slice:  # fmt: skip
    rows, positives = len(part.rows), part.positives
    if part.ranking is None:
        return Slice(part.by, part.level, rows, positives, too_few=True)
    mine, said, acts = labels[part.rows], probabilities[part.rows], acted[part.rows]
    areas = np.concatenate(part.areas)
    gap = float(np.mean(mine) - np.mean(said))
    half = 1.96 * float(np.sqrt(np.sum(said * (1 - said)))) / rows
    return Slice(
        part.by, part.level, rows, positives, too_few=False,
        roc_auc=interval_of(float(areas[0]), areas[1:]),
        acts_on=wilson(int(acts.sum()), rows),
        recall=wilson(int(acts[mine == 1].sum()), positives),
        false_alarm_rate=wilson(int(acts[mine == 0].sum()), rows - positives),
        calibration_gap=Interval(gap, gap - half, gap + half),
    )  # fmt: skip


def _rates(counted: list[Floats]) -> dict[str, Floats]:
    rows, acts, positives, caught, alarmed, said = np.concatenate(counted).T
    rows, positives = np.maximum(rows, 1.0), np.maximum(positives, 1e-9)
    return {
        "acts_on": acts / rows,
        "recall": caught / positives,
        "false_alarm_rate": alarmed / np.maximum(rows - positives, 1e-9),
        "calibration_gap": (positives - said) / rows,
        "base_rate": positives / rows,
    }


def _gaps(part: _Part, one: Slice) -> Iterator[Gap]:
    if part.ranking is None or part.mirrored:
        return
    inside, outside = _rates(part.inside), _rates(part.outside)
    rest = float(part.outside[0][0][0])
    for what, matters in _MATTERS.items():
        compared = np.zeros_like(inside[what]) if what == "calibration_gap" else outside[what]
        gap = inside[what] - compared
        # A rate of 0 or 1 varies in no draw; a row more on each side says how sure it can be.
        spread = max(float(gap[1:].std()), _least_spread(one, what, rest))
        if abs(gap[0]) >= matters:
            yield Gap(
                one.by, one.level, what, float(inside[what][0]), float(compared[0]),
                float(inside["base_rate"][0]), float(outside["base_rate"][0]),
                2 * NormalDist().cdf(-abs(float(gap[0])) / spread),
            )  # fmt: skip


def _least_spread(one: Slice, what: str, rest: float) -> float:
    held = {
        "recall": one.positives_count,
        "false_alarm_rate": one.rows_count - one.positives_count,
    }.get(what, one.rows_count)
    share = 1 / (held + 2)
    return float(np.sqrt(share * (1 - share) * (1 / (held + 2) + 1 / (rest + 2))))


def _sentence(gaps: Sequence[Gap]) -> str:
    first = gaps[0]
    told = {
        "acts_on": "the model acts on {} of the rows ({})",
        "recall": "finds {} of those it happens to ({})",
        "false_alarm_rate": "alarms {} of those it does not happen to ({})",
    }
    mine = {gap.what: gap for gap in gaps}
    said = [
        text.format(percent(mine[what].inside), percent(mine[what].outside))
        for what, text in told.items()
        if what in mine
    ]
    if "calibration_gap" in mine:
        points = 100 * mine["calibration_gap"].inside
        more = "more" if points > 0 else "less"
        said.append(f"says it {abs(points):.1f} points too {'low' if points > 0 else 'high'}"
                    f": it happens {more} often")  # fmt: skip
    if not said[0].startswith("the model"):
        said[0] = f"the model {said[0]}"
    happens = f"it happens to {percent(first.happens_inside)} ({percent(first.happens_outside)})"
    return f"{first.by} {first.level} (elsewhere): {happens}; {', '.join(said)}."
