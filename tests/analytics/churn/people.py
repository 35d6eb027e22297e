"""Rows of invented customers of whom leaving is known to follow from logins and pay."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.churn.rows import ChurnRows
from analytics.features.customers import SCHEMA

MOMENTS = pd.date_range("2025-01-01", periods=8, freq="30D", tz="UTC")


def churn_rows(count: int = 400, *, seed: int = 3) -> ChurnRows:
    """Return `count` customers at each of eight moments; those without logins leave."""
    rng = np.random.default_rng(seed)
    tables, labels, times, months, left = [], [], [], [], []
    for moment in MOMENTS:
        table = pd.DataFrame(
            rng.normal(10, 3, (count, len(SCHEMA.names))), columns=list(SCHEMA.names),
            index=[f"cu_{number}" for number in range(count)],
        )  # fmt: skip
        logins = rng.integers(0, 30, count).astype(float)
        table["login_days_30d_count"] = logins
        table.loc[rng.random(count) < 0.1, "salary_age_days"] = np.nan
        hazard = 0.25 * np.exp(-0.25 * logins)
        until = rng.exponential(1 / np.maximum(hazard, 1e-9))
        seen = np.minimum(until, 14.0)
        tables.append(table)
        labels.append((until < 3).astype(np.int8))
        left.append((until < 14).astype(np.int8))
        times.append(np.full(count, moment.tz_localize(None).to_datetime64()))
        months.append(seen)
    return ChurnRows(
        pd.concat(tables), np.concatenate(labels),
        pd.DatetimeIndex(np.concatenate(times), tz="UTC"), np.concatenate(months),
        np.concatenate(left),
    )  # fmt: skip
