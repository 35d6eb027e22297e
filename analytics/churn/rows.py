"""The bank's past as rows to learn from: a customer at a moment, and whether they then left.

    ───┬──────┬──────┬─ … ─┬──────┬──────┬──────┐
      t-480  t-450  t-420       t-150  t-120  t-90   now
       └─ 90 days ─▶ left?                      └─ 90 days ─▶ left?

Moments are 30 days apart and end where 90 days have passed, so every outcome is complete. Rows of
one customer at neighbouring moments are alike and their outcomes overlap: whoever measures must
leave a gap of 90 days between the moments learnt from and those measured on (firstrun.py does).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from analytics import dataset
from analytics.errors import CannotLearn
from analytics.features.books import NEVER_US, Books, us_of
from analytics.features.customers import SCHEMA, customer_features
from analytics.models import Floats, Labels
from bank.ports import Store

HORIZON_DAYS = 90
#: Columns of a table beside the features: what became of the customer later (see ChurnRows).
MONTHS_SEEN, LEFT_LATER = "months_seen", "left_later"
STEP_DAYS = 30
#: Before this much history a window of 90 days is mostly empty.
_HISTORY_MIN_DAYS = 60
_MOMENTS_MAX = 24


@dataclass(frozen=True, slots=True)
class ChurnRows:
    """n rows. table: SCHEMA's columns, index customer ids (one may come again).

    times: the moment of each row. months_seen: 30-day months until the customer left or, with
    `left_later` False, until the bank's last moment.
    """

    table: pd.DataFrame
    labels: Labels
    times: pd.DatetimeIndex
    months_seen: Floats
    left_later: Labels

    def at(self, keep: np.ndarray) -> ChurnRows:
        """Return some of the rows."""
        return ChurnRows(
            self.table[keep], self.labels[keep], self.times[keep], self.months_seen[keep],
            self.left_later[keep],
        )  # fmt: skip


def moments_of(first_utc: datetime, now_utc: datetime) -> list[datetime]:
    """Return the moments to look at, oldest first; none when the history is too short."""
    newest = now_utc - timedelta(days=HORIZON_DAYS)
    count = (newest - first_utc - timedelta(days=_HISTORY_MIN_DAYS)) // timedelta(days=STEP_DAYS)
    steps = range(min(max(count + 1, 0), _MOMENTS_MAX))
    return [newest - timedelta(days=STEP_DAYS * step) for step in reversed(steps)]


def rows_of_bank(store: Store, now_utc: datetime) -> ChurnRows:
    """Return the rows of everybody the bank had. Raises CannotLearn: too short a history."""
    ends = dataset.first_and_last_utc(store)
    moments = moments_of(ends[0], now_utc) if ends else []
    if len(moments) < HORIZON_DAYS // STEP_DAYS + 1:
        raise CannotLearn(
            f"The bank's history is too short to learn who leaves: {len(moments)} moments with "
            f"{HORIZON_DAYS} days after them, and at least 4 are needed."
        )
    return rows_of(dataset.read_books(store, to_utc=now_utc), moments, now_utc=now_utc)


def rows_of(books: Books, moments: Sequence[datetime], *, now_utc: datetime) -> ChurnRows:
    """Return the rows of these moments; `books` are read until `now_utc`."""
    gone_us = _gone_us(books)
    place = {who: number for number, who in enumerate(books.customers)}
    tables, labels, times, months, left = [], [], [], [], []
    for moment in moments:
        us = us_of(moment)
        table = customer_features(books.until(us), as_of_us=us)
        here = np.array([place[who] for who in table.index], np.intp)
        ends_us = np.minimum(gone_us[here], us_of(now_utc))
        tables.append(table)
        labels.append(
            dataset.left_within(books, list(table.index), as_of_utc=moment, days=HORIZON_DAYS)
        )
        times.append(np.full(len(table), np.datetime64(us, "us")))
        months.append((ends_us - us) / (STEP_DAYS * 86_400e6))
        left.append((gone_us[here] <= us_of(now_utc)).astype(np.int8))
    table = pd.concat(tables) if tables else pd.DataFrame(columns=list(SCHEMA.names))
    stamps = np.concatenate(times) if times else np.array([], "datetime64[us]")
    return ChurnRows(
        table,
        np.concatenate(labels or [np.array([], np.int8)]),
        pd.DatetimeIndex(stamps, tz="UTC"),
        np.concatenate(months or [np.array([])]),
        np.concatenate(left or [np.array([], np.int8)]),
    )


def _gone_us(books: Books) -> np.ndarray:
    """Return when each customer closed their last account, NEVER_US while one is open."""
    gone = np.full(len(books.customers), -1, np.int64)
    np.maximum.at(gone, books.accounts.customer, books.accounts.closed_us)
    return np.where(gone < 0, NEVER_US, gone)
