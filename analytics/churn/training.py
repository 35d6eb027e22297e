"""What learning who leaves adds to learning from any table: no protected feature, and hazards.

    moments  ○ ○ ○ ○ ○ ○ ○ ○ ○ ● · · ◉          ○ learn   · left out   ◉ measured, never learnt
                             └ 90 days ┘        the outcomes learnt from end where ◉ begins

Moments are parted, learnt from and measured on in firstrun.py, as for every tenant. The hazards of
the survival view learn from the same rows; what happened after ◉ began they must not know either.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd

from analytics.churn.rows import LEFT_LATER, MONTHS_SEEN, ChurnRows
from analytics.churn.survival import Hazards
from analytics.errors import CannotLearn
from analytics.features.customers import SCHEMA
from analytics.retention.strategies import is_protected


def hazards_of(learnt: pd.DataFrame, until: pd.Timestamp) -> Hazards:
    """Return the hazards of the rows a model learnt from, as known at a moment.

    learnt: columns of SCHEMA, as_of_utc, MONTHS_SEEN and LEFT_LATER. Raises CannotLearn: too few
    who left.
    """
    rows = ChurnRows(
        learnt[list(SCHEMA.names)],
        labels=np.zeros(len(learnt), np.int8),  # hazards learn from when, not from whether
        times=pd.DatetimeIndex(learnt["as_of_utc"]),
        months_seen=learnt[MONTHS_SEEN].to_numpy(np.float64),
        left_later=learnt[LEFT_LATER].to_numpy(np.int8),
    )
    return Hazards.fit(censored(rows, until))


def censored(rows: ChurnRows, until: pd.Timestamp) -> ChurnRows:
    """Return the rows as they were known at a moment: who left later had not left."""
    months = np.asarray((until - rows.times) / timedelta(days=30), np.float64)
    return replace(
        rows,
        months_seen=np.minimum(rows.months_seen, months),
        left_later=np.where(rows.months_seen <= months, rows.left_later, 0).astype(np.int8),
    )


def check_unprotected(features: list[str]) -> None:
    """Raise CannotLearn when a feature says who somebody is."""
    for name in features:
        if is_protected(name):
            raise CannotLearn(f"{name} says who somebody is; churn never learns from it.")
