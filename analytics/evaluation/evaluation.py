"""What an evaluation found: one value that pictures, reports and cards are made from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from analytics.evaluation.bootstrap import Interval
from analytics.evaluation.figures import NAMES, Scored
from analytics.evaluation.leakage import Warned
from analytics.evaluation.protocols import Rows
from analytics.evaluation.reasons import Influence
from analytics.evaluation.slices import Gap, Slice
from analytics.evaluation.thresholds import Outcome, Threshold
from analytics.evaluation.words import Words
from analytics.models import Floats, Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One recipe on the protocol.

    probabilities: of each tested row, out of fold, from the first repeat; shape (tested,).
    fit_s: mean CPU seconds of a fit, all threads. score_p50_ms: median CPU of one row's score.
    """

    name: str
    figures: dict[str, Interval]
    parts: tuple[Scored, ...]
    by_part: tuple[dict[str, float], ...]
    probabilities: Floats
    fit_s: float
    score_p50_ms: float

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.name,
            **{name: one.value for name, one in self.figures.items()},
            "intervals": {name: one.as_json() for name, one in self.figures.items()},
            "fit_s": self.fit_s,
            "score_p50_ms": self.score_p50_ms,
            "parts": [
                {
                    "name": part.name, "repeat": part.repeat, "train_rows": part.train_count,
                    "test_rows": len(part.rows), **figures,
                }
                for part, figures in zip(self.parts, self.by_part, strict=True)
            ],
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A recipe measured. Figures carry 95 % bootstrap intervals, of `draws_count` draws.

    labels and every Measured.probabilities: the tested rows, at positions `rows` of the table.
    differences: model minus baseline, paired. ceiling: the best value possible, where the truth is
    known. chance_ece: what a perfectly calibrated model would show on so many rows.
    """

    model: Measured
    baseline: Measured | None
    differences: dict[str, Interval]
    labels: Labels
    rows: Rows
    table_rows_count: int
    features: tuple[str, ...]
    protocol: str
    window: str
    threshold: Threshold
    outcome: Outcome
    slices: tuple[Slice, ...]
    gaps: tuple[Gap, ...]
    warnings: tuple[Warned, ...]
    influences: tuple[Influence, ...]
    chance_ece: float
    seed: int
    draws_count: int
    ceiling: Mapping[str, float] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    #: The command that repeats it, as typed.
    command: str = ""

    @property
    def base_rate(self) -> float:
        return float(self.labels.mean())

    @property
    def to_ceiling(self) -> dict[str, float]:
        """How far each figure is from the best possible, in the figure's own unit; never below 0
        but by chance, where the ceiling was computed on other rows.
        """
        return {
            name: (best - self.model.figures[name].value) * (1 if NAMES[name][1] else -1)
            for name, best in self.ceiling.items()
            if name in NAMES
        }

    def as_json(self, *, report: Path | None = None) -> dict[str, Any]:
        """Return everything but the rows themselves; a figure that has no value is None."""
        written = {
            **self.model.as_json(),
            "rows": len(self.labels),
            "positives": int(self.labels.sum()),
            "train_rows": self.model.parts[0].train_count,
            "features": list(self.features),
            "protocol": self.protocol,
            "window": self.window,
            "baseline": self.baseline.as_json() if self.baseline else None,
            "differences": {name: one.as_json() for name, one in self.differences.items()},
            "ceiling": dict(self.ceiling),
            "to_ceiling": self.to_ceiling,
            "ece_by_chance": self.chance_ece,
            "threshold": self.threshold.as_json(),
            "slices": [one.as_json() for one in self.slices],
            "gaps": [one.as_json() for one in self.gaps],
            "warnings": [one.as_json() for one in self.warnings],
            "influences": [one.as_json() for one in self.influences],
            "seed": self.seed,
            "draws": self.draws_count,
            "command": self.command,
            "report": str(report) if report else None,
        }
        return {key: _plain(value) for key, value in written.items()}


def _plain(value: Any) -> Any:
    """Return the value as JSON has it: no NaN or infinity, no numpy."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
