"""What has been coming lately, as features: past rows only, and no label.

    rows in order ──▶ mean of each column over the last 50, 200, 1,000 rows, this one included
                  └─▶ how many rows since the calendar turned, how many before it turned

Who comes tells how the campaign is run now, and that moves the odds before any label says so: two
hundred rows called by mobile are another month than two hundred by landline. The same function
builds training rows and the row that has just arrived, so the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.drift.reference import levels_of
from analytics.models import Floats
from analytics.tables.columns import Column, Kind, Schema

WINDOWS_ROWS = (50, 200, 1_000)
#: Runs of the calendar that are looked back at.
RUNS_BACK = 5
#: A level that was rarer in the rows the plan was made from has no mean of its own.
LEVEL_SHARE_MIN = 0.05


class Arrivals:
    """Which means are kept. Made from past rows; the same for all that follow."""

    def __init__(
        self,
        table: pd.DataFrame,
        schema: Schema,
        *,
        calendar: Sequence[str] = (),
        windows_rows: Sequence[int] = WINDOWS_ROWS,
    ) -> None:
        self.calendar = tuple(calendar)
        self.windows_rows = tuple(windows_rows)
        kept = schema.without(self.calendar)
        self.numbers = tuple(one.name for one in kept.of_kind(Kind.NUMBER, Kind.FLAG))
        self.levels = tuple(
            (one.name, str(level))
            for one in kept.of_kind(Kind.CATEGORY)
            for level, share in levels_of(table[one.name]).value_counts(normalize=True).items()
            if LEVEL_SHARE_MIN <= share <= 1 - LEVEL_SHARE_MIN
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        """The features that `features` gives, in order."""
        names = [*self.numbers, *(f"{name}={level}" for name, level in self.levels)]
        means = [f"{name}, mean of {rows}" for rows in self.windows_rows for name in names]
        runs = (
            ("rows since the calendar turned", "rows before it turned", f"… mean of {RUNS_BACK}")
            if self.calendar
            else ()
        )
        return tuple(Column(name, Kind.NUMBER) for name in (*means, *runs))

    def features(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the features of each row from it and the rows before it, index kept.

        table: in order of arrival. To score what has just arrived, give the rows before as well,
        at least as many as the longest window, and take the tail.
        """
        numbers = table[list(self.numbers)].apply(pd.to_numeric, errors="coerce").astype(float)
        # The logarithm of a size: a mean of balances is otherwise that of one rich row.
        parts = {name: np.sign(one) * np.log1p(one.abs()) for name, one in numbers.items()}
        for name, level in self.levels:
            parts[f"{name}={level}"] = (table[name].astype("str") == level).astype(float)
        wide = pd.DataFrame(parts, index=table.index)
        means = [wide.rolling(rows, min_periods=1).mean() for rows in self.windows_rows]
        found = pd.concat(means, axis=1)
        if self.calendar:
            found = pd.concat([found, self._runs(table)], axis=1)
        found.columns = pd.Index([column.name for column in self.columns])
        return found

    def _runs(self, table: pd.DataFrame) -> pd.DataFrame:
        told = table[list(self.calendar)].astype("str")
        turned = (told != told.shift()).any(axis=1).to_numpy(copy=True)
        turned[:1] = True
        run = np.cumsum(turned) - 1
        begins = np.flatnonzero(turned)
        lengths = np.diff(begins, prepend=0).astype(float)  # of the run before each
        lengths[:1] = np.nan
        mean: Floats = pd.Series(lengths).rolling(RUNS_BACK, min_periods=1).mean().to_numpy()
        since = np.arange(len(table)) - begins[run]
        return pd.DataFrame(
            {"since": since.astype(float), "before": lengths[run], "mean": mean[run]},
            index=table.index,
        )
