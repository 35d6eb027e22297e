"""Learning who leaves: forward in time, as it will be used.

    moments  ○ ○ ○ ○ ○ ○ ○ ○ ○ ● · · ◉          ○ learn   · left out   ◉ measured, never learnt
                             └ 90 days ┘        the outcomes learnt from end where ◉ begins

What is measured is what serves: the model is not refitted on the newest moment afterwards, so the
figures on its card are its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from analytics.churn.rows import HORIZON_DAYS, ChurnRows
from analytics.churn.survival import Hazards
from analytics.errors import CannotLearn
from analytics.features.customers import SCHEMA
from analytics.models import Floats, Model, Progress, Recipe, quietly
from analytics.retention.strategies import is_protected


@dataclass(frozen=True, slots=True)
class Learnt:
    """A model with its hazards, and the rows of the newest moment with what it said of them."""

    model: Model
    hazards: Hazards
    learnt_rows: int
    learnt_positives: int
    test: ChurnRows
    probabilities: Floats


def split(rows: ChurnRows) -> tuple[ChurnRows, ChurnRows]:
    """Return the rows to learn from and those to measure on. Raises CannotLearn."""
    newest = rows.times.max()
    learns = np.asarray(rows.times <= newest - timedelta(days=HORIZON_DAYS))
    tests = np.asarray(rows.times == newest)
    if not learns.any():
        raise CannotLearn(
            f"No moment lies {HORIZON_DAYS} days before the newest: wait, or read more history."
        )
    return rows.at(learns), rows.at(tests)


def train(
    rows: ChurnRows, recipe: Recipe, *, seed: int = 7, progress: Progress = quietly
) -> Learnt:
    """Learn from all but the newest moment. Raises CannotLearn."""
    learns, test = split(rows)
    check_unprotected(list(learns.table.columns))
    model = recipe.fit(
        learns.table.reset_index(drop=True), learns.labels, SCHEMA, seed=seed,
        progress=lambda share: progress(0.9 * share),
    )  # fmt: skip
    # What happened after the newest moment began was not known when it begins.
    hazards = Hazards.fit(censored(learns, test.times.max()))
    progress(1.0)
    return Learnt(
        model, hazards, len(learns.labels), int(learns.labels.sum()), test,
        model.probability(test.table),
    )  # fmt: skip


def censored(rows: ChurnRows, until: pd.Timestamp) -> ChurnRows:
    """Return the rows as they were known at a moment: who left later had not left."""
    months = np.asarray((until - rows.times) / timedelta(days=30), np.float64)
    return ChurnRows(
        rows.table,
        rows.labels,
        rows.times,
        np.minimum(rows.months_seen, months),
        np.where(rows.months_seen <= months, rows.left_later, 0).astype(np.int8),
    )


def check_unprotected(features: list[str]) -> None:
    """Raise CannotLearn when a feature says who somebody is."""
    for name in features:
        if is_protected(name):
            raise CannotLearn(f"{name} says who somebody is; churn never learns from it.")
