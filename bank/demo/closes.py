"""Ten years of daily closes of the invented instruments, with what their makers know of them.

    factors  market · 4 regions · sectors · rates    each GARCH(1,1) with Student-t shocks
       └─ loadings ─▶ + own noise, GARCH-t too ─▶ + drift − fee ─▶ closes in minor units

How much an instrument moves follows its risk class: the yearly volatilities of the classes lie
inside the bands of the EU's risk indicator (PRIIPs, regulation 2017/653, annex II). One crash and
one rate shock come on known days. A delisted or sanctioned share has no close any more after its
last day; who has no price never had one.

The truth (covariance, the next day's distribution) is for truth/ tables and tests only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from bank.demo.people import rng_of
from bank.domain.instruments import Instrument, InstrumentId, InstrumentKind, InstrumentState

Floats = NDArray[np.float64]

YEARS = 10
DAYS_A_YEAR = 261  # weekdays
#: Yearly volatility of a risk class; each instrument a little above or below.
VOLATILITY = {1: 0.0025, 2: 0.028, 3: 0.080, 4: 0.148, 5: 0.235, 6: 0.40, 7: 0.86}
CRASH_AT, RATE_SHOCK_AT = 0.46, 0.71  # shares of the ten years
CRASH_DAYS, RATE_SHOCK_DAYS = 22, 12
#: What the market and bonds of ten years' term lose over the days of a shock.
CRASH_LOG, RATE_SHOCK_LOG = -0.36, -0.075

_CASH_YEARLY = 0.02
_SHARPE_OF_FACTOR = {"market": 0.38, "rates": 0.22}
_ALPHA, _BETA = 0.07, 0.90
_FREEDOM = 6
#: Of an instrument's variance, by kind: from the market, from rates; regions and sectors share
#: `else`; what is left is its own.
_SHARES = {
    InstrumentKind.MONEY_MARKET: {"market": 0.0, "rates": 0.10, "else": 0.0},
    InstrumentKind.BOND_FUND: {"market": 0.06, "rates": 0.78, "else": 0.06},
    InstrumentKind.MIXED_FUND: {"market": 0.74, "rates": 0.12, "else": 0.06},
    InstrumentKind.EQUITY_FUND: {"market": 0.78, "rates": 0.0, "else": 0.14},
    InstrumentKind.THEME_FUND: {"market": 0.50, "rates": 0.0, "else": 0.32},
    InstrumentKind.COMMODITY: {"market": 0.10, "rates": 0.02, "else": 0.35},
    InstrumentKind.BOND: {"market": 0.08, "rates": 0.42, "else": 0.10},
    InstrumentKind.SHARE: {"market": 0.27, "rates": 0.0, "else": 0.20},
}
#: A market's and a ten-year bond's yearly volatility; a loading is a share of these.
_FACTOR_VOLATILITY = {"market": 0.155, "rates": 0.065}
_OTHER_VOLATILITY = 0.09
_GONE_DAYS = 130
_DRAWS = 100_000
_LAST_MINOR = {InstrumentKind.MONEY_MARKET: (90_000, 110_000)}
_LAST_MINOR_ELSE = (4_000, 24_000)


@dataclass(frozen=True)
class Truth:
    """What the makers know. Returns are logarithmic, of one day, before rounding to minor units.

    covariance: (n, n), long-run, without the two shocks. loadings: (n, k). factor_sigma (k,) and
    own_sigma (n,): of the day after the last. drift: (n,) a day.
    """

    instrument_ids: tuple[InstrumentId, ...]
    covariance: Floats
    loadings: Floats
    factor_sigma: Floats
    own_sigma: Floats
    drift: Floats
    crash_on: date
    rate_shock_on: date

    def next_day(self, count: int, seed: int, *, places: Sequence[int] | None = None) -> Floats:
        """Return draws of the next day's log returns, (count, n), or of some places only."""
        rng = np.random.default_rng(seed)
        some = list(range(len(self.drift)) if places is None else places)
        factors = _shocks(rng, (count, len(self.factor_sigma))) * self.factor_sigma
        own = _shocks(rng, (count, len(some))) * self.own_sigma[some]
        return np.asarray(factors @ self.loadings[some].T + own + self.drift[some], np.float64)

    def value_at_risk(self, weights: Floats, *, level: float, seed: int = 1) -> float:
        """Return the share that tomorrow's loss exceeds with chance 1 - level only; (n,)."""
        places = np.flatnonzero(weights).tolist()
        gained = np.expm1(self.next_day(_DRAWS, seed, places=places)) @ weights[places]
        return float(-np.quantile(gained, 1 - level))


@dataclass(frozen=True)
class Closes:
    """Closes: minor[day, instrument], int64; 0 where there is none. Days ascend, weekdays."""

    days: tuple[date, ...]
    instrument_ids: tuple[InstrumentId, ...]
    minor: NDArray[np.int64]
    truth: Truth

    def last_minor(self) -> dict[InstrumentId, int]:
        """Return the newest close of each instrument that ever had one."""
        found = {}
        for column, one in enumerate(self.instrument_ids):
            here = self.minor[:, column]
            if here.any():
                found[one] = int(here[np.flatnonzero(here)[-1]])
        return found


def closes(
    instruments: Sequence[Instrument], *, seed: int, last_day: date, years: int = YEARS
) -> Closes:
    """Return the closes of every instrument that is quoted, up to `last_day` inclusive.

    An instrument whose `close_minor` is None has no column.
    """
    quoted = [one for one in instruments if one.close_minor is not None]
    days = _weekdays(last_day, years * DAYS_A_YEAR)
    names, loadings, own = _structure(quoted, seed)
    rng = np.random.default_rng(rng_of(seed, "closes").getrandbits(64))
    sigma = np.array([_factor_sigma(name) for name in names])
    moved, factor_next = _garch(rng, sigma, len(days))
    noise, own_next = _garch(rng, own, len(days))
    crash, rates = int(CRASH_AT * len(days)), int(RATE_SHOCK_AT * len(days))
    moved[crash : crash + CRASH_DAYS, names.index("market")] += CRASH_LOG / CRASH_DAYS
    moved[rates : rates + RATE_SHOCK_DAYS, names.index("rates")] += RATE_SHOCK_LOG / RATE_SHOCK_DAYS
    drift = _drifts(quoted, names, loadings, sigma, own)
    logs = np.cumsum(moved @ loadings.T + noise + drift, axis=0)
    minor = _in_minor(logs, quoted, seed)
    ids = tuple(one.id for one in quoted)
    covariance = (loadings * sigma**2) @ loadings.T + np.diag(own**2)
    truth = Truth(ids, covariance, loadings, factor_next, own_next, drift, days[crash], days[rates])
    return Closes(days, ids, minor, truth)


def _weekdays(last: date, count: int) -> tuple[date, ...]:
    found: list[date] = []
    day = last
    while len(found) < count:
        if day.weekday() < 5:
            found.append(day)
        day -= timedelta(days=1)
    return tuple(reversed(found))


def _structure(quoted: Sequence[Instrument], seed: int) -> tuple[list[str], Floats, Floats]:
    """Return the factors' names, loadings (n, k), and each one's own daily sigma (n,)."""
    regions = sorted({one.region for one in quoted} - {"world"})
    sectors = sorted({one.sector for one in quoted} - {"all", "government"})
    names = ["market", "rates", *(f"r:{one}" for one in regions), *(f"s:{one}" for one in sectors)]
    loadings, own = np.zeros((len(quoted), len(names))), np.zeros(len(quoted))
    for row, one in enumerate(quoted):
        rng = rng_of(seed, f"volatility:{one.id}")
        variance = (VOLATILITY[one.risk_class] * rng.uniform(0.95, 1.1)) ** 2 / DAYS_A_YEAR
        shares = dict(_SHARES[one.kind])
        others = [name for name in (f"r:{one.region}", f"s:{one.sector}") if name in names]
        spread = shares.pop("else")
        shares |= {name: spread / len(others) for name in others}
        for name, share in shares.items():
            loadings[row, names.index(name)] = np.sqrt(share * variance) / _factor_sigma(name)
        own[row] = np.sqrt((1 - sum(shares.values())) * variance)
    return names, loadings, own


def _factor_sigma(name: str) -> float:
    return float(_FACTOR_VOLATILITY.get(name, _OTHER_VOLATILITY) / np.sqrt(DAYS_A_YEAR))


def _drifts(
    quoted: Sequence[Instrument], names: list[str], loadings: Floats, sigma: Floats, own: Floats
) -> Floats:
    """Return each log drift a day: cash, what factors pay, less the fee and half the variance."""
    paid = np.array([_SHARPE_OF_FACTOR.get(name, 0.0) for name in names]) / np.sqrt(DAYS_A_YEAR)
    fees = np.array([one.fee_bp for one in quoted]) / 10_000
    variance = (loadings**2) @ sigma**2 + own**2
    yearly = _CASH_YEARLY - fees
    return np.asarray(yearly / DAYS_A_YEAR + loadings @ (paid * sigma) - variance / 2, np.float64)


def _garch(rng: np.random.Generator, sigma: Floats, days: int) -> tuple[Floats, Floats]:
    """Return moves of shape (days, k) with long-run `sigma`, and the sigma of the next day."""
    shocks = _shocks(rng, (days, len(sigma)))
    moves = np.empty_like(shocks)
    variance = sigma**2
    for day in range(days):
        moves[day] = np.sqrt(variance) * shocks[day]
        variance = (1 - _ALPHA - _BETA) * sigma**2 + _ALPHA * moves[day] ** 2 + _BETA * variance
    return moves, np.sqrt(variance)


def _shocks(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Return Student-t draws of variance one, none beyond ten deviations."""
    drawn = rng.standard_t(_FREEDOM, shape) * np.sqrt((_FREEDOM - 2) / _FREEDOM)
    return np.asarray(np.clip(drawn, -10, 10), np.float64)


def _in_minor(logs: Floats, quoted: Sequence[Instrument], seed: int) -> NDArray[np.int64]:
    """Return whole minor units: last closes are drawn, what went before follows from the path."""
    minor = np.zeros(logs.shape, np.int64)
    for column, one in enumerate(quoted):
        rng = rng_of(seed, f"close:{one.id}")
        last = rng.randint(*_LAST_MINOR.get(one.kind, _LAST_MINOR_ELSE))
        path = last * np.exp(logs[:, column] - logs[-1, column])
        minor[:, column] = np.maximum(np.rint(path), 1)
        if one.state is not InstrumentState.LISTED:
            minor[len(logs) - rng.randint(_GONE_DAYS // 2, _GONE_DAYS) :, column] = 0
    return minor
