"""The outlook of a mix: one value with all that a sentence, a picture or a record needs.

    weights × closes ─▶ daily returns of the mix ─┬─▶ past      return, volatility, drawdown, Sharpe
                                                  ├─▶ tomorrow  VaR and CVaR at 95 and 99 %
                                                  ├─▶ holdings  who brings the risk
                                                  ├─▶ fan       amounts in the years to come
                                                  └─▶ stress    bad times, in money

Amounts are minor units. A chance comes with its range; nothing in here is a promise, and the
figures of the past are those of the mix as if it had been kept at these weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from analytics.evaluation.bootstrap import Interval
from analytics.models import Floats
from analytics.portfolio import measures
from analytics.portfolio.closed_forms import shrunk_covariance
from analytics.portfolio.contributions import tail_shares, volatility_shares
from analytics.portfolio.errors import NoPrices
from analytics.portfolio.fan import CASH_PA, PERCENTILES, Fan, fan_of
from analytics.portfolio.market import RETURNS_LEAST, Closes
from analytics.portfolio.stress import Stress, stresses
from analytics.portfolio.var import AtRisk, value_at_risk
from bank.domain.instruments import RISK_CLASS_MIN, Instrument, InstrumentId

LEVELS = (0.95, 0.99)
HISTORY_DAYS = 10 * measures.DAYS_A_YEAR
HORIZON_YEARS_MAX = 50
_SHARPE_DRAWS = 200


@dataclass(frozen=True, slots=True)
class HoldingRisk:
    """One holding: its share of the money, of the volatility and of the worst days' loss.

    volatility_pa, return_pa: its own, as shares. beta: how much it moves with the market.
    """

    instrument_id: InstrumentId
    weight: float
    volatility_share: float
    tail_share: float
    volatility_pa: float
    return_pa: float
    beta: float


@dataclass(frozen=True, slots=True)
class DayRisk:
    """On one day in 1/(1-level) more than var_minor is lost, then cvar_minor on average.

    low_minor, high_minor: the 95 % interval of var_minor.
    """

    level: float
    method: str
    var_minor: int
    cvar_minor: int
    low_minor: int
    high_minor: int


@dataclass(frozen=True, slots=True)
class FanYear:
    """A moment to come: amounts at PERCENTILES, and the chance of having less than was put in."""

    years: float
    amounts_minor: tuple[int, ...]
    chance_of_less: float
    chance_low: float
    chance_high: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be said of a mix. sharpe: (value, low, high), 95 %. days: of history behind it.

    fan: from now (0 years) in quarters to the horizon. at_horizon: its last.
    risk_class: by the band that the mix's own volatility falls into.
    """

    amount_minor: int
    horizon_years: int
    days: int
    return_pa: float
    volatility_pa: float
    drawdown_max: float
    beta: float
    sharpe: Interval
    risk_class: int
    day_risks: tuple[DayRisk, ...]
    holdings: tuple[HoldingRisk, ...]
    fan: tuple[FanYear, ...]
    stresses: tuple[Stress, ...]
    seed: int

    @property
    def at_horizon(self) -> FanYear:
        return self.fan[-1]

    def in_years(self, years: float) -> FanYear:
        """Return the fan's moment nearest to `years`: "and if I need it in two years?"."""
        return min(self.fan, key=lambda one: abs(one.years - years))

    def as_json(self) -> dict[str, Any]:
        """Return it for a record; amounts stay whole numbers."""
        return asdict(self) | {"sharpe": self.sharpe.as_json(), "percentiles": list(PERCENTILES)}


def outlook_of(
    weights: Mapping[InstrumentId, float],
    amount_minor: int,
    horizon_years: float,
    closes: Closes,
    seed: int,
    *,
    instruments: Mapping[InstrumentId, Instrument] | None = None,
) -> Outlook:
    """Return the outlook of an amount spread by weights (any unit, 0 or more, not all 0).

    horizon_years: shown in whole years, at least one. closes: as of the moment (`Closes.until`).
    instruments: what is known of them; without it two of four scenarios are left out.

    Raises NoPrices: no weight, or something held without enough of them.
    """
    held = {one: float(weight) for one, weight in weights.items() if weight > 0}
    if not held:
        raise NoPrices((), RETURNS_LEAST)
    years = int(np.clip(np.ceil(horizon_years), 1, HORIZON_YEARS_MAX))
    returns = closes.log_returns(tuple(held), days=HISTORY_DAYS)
    shares = np.array(list(held.values())) / sum(held.values())
    mix = measures.portfolio_returns(returns, shares)
    market = market_returns(closes, len(mix))
    volatility = measures.volatility_pa(mix)
    fan = fan_of(mix, years=years, seed=seed, cash_pa=CASH_PA)
    return Outlook(
        amount_minor=amount_minor,
        horizon_years=years,
        days=len(mix),
        return_pa=measures.return_pa(mix),
        volatility_pa=volatility,
        drawdown_max=measures.drawdown_max(mix),
        beta=measures.beta(mix, market),
        sharpe=measures.block_interval(
            mix[:, None],
            lambda one: measures.sharpe(one[:, 0], cash_pa=CASH_PA),
            seed,
            draws=_SHARPE_DRAWS,
        ),
        risk_class=risk_class_of(volatility),
        day_risks=tuple(
            _in_minor(value_at_risk(mix, level=level, seed=seed), amount_minor) for level in LEVELS
        ),
        holdings=_holdings(tuple(held), shares, returns, market),
        fan=tuple(_fan_years(fan, amount_minor)),
        stresses=stresses(
            amount_minor, mix, market, dict(zip(held, shares.tolist(), strict=True)),
            instruments or {},
        ),
        seed=seed,
    )  # fmt: skip


def risk_class_of(volatility_pa: float) -> int:
    """Return the risk class whose band a yearly volatility falls into.

    >>> risk_class_of(0.10), risk_class_of(0.002)
    (3, 1)
    """
    return RISK_CLASS_MIN + int(np.searchsorted(measures.VOLATILITY_MAX, volatility_pa))


def market_returns(closes: Closes, days: int) -> Floats:
    """Return the mean log return of all that was quoted, of the newest days: (days,)."""
    minor = closes.minor[-days - 1 :].astype(np.float64)
    both = (minor[1:] > 0) & (minor[:-1] > 0)
    logs = np.log(np.where(both, minor[1:], 1.0) / np.where(both, minor[:-1], 1.0))
    return np.asarray(logs.sum(axis=1) / np.maximum(both.sum(axis=1), 1), np.float64)


def _holdings(
    ids: tuple[InstrumentId, ...], shares: Floats, returns: Floats, market: Floats
) -> tuple[HoldingRisk, ...]:
    volatile = volatility_shares(shares, shrunk_covariance(returns))
    tail = tail_shares(shares, returns)
    return tuple(
        HoldingRisk(
            one, float(shares[place]), float(volatile[place]), float(tail[place]),
            measures.volatility_pa(returns[:, place]), measures.return_pa(returns[:, place]),
            measures.beta(returns[:, place], market),
        )
        for place, one in enumerate(ids)
    )  # fmt: skip


def _in_minor(one: AtRisk, amount_minor: int) -> DayRisk:
    return DayRisk(
        one.level, str(one.method),
        *(round(amount_minor * share) for share in (one.var, one.cvar, one.low, one.high)),
    )  # fmt: skip


def _fan_years(fan: Fan, amount_minor: int) -> list[FanYear]:
    amounts = np.rint(fan.percentiles() * amount_minor).astype(np.int64)
    found = []
    for place, years in enumerate(fan.steps_years):
        chance, low, high = fan.chance_of_less(years) if place else (0.0, 0.0, 0.0)
        column = tuple(int(one) for one in amounts[:, place])
        found.append(FanYear(float(years), column, chance, low, high))
    return found
