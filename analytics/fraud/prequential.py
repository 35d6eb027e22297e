"""The honest test of a fraud model: learn from weeks whose labels are in, be judged on a later one.

    ──────── train ────────┬── delay ──┬── test ──┬─▶ time
    labels known by then   │ unknown   │ judged   │
                           └ customers found defrauded up to (day − delay) are taken out of the test

Le Borgne, Siblini, Lebichot, Bontempi: Reproducible Machine Learning for Credit Card Fraud
Detection, 2022, chapters 3 and 5. Customers who are known to be defrauded have a new card: to find
them again would be no merit. A longer train span than the book's 7 days is judged on the *same*
test rows: those of `Window.test_rows`, made with `known_days`, never with the train span, since a
longer span would take more customers out and leave another, easier or harder, week.

The share of defrauded customers among the most suspect of a day: customer_precision_at of
analytics/evaluation/metrics.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics.models import Labels

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stream:
    """Payments in order of time, as arrays of shape (n,). day: whole days since any origin."""

    day: NDArray[np.int64]
    customer: NDArray[np.int64]
    fraud: Labels


@dataclass(frozen=True, slots=True)
class Window:
    """One round: `train_days` before `known_until`, a delay, a test.

    known_until: the first day whose labels are unknown when the test begins. known_days: the
    span in which customers count as known to be defrauded (the book's train span).
    """

    known_until: int
    train_days: int = 7
    delay_days: int = 7
    test_days: int = 7
    known_days: int = 7

    def longer(self, train_days: int) -> Window:
        """The same test, learnt from more days."""
        return replace(self, train_days=train_days)

    def train_rows(self, stream: Stream) -> Rows:
        first = self.known_until - self.train_days
        return np.flatnonzero((stream.day >= first) & (stream.day < self.known_until))

    def test_rows(self, stream: Stream) -> Rows:
        """Return the judged rows: each day without the customers known by then."""
        kept: list[Rows] = []
        for day in range(self.test_days):
            today = self.known_until + self.delay_days + day
            known = (
                (stream.day >= self.known_until - self.known_days)
                & (stream.day < self.known_until + day)
                & (stream.fraud == 1)
            )
            defrauded = np.unique(stream.customer[known])
            rows = np.flatnonzero(stream.day == today)
            kept.append(rows[~np.isin(stream.customer[rows], defrauded)])
        return np.concatenate(kept)
