"""What could happen to a mix, as figures and points that a sentence, a picture or a record needs.

    weights, amount, market ─▶ outlook (analytics/portfolio) ─▶ JSON

What `risk` of a proposal holds (amounts in minor units, `_bp` hundredths of a per cent):

    risk_class, volatility_bp, var_year_minor, drawdown_bp, history_years
    low_minor, mid_minor, high_minor, loss_share_pct        at the horizon, 5 / 50 / 95 of 100
    fan     {years, low_minor, mid_minor, high_minor}       one point a year
    cloud   [{id, vol_bp, return_bp}]                       of what is allowed; the past ten years
    you     {vol_bp, return_bp}                             of the suggestion
    equal   {ours_bp, equal_bp, does_as_well}               the same things in equal parts
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from analytics.portfolio.errors import NoPrices
from analytics.portfolio.market import Closes
from analytics.portfolio.measures import (
    DAYS_A_YEAR,
    portfolio_returns,
    return_pa,
    volatility_pa,
)
from analytics.portfolio.outlook import HISTORY_DAYS, outlook_of
from bank.domain.advice import AdviceWish
from bank.domain.instruments import Instrument, InstrumentId

_CLOUD_MOST = 80
_SEED = 7
#: Equal parts count as doing as well within a tenth of a per cent a year.
_AS_WELL = 0.001
_WHOLE_BP = 10_000


class Quoted:
    """Closes as of a moment, and what each instrument did, worked out once. Safe for threads."""

    def __init__(self, closes: Closes) -> None:
        self.closes = closes
        self._known: dict[InstrumentId, tuple[int, int] | None] = {}
        self._lock = threading.Lock()

    def figures(self, instrument_id: InstrumentId) -> tuple[int, int] | None:
        """Return an instrument's volatility and growth a year, in bp; None without prices."""
        with self._lock:
            if instrument_id not in self._known:
                self._known[instrument_id] = self._worked_out(instrument_id)
            return self._known[instrument_id]

    def priced(self, instrument_ids: Iterable[InstrumentId]) -> set[InstrumentId]:
        """Return those with enough prices, the last of them recent."""
        return {one for one in instrument_ids if self.figures(one) is not None}

    def _worked_out(self, instrument_id: InstrumentId) -> tuple[int, int] | None:
        try:
            moved = self.closes.log_returns((instrument_id,), days=HISTORY_DAYS)[:, 0]
        except NoPrices:
            return None
        return _bp(volatility_pa(moved)), _bp(return_pa(moved))


def risk_of(
    weights: Mapping[InstrumentId, int],
    wish: AdviceWish,
    quoted: Quoted,
    *,
    known: Mapping[InstrumentId, Instrument],
    allowed: Sequence[InstrumentId],
) -> dict[str, Any]:
    """Return the figures of a mix. weights: basis points, above 0. known: the whole market."""
    seen = outlook_of(
        weights, wish.amount_minor, max(1, wish.horizon_years), quoted.closes, _SEED,
        instruments=known,
    )  # fmt: skip
    ids = tuple(weights)
    returns = quoted.closes.log_returns(ids, days=HISTORY_DAYS)
    equal = portfolio_returns(returns, np.full(len(ids), 1 / len(ids)))
    years = [one for one in seen.fan if one.years == int(one.years)]
    in_a_year, horizon = seen.in_years(1.0), seen.at_horizon
    return {
        "risk_class": seen.risk_class,
        "volatility_bp": _bp(seen.volatility_pa),
        "var_year_minor": max(0, wish.amount_minor - in_a_year.amounts_minor[0]),
        "drawdown_bp": _bp(abs(seen.drawdown_max)),
        "history_years": round(seen.days / DAYS_A_YEAR),
        "low_minor": horizon.amounts_minor[0],
        "mid_minor": horizon.amounts_minor[2],
        "high_minor": horizon.amounts_minor[-1],
        "loss_share_pct": round(100 * horizon.chance_of_less),
        "day_risks": [
            {"level": one.level, "var_minor": one.var_minor, "cvar_minor": one.cvar_minor}
            for one in seen.day_risks
        ],
        "stress": [
            {"code": str(one.scenario), "change_minor": one.change_minor} for one in seen.stresses
        ],
        "contributions": [
            {"id": one.instrument_id, "share": round(one.volatility_share, 4)}
            for one in seen.holdings
        ],
        "fan": {
            "years": [int(one.years) for one in years],
            "low_minor": [one.amounts_minor[0] for one in years],
            "mid_minor": [one.amounts_minor[2] for one in years],
            "high_minor": [one.amounts_minor[-1] for one in years],
        },
        "cloud": _cloud(quoted, allowed),
        "you": {"vol_bp": _bp(seen.volatility_pa), "return_bp": _bp(seen.return_pa)},
        "equal": {
            "ours_bp": _bp(seen.return_pa), "equal_bp": _bp(return_pa(equal)),
            "does_as_well": return_pa(equal) >= seen.return_pa - _AS_WELL,
        },
    }  # fmt: skip


def _cloud(quoted: Quoted, ids: Sequence[InstrumentId]) -> list[dict[str, Any]]:
    """Return how much each moved and grew a year; evenly picked where there are many."""
    picked = ids[:: max(1, -(-len(ids) // _CLOUD_MOST))]
    found = []
    for one in picked:
        figures = quoted.figures(one)
        if figures is not None:
            found.append({"id": one, "vol_bp": figures[0], "return_bp": figures[1]})
    return found


def _bp(share: float) -> int:
    return round(share * _WHOLE_BP)
