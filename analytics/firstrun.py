"""The first run: a branch that has data and no model learns one of each tenant.

    tenant without a champion ──▶ table ──▶ rows before the gap ──quick recipe──▶ model
                                      └──▶ the newest rows ────────measured────────┘──▶ registry

What is measured is what serves, on rows later than any it learnt from, with the time a label takes
between them. The recipe is the quick one: minutes matter when somebody looks at the branch for the
first time. `florin analytics train NAME` learns the best one later, and two people promote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.churn.rows import STEP_DAYS
from analytics.drift.reference import summarise
from analytics.errors import AnalyticsError, CannotLearn
from analytics.evaluation import metrics
from analytics.models import Floats, Labels, Model, Progress, quietly
from analytics.registry import Card, Figure, Registry, Window
from analytics.tables.columns import Schema
from analytics.tenants import MOMENT, Table, Tenant, tenant
from bank.bootstrap import Bank, open_bank
from bank.cli import first_models
from bank.ports import UnitOfWork
from bank.settings import Settings

#: Shares done, one a model, of the processes that learn (see show_in).
_done: Any = None
#: The newest share of rows that are measured on, where moments are not few and regular.
_TEST_DAYS = 60
_MEASURES = (
    ("roc_auc", metrics.roc_auc), ("average_precision", metrics.average_precision),
    ("brier", metrics.brier), ("ece", metrics.ece),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Learnt:
    """A tenant's model with the rows it was measured on. `labels` and `said`: shape (n,).

    notes: what else goes onto its card.
    """

    model: Model
    schema: Schema
    learnt: Window
    test: pd.DataFrame
    labels: Labels
    said: Floats
    notes: dict[str, Any]


def is_worth_it(bank: Bank) -> bool:
    """Whether the bank has customers enough to learn from."""

    def work(uow: UnitOfWork) -> bool:
        return uow.customers.count() >= first_models.CUSTOMERS_MIN

    return bank.store.read(work)


def learn(
    bank: Bank, one: Tenant, *, as_of_utc: datetime, seed: int = 7, progress: Progress = quietly
) -> Learnt:
    """Learn a tenant's quick model and measure it forward in time. Raises CannotLearn."""
    made = one.table(bank, as_of_utc=as_of_utc)
    progress(0.3)
    return learn_from(one, made, seed=seed, progress=lambda share: progress(0.3 + 0.7 * share))


def learn_from(
    one: Tenant, made: Table, *, seed: int = 7, progress: Progress = quietly
) -> Learnt:  # fmt: skip
    """Learn from a tenant's table, all but its newest rows, and measure on those."""
    table, labels, schema = made
    learns, tests = forward(table[MOMENT], gap_days=one.gap_days)
    rows = table[learns].reset_index(drop=True)
    model = one.quick.fit(rows, labels[learns], schema, seed=seed, progress=progress)
    test = table[tests].reset_index(drop=True)
    moments = rows[MOMENT]
    window = Window(
        len(rows), int(labels[learns].sum()), moments.min().isoformat(),
        moments.max().isoformat(), float(one.gap_days),
    )  # fmt: skip
    notes = one.notes(rows, test[MOMENT].min())
    return Learnt(model, schema, window, test, labels[tests], model.probability(test), notes)


def forward(moments: pd.Series, *, gap_days: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the rows to learn from and the newest, to measure on, a gap apart.

    Moments that are few and regular are measured on the last one; a stream on its last 60 days.
    Raises CannotLearn: nothing lies before the gap.
    """
    newest = moments.max()
    is_regular = moments.nunique() * STEP_DAYS <= (newest - moments.min()).days + STEP_DAYS
    first = newest if is_regular else newest - timedelta(days=_TEST_DAYS)
    learns = np.asarray(moments <= first - timedelta(days=gap_days))
    if not learns.any():
        raise CannotLearn(f"No row lies {gap_days} days before those that would be measured on.")
    return learns, np.asarray(moments >= first)


def keep(registry: Registry, one: Tenant, found: Learnt, *, seed: int = 7) -> str:
    """Put the model into the registry with its card; return its version."""
    figures = tuple(
        Figure(name, float(measure(found.labels, found.said))) for name, measure in _MEASURES
    )
    threshold = one.choose(found.test, found.labels, found.said)
    reference = summarise(
        found.test, found.schema, found.said, threshold=threshold.value, labels=found.labels
    )
    return registry.add(
        one.name,
        found.model,
        Card(
            name=one.name,
            recipe=one.quick.name,
            schema=found.schema,
            window=found.learnt,
            seed=seed,
            figures=figures,
            measured_on=f"{len(found.labels)} rows, {one.gap_days} days after the last learnt",
            threshold=threshold.as_json(),
            reference=reference.as_json(),
            permitted_use=one.permitted_use,
            notes=found.notes,
        ),
    )


def show_in(done: Any) -> None:
    """Let this process show its progress there: a share a model, in memory that is shared."""
    global _done  # noqa: PLW0603  how a process of a pool is given shared memory
    _done = done


def learn_alone(name: str, place: int, settings: Settings, now_utc: datetime) -> object:
    """Learn a model and put it into the registry, in a process of its own.

    Returns its figures, or the sentence that says why there is none.
    """

    def advance(share: float) -> None:
        _done[place] = share

    registry, one = Registry(settings.registry_dir), tenant(name)
    bank = open_bank(settings)
    try:
        found = learn(bank, one, as_of_utc=now_utc, progress=advance)
        version = keep(registry, one, found)
    except AnalyticsError as refusal:
        return str(refusal)
    finally:
        bank.store.close()
    figures = registry.get(name, version).card.figures
    return {figure.name: round(figure.value, 4) for figure in figures}
