"""Evaluating: learn from each part's training rows, score its test rows, then count.

    splits ──▶ fit and score, model beside baseline ──▶ figures ──▶ threshold ──▶ slices
       └─────▶ leakage probes, before anything is believed

The table is never changed, and a recipe sees nothing of the rows it is tested on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import BadTable, BrokenModel, CannotLearn, TableProblem
from analytics.evaluation.duplicates import probe_duplicates
from analytics.evaluation.evaluation import Evaluation, Measured
from analytics.evaluation.figures import Scoreboard, Scored, figures_of
from analytics.evaluation.leakage import Warned, probe
from analytics.evaluation.metrics import ece_of_chance
from analytics.evaluation.protocols import ByTime, Plan, Rows, Split
from analytics.evaluation.reasons import ROWS_MOST, influences
from analytics.evaluation.slices import slices_of
from analytics.evaluation.thresholds import Threshold, by_rate, outcome_at
from analytics.evaluation.words import Words
from analytics.models import Floats, Labels, Model, Progress, Recipe, quietly
from analytics.tables.columns import Schema


class Chooser(Protocol):
    """Chooses the threshold from labels, probabilities and days of the tested rows."""

    def __call__(
        self, labels: Labels, probabilities: Floats, /, *, days: NDArray[Any] | None = None
    ) -> Threshold: ...


_TIMED_ROWS = 40
_WARM_UP_ROWS = 5


@dataclass(frozen=True, slots=True)
class _Run:
    parts: tuple[Scored, ...]
    last: Model
    score_p50_ms: float


def evaluate(
    recipe: Recipe,
    table: pd.DataFrame,
    labels: Labels,
    schema: Schema,
    protocol: Plan,
    *,
    baseline: Recipe | None = None,
    slices: Sequence[str] = (),
    groups: NDArray[Any] | None = None,
    days: NDArray[Any] | None = None,
    ceiling: Mapping[str, float] | None = None,
    choose: Chooser | None = None,
    words: Words | None = None,
    window: str = "",
    ids: tuple[str, ...] = (),
    command: str = "",
    seed: int = 7,
    progress: Progress = quietly,
) -> Evaluation:
    """Return how well the recipe does on rows it did not learn from, beside the baseline.

    table: n rows with the schema's columns and those of `slices`; labels: shape (n,), 0 or 1.
    groups: shape (n,), kept whole by the protocol and drawn whole by the bootstrap: a customer's
    rows, a day's. days: shape (n,), for a capacity per day. ids: columns naming whom a row is
    about, looked at for leaks. ceiling: the best value possible of any figure. choose: the
    threshold; by default as many rows as there are positives expected. The recipe learns with
    `seed` plus the repeat's number.

    Raises CannotLearn: one class only on a side of a split. BadTable: a slice's column is missing.
    """
    words = words or Words()
    missing = [name for name in (*schema.names, *slices) if name not in table.columns]
    if missing:
        raise BadTable(
            tuple(
                TableProblem("missing_column", name, f"There is no column {name}.")
                for name in missing
            )
        )
    if len(np.unique(labels)) < 2:
        raise CannotLearn(f"Column {words.target} has one class only.")
    splits = list(protocol.splits(labels, groups=groups, seed=seed))
    tested = np.unique(np.concatenate([one.test_rows for one in splits]))
    recipes = [recipe] if baseline is None else [recipe, baseline]
    share = _shared(progress, len(splits) * len(recipes))
    runs = [
        _run(one, table, labels, schema, splits, tested, seed, share[number * len(splits) :])
        for number, one in enumerate(recipes)
    ]
    kept, mine = labels[tested], None if groups is None else groups[tested]
    boards = [Scoreboard(run.parts, kept) for run in runs]
    figures = figures_of(boards[0], boards[1] if baseline else None, kept, groups=mine, seed=seed)
    measured = [
        _measured(one.name, run, board, found, len(kept))
        for one, run, board, found in zip(
            recipes, runs, boards, (figures.model, figures.baseline), strict=False
        )
    ]
    said = measured[0].probabilities
    threshold = (choose or by_rate)(kept, said, days=None if days is None else days[tested])
    found, gaps = slices_of(
        table.iloc[tested], kept, said, threshold.acts_on(said), by=slices, groups=mine, seed=seed
    )
    return Evaluation(
        model=measured[0],
        baseline=measured[1] if baseline else None,
        differences=figures.differences,
        labels=kept,
        rows=tested,
        table_rows_count=len(table),
        features=schema.names,
        protocol=protocol.sentence,
        window=window,
        threshold=threshold,
        outcome=outcome_at(kept, said, threshold),
        slices=found,
        gaps=gaps,
        warnings=_warnings(table, labels, schema, protocol, splits, words, ids, seed),
        influences=influences(runs[0].last, table.iloc[_some(tested)]),
        chance_ece=ece_of_chance(said, seed=seed),
        seed=seed,
        draws_count=figures.draws_count,
        ceiling=ceiling or {},
        words=words,
        command=command,
    )


def _run(
    recipe: Recipe, table: pd.DataFrame, labels: Labels, schema: Schema, splits: list[Split],
    tested: Rows, seed: int, shares: list[Progress],
) -> _Run:  # fmt: skip
    parts = []
    for split, progress in zip(splits, shares, strict=False):
        started = time.process_time()
        model = recipe.fit(
            table.iloc[split.train_rows], labels[split.train_rows], schema,
            seed=seed + split.repeat, progress=progress,
        )  # fmt: skip
        fit_s = time.process_time() - started
        said = np.asarray(model.probability(table.iloc[split.test_rows]), dtype=np.float64)
        if said.shape != split.test_rows.shape or not bool(((said >= 0) & (said <= 1)).all()):
            raise BrokenModel(f"{recipe.name} gave something else than a probability for each row.")
        places = np.searchsorted(tested, split.test_rows)
        parts.append(Scored(split.name, split.repeat, places, said, len(split.train_rows), fit_s))
        progress(1.0)
    # One row at a time, as a door asks; of the last fold, which the model has not seen.
    return _Run(tuple(parts), model, _score_p50_ms(model, table.iloc[splits[-1].test_rows]))


def _measured(name: str, run: _Run, board: Scoreboard, found: Any, rows: int) -> Measured:
    probabilities = np.full(rows, np.nan)
    for part in run.parts:
        if part.repeat == 0:
            probabilities[part.rows] = part.probabilities
    return Measured(
        name=name,
        figures=found,
        parts=run.parts,
        by_part=tuple(board.by_part()),
        probabilities=probabilities,
        fit_s=float(np.mean([part.fit_s for part in run.parts])),
        score_p50_ms=run.score_p50_ms,
    )


def _score_p50_ms(model: Model, table: pd.DataFrame) -> float:
    taken = []
    for row in range(_TIMED_ROWS + _WARM_UP_ROWS):
        one = table.iloc[[row % len(table)]]
        started = time.process_time_ns()
        model.probability(one)
        taken.append((time.process_time_ns() - started) / 1e6)
    return float(np.median(taken[_WARM_UP_ROWS:]))


def _warnings(
    table: pd.DataFrame, labels: Labels, schema: Schema, protocol: Plan, splits: list[Split],
    words: Words, ids: tuple[str, ...], seed: int,
) -> tuple[Warned, ...]:  # fmt: skip
    by_time = isinstance(protocol, ByTime)
    found = probe(
        table, labels, target=words.target, features=schema.names,
        moments=protocol.moments if isinstance(protocol, ByTime) else None, seed=seed,
    )  # fmt: skip
    # By time, order may tell the label: nothing there looks into the future.
    kept = tuple(one for one in found if not (by_time and one.code == "order_tells"))
    owners = () if by_time else ids
    return kept + probe_duplicates(table, labels, splits, features=schema.names, ids=owners)


def _some(tested: Rows) -> Rows:
    """Return a few of the tested rows, evenly over all."""
    return tested[:: max(1, len(tested) // ROWS_MOST)]


def _shared(progress: Progress, count: int) -> list[Progress]:
    """Return a progress for each of `count` works of equal length, that add up to the whole."""

    def one(number: int) -> Progress:
        return lambda share: progress((number + share) / count)

    return [one(number) for number in range(count)]
