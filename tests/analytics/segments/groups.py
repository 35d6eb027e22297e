"""Invented customers: three kinds who behave differently, as a table of features."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from analytics.segments.features import NAMES

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
EACH = 120
#: payments, spent, received, balance, logins, transfers a month
KINDS = ((30, 90_000, 250_000, 60_000, 20, 9), (4, 20_000, 240_000, 3_000_000, 2, 1),
         (12, 150_000, 900_000, 700_000, 8, 2))  # fmt: skip
_VARIED = ("payments_a_month", "spent_minor_a_month", "received_minor_a_month",
           "balance_minor_p50_90d", "login_days_a_month", "transfers_a_month")  # fmt: skip


def customers(each: int = EACH, *, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a table of 3 · each customers, and which kind each is of."""
    rng = np.random.default_rng(seed)
    kinds = np.repeat(np.arange(3), each)
    table = pd.DataFrame(1.0, index=[f"cu_{one:04d}" for one in range(3 * each)], columns=NAMES)
    for place, name in enumerate(_VARIED):
        middle = np.array([kind[place] for kind in KINDS], float)[kinds]
        table[name] = middle * np.exp(rng.normal(scale=0.18, size=len(kinds)))
    return table, kinds
