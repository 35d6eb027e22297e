"""Learning a model: members on folds of the training rows, then weights, then calibration.

    training rows ──▶ 5 folds ──▶ each learner on four, predicts the fifth ──▶ out-of-fold log-odds
                                        │                                           │
                     members of folds, or one on all rows                weights ≥ 0, calibration
                                        └────────────────▶ TableModel ◀─────────────┘

No member has seen the row it predicts out of fold. Sizes, weights and calibration are chosen on
those predictions, so figures of them flatter a little: what is told of a model is measured on rows
outside (evaluation), never here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from analytics.errors import CannotLearn
from analytics.learners import boosting, categorical
from analytics.learners.calibrating import Calibration, calibrated
from analytics.learners.encoding import Encoder
from analytics.learners.growing import Grown, best_rounds
from analytics.learners.members import Learner, Member
from analytics.learners.model import Part, TableModel
from analytics.learners.stacking import weights_of
from analytics.models import Floats, Labels, Progress, quietly
from analytics.tables.columns import Schema

ROWS_LEAST = 20
#: Three folds are as telling as five when there are so many rows.
_MANY_ROWS = 50_000
Done = TypeVar("Done")


@dataclass(frozen=True)
class Ingredient:
    """A learner of a recipe. bagged: its fold members are kept, instead of one on all rows."""

    learner: Learner
    bagged: bool = False


@dataclass(frozen=True)
class TableRecipe:
    """`analytics.models.Recipe`, for tables. `calibrates` False: the members' own log-odds."""

    name: str
    ingredients: tuple[Ingredient, ...]
    calibrates: bool = True

    def fit(
        self,
        table: pd.DataFrame,
        labels: Labels,
        schema: Schema,
        *,
        seed: int = 7,
        progress: Progress = quietly,
    ) -> TableModel:
        """Learn P(label = 1). Raises CannotLearn, FeatureMismatch: see analytics/models.py."""
        labels = np.asarray(labels, dtype=np.int8)
        refuse_labels(labels, len(table))
        encoder = Encoder.fit(table, schema)
        matrix = encoder.matrix(table)
        rows = _Rows(matrix, labels, encoder.schema, seed)
        learn = _with_folds if self.calibrates else _as_they_are
        # Jobs share the cores; threads of BLAS within a job would only wait for each other.
        with threadpool_limits(1):
            learnt = learn(self.ingredients, rows, progress)
        facts = {
            "recipe": self.name, "seed": seed, "rows_count": len(labels),
            "positives_count": int(labels.sum()), "learners": learnt.told,
        }  # fmt: skip
        return TableModel(encoder, learnt.parts, learnt.calibration, facts, learnt.out_of_fold)


@dataclass(frozen=True)
class _Learnt:
    """What folds, or no folds, came to."""

    parts: tuple[Part, ...]
    calibration: Calibration
    told: list[dict[str, Any]]
    out_of_fold: Floats | None = None


@dataclass(frozen=True)
class _Rows:
    """The training rows, encoded."""

    matrix: Floats
    labels: Labels
    schema: Schema
    seed: int

    def fit(self, learner: Learner, rounds: int | None = None) -> Member:
        return learner.fit(self.matrix, self.labels, self.schema, seed=self.seed, rounds=rounds)

    def on_fold(self, learner: Learner, learn: Any, look: Any, fold: int) -> Grown | Member:
        """Return the member of a fold; a growing one with its curve on the rows looked at."""
        inside, seed = (self.matrix[learn], self.labels[learn]), self.seed + fold
        if hasattr(learner, "grow"):
            watched = (self.matrix[look], self.labels[look])
            grown: Grown = learner.grow(*inside, self.schema, seed=seed, watched=watched)
            return grown
        return learner.fit(*inside, self.schema, seed=seed)


def refuse_labels(labels: Labels, rows_count: int) -> None:
    """Raise CannotLearn: labels that are not 0 and 1 in sufficient number."""
    assert len(labels) == rows_count, (len(labels), rows_count)
    strange = sorted({int(one) for one in np.unique(labels)} - {0, 1})
    if strange:
        raise CannotLearn(f"Labels must be 0 or 1; there are {strange}.")
    ones = int(labels.sum())
    rarer = min(ones, rows_count - ones)
    if rarer == 0:
        raise CannotLearn("There is one class only: nothing tells the two apart.")
    if rarer < ROWS_LEAST:
        raise CannotLearn(f"The rarer class has {rarer} rows; at least {ROWS_LEAST} are needed.")


def _as_they_are(ingredients: Sequence[Ingredient], rows: _Rows, progress: Progress) -> _Learnt:
    parts, told = [], []
    for place, one in enumerate(ingredients):
        parts.append(Part(rows.fit(one.learner), 1 / len(ingredients)))
        told.append({"learner": one.learner.kind, **one.learner.settings()})
        progress((place + 1) / len(ingredients))
    line = np.array([-1.0, 1.0])
    return _Learnt(tuple(parts), Calibration(line, line), told)


def _with_folds(ingredients: Sequence[Ingredient], rows: _Rows, progress: Progress) -> _Learnt:
    count = 5 if len(rows.labels) <= _MANY_ROWS else 3
    folds = list(
        StratifiedKFold(count, shuffle=True, random_state=rows.seed).split(rows.matrix, rows.labels)
    )
    whole_count = sum(not one.bagged for one in ingredients)
    steps = len(ingredients) * count + whole_count
    found = _all_of(
        [
            _job(rows.on_fold, one.learner, *folds[fold], fold)
            for one in ingredients
            for fold in range(count)
        ],
        lambda done: progress(done / steps),
    )
    out_of_fold = np.zeros((len(rows.labels), len(ingredients)))
    kept: list[list[Member]] = []
    rounds: list[int | None] = []
    for place in range(len(ingredients)):
        members, size = _sized(found[place * count : (place + 1) * count])
        for (_, look), member in zip(folds, members, strict=True):
            out_of_fold[look, place] = member.log_odds(rows.matrix[look])
        kept.append(members)
        rounds.append(size)
    weights = weights_of(out_of_fold, rows.labels)
    together = out_of_fold @ weights
    calibration = calibrated(together, rows.labels)
    wholes = iter(
        _all_of(
            [
                _job(rows.fit, one.learner, size)
                for one, size in zip(ingredients, rounds, strict=True)
                if not one.bagged
            ],
            lambda done: progress((len(found) + done) / steps),
        )
    )
    parts: list[Part] = []
    told = []
    for one, members, size, weight in zip(ingredients, kept, rounds, weights, strict=True):
        final = _joined(members) if one.bagged else [next(wholes)]
        if weight > 0:
            parts += [Part(member, float(weight) / len(final)) for member in final]
        told.append(
            {"learner": one.learner.kind, **one.learner.settings(), "bagged": one.bagged,
             "rounds": size, "weight": float(weight)}
        )  # fmt: skip
    return _Learnt(tuple(parts), calibration, told, calibration.probability(together))


def _sized(found: Sequence[Grown | Member]) -> tuple[list[Member], int | None]:
    """Cut what has grown to the size that is best over all folds."""
    grown = [one for one in found if isinstance(one, Grown)]
    if not grown:
        return [one for one in found if not isinstance(one, Grown)], None
    rounds = best_rounds([one.losses for one in grown])
    return [one.cut(one.member, min(rounds, len(one.losses))) for one in grown], rounds


def _joined(members: list[Member]) -> list[Member]:
    """Put the members of folds into as few as may be."""
    boosted = [one for one in members if isinstance(one, boosting.Boosted)]
    if len(boosted) == len(members):
        return [boosting.joined(boosted)]
    symmetric = [one for one in members if isinstance(one, categorical.Categorical)]
    if len(symmetric) == len(members):
        return list(categorical.joined(symmetric))
    return members


def _job(work: Callable[..., Done], *arguments: Any) -> Callable[[], Done]:
    return lambda: work(*arguments)


def _all_of(jobs: Sequence[Callable[[], Done]], told: Callable[[int], None]) -> list[Done]:
    """Do the jobs on all cores (the libraries leave Python while they work), results in order."""
    with ThreadPoolExecutor(max(1, min(len(jobs), os.cpu_count() or 1))) as pool:
        waiting = [pool.submit(job) for job in jobs]
        for done, _ in enumerate(as_completed(waiting), start=1):
            told(done)
        return [one.result() for one in waiting]
