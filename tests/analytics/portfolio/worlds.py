"""Small markets for tests: seeded, with what is true of them at hand."""

from __future__ import annotations

import numpy as np

from analytics.portfolio.market import Closes
from bank.domain.instruments import Complexity, Instrument, InstrumentId, InstrumentKind


def returns_of(*spreads_pa: float, days: int = 1500, seed: int = 1, together: float = 0.3):
    """Return log returns (days, n) of yearly volatilities, each pair correlated by `together`."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(days, 1)) * np.sqrt(together)
    own = rng.normal(size=(days, len(spreads_pa))) * np.sqrt(1 - together)
    return (common + own) * np.array(spreads_pa) / np.sqrt(252) + 0.0001


def closes_of(returns, *, start_minor: int = 1_000_000) -> Closes:
    """Return the closes of in_0, in_1, … whose returns these are."""
    logs = np.vstack([np.zeros(returns.shape[1]), np.cumsum(returns, axis=0)])
    days = np.datetime64("2020-01-01") + np.arange(len(logs))
    ids = tuple(InstrumentId(f"in_{place}") for place in range(returns.shape[1]))
    return Closes(days, ids, np.rint(start_minor * np.exp(logs)).astype(np.int64))


def ids(count: int) -> list[InstrumentId]:
    return [InstrumentId(f"in_{place}") for place in range(count)]


def an_instrument(
    number: int, kind: str = "equity_fund", region: str = "world", **more
) -> Instrument:
    told = {"risk_class": 4, "sector": "all", "fee_bp": 20, "close_minor": 10_000} | more
    return Instrument(
        id=InstrumentId(f"in_{number}"), name=f"Fund {number}", ticker=f"FUND{number:02d}",
        kind=InstrumentKind(kind), complexity=Complexity.SIMPLE, horizon_years_min=1,
        currency="EUR", region=region, esg_score=50, **told,
    )  # fmt: skip
