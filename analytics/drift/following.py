"""Following a stream: small models of several windows, blended; watched, retrained when it drifts.

    rows arrive ─▶ scored ─▶ their labels come ─▶ odds recalibrated on the newest labelled rows
                                 └─▶ the score drifted (PSI), or the models are old ─▶ all retrained

Nothing is scored by a model that has seen it. A window that is long knows more, one that is short
knows today; the mean of their log-odds is better than either, and which of them is right need not
be known. The offset and slope of the mean are fitted anew at each step (Platt), held towards "as
they are" by a prior, so that a few labels do not throw them.

When labels come late, call `learn` late: with the block whose labels have just become known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.drift.psi import ACT, Moved, psi
from analytics.drift.reference import SCORE, Shape, shape_of
from analytics.drift.watching import CHANCE_MAX
from analytics.models import Floats, Labels, Model, Recipe
from analytics.tables.columns import Schema

#: The prior of Platt's two numbers, in rows' worth of evidence: offset towards 0, slope towards 1.
_OFFSET_PRIOR, _SLOPE_PRIOR = 1.0, 20.0
_PLATT_STEPS = 25
_FLOOR = 1e-4


@dataclass(frozen=True, slots=True)
class Habits:
    """How a stream is followed. `None` among the windows: all rows there are.

    always: retrain at every step, whether it drifted or not.
    """

    windows_rows: tuple[int | None, ...] = (1_500, 3_000, 6_000, None)
    step_rows: int = 500
    calibrate_rows: int = 4_000
    reference_rows: int = 1_000
    oldest_rows: int = 1_000
    always: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One block: how far its scores had moved from the reference, and whether all was retrained."""

    rows_count: int
    moved: Moved
    alarmed: bool
    retrained: bool


@dataclass
class Follower:
    """Scores and learns, block by block. Start it with the rows there are already."""

    recipe: Recipe
    schema: Schema
    habits: Habits = field(default_factory=Habits)
    seed: int = 7
    _table: pd.DataFrame = field(default_factory=pd.DataFrame)
    _labels: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    #: Log-odds of the newest labelled rows, by models that had not seen them.
    _before: Floats = field(default_factory=lambda: np.empty(0))
    _members: tuple[Model, ...] = ()
    _reference: Shape | None = None
    _age_rows: int = 0
    _platt: tuple[float, float] = (0.0, 1.0)

    def start(self, table: pd.DataFrame, labels: Labels) -> None:
        """Learn the history; its newest rows are first followed, to calibrate by."""
        held = min(self.habits.calibrate_rows, len(table) // 2)
        cut = len(table) - held
        self._table, self._labels = table.iloc[:cut], labels[:cut]
        self._retrain()
        for at in range(cut, len(table), self.habits.step_rows):
            to = min(at + self.habits.step_rows, len(table))
            self.learn(table.iloc[at:to], labels[at:to])
        self._retrain()

    def score(self, block: pd.DataFrame) -> Floats:
        """Return P(label = 1) for rows that have arrived, shape (n,)."""
        offset, slope = self._platt
        scores: Floats = 1 / (1 + np.exp(-(offset + slope * self._blend(block))))
        return scores

    def learn(self, block: pd.DataFrame, labels: Labels) -> Step:
        """Take rows whose labels are known by now. Returns what was seen and done."""
        odds = self._blend(block)
        scores = pd.Series(self.score(block))
        moved = psi(self._reference or shape_of(scores, SCORE), scores)
        self._table = pd.concat([self._table, block], ignore_index=True)
        self._labels = np.concatenate([self._labels, labels])
        self._before = np.concatenate([self._before, odds])[-self.habits.calibrate_rows :]
        self._platt = _platt(self._before, self._labels[-len(self._before) :])
        self._age_rows += len(block)
        alarmed = moved.psi >= ACT and moved.p_value < CHANCE_MAX
        retrain = self.habits.always or alarmed or self._age_rows >= self.habits.oldest_rows
        if retrain:
            self._retrain()
        return Step(len(block), moved, alarmed, retrain)

    def _retrain(self) -> None:
        rows = len(self._table)
        windows = sorted({min(rows, one or rows) for one in self.habits.windows_rows})
        self._members = tuple(
            self.recipe.fit(
                self._table.iloc[rows - one :], self._labels[rows - one :], self.schema,
                seed=self.seed,
            )
            for one in windows
        )  # fmt: skip
        newest = self._before[-self.habits.reference_rows :]
        if newest.size:
            offset, slope = self._platt
            held = pd.Series(1 / (1 + np.exp(-(offset + slope * newest))))
            self._reference = shape_of(held, SCORE)
        self._age_rows = 0

    def _blend(self, block: pd.DataFrame) -> Floats:
        odds: Floats = np.mean([_log_odds(one.probability(block)) for one in self._members], axis=0)
        return odds


def follow(
    table: pd.DataFrame, labels: Labels, follower: Follower, *, start_rows: int, late_steps: int = 0
) -> tuple[Floats, Sequence[Step]]:
    """Run over a table in order of time; return the scores of the rows after `start_rows`.

    The labels of a block are known when the next one begins, or `late_steps` blocks later.
    """
    follower.start(table.iloc[:start_rows], labels[:start_rows])
    scores: list[Floats] = []
    steps: list[Step] = []
    waiting: deque[slice] = deque()
    for at in range(start_rows, len(table), follower.habits.step_rows):
        block = slice(at, min(at + follower.habits.step_rows, len(table)))
        scores.append(follower.score(table.iloc[block]))
        waiting.append(block)
        if len(waiting) > late_steps:
            known = waiting.popleft()
            steps.append(follower.learn(table.iloc[known], labels[known]))
    return np.concatenate(scores), steps


def _platt(odds: Floats, labels: NDArray[Any]) -> tuple[float, float]:
    """Return (offset, slope) of the penalised logistic fit, by Newton's method."""
    both = np.array([0.0, 1.0])
    design = np.column_stack([np.ones(len(odds)), odds])
    prior = np.array([_OFFSET_PRIOR, _SLOPE_PRIOR])
    for _ in range(_PLATT_STEPS):
        said = 1 / (1 + np.exp(-(design @ both)))
        slope = design.T @ (labels - said) - prior * (both - np.array([0.0, 1.0]))
        bend = (design * (said * (1 - said))[:, None]).T @ design + np.diag(prior)
        step = np.linalg.solve(bend, slope)
        both = both + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return float(both[0]), float(both[1])


def _log_odds(probability: Floats) -> Floats:
    inside = np.clip(probability, _FLOOR, 1 - _FLOOR)
    odds: Floats = np.log(inside / (1 - inside))
    return odds
