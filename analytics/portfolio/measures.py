"""What a series of returns was like, per year: return, volatility, drawdown, beta, Sharpe.

Inputs are log returns of one day, oldest first. A year has DAYS_A_YEAR of them. Pure.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analytics.evaluation.bootstrap import Interval, interval_of
from analytics.models import Floats
from bank.domain.instruments import RISK_CLASS_MIN

DAYS_A_YEAR = 252
#: The yearly volatility up to which a risk class goes (PRIIPs, regulation 2017/653, annex II).
VOLATILITY_MAX = (0.005, 0.05, 0.12, 0.20, 0.30, 0.80, np.inf)
BLOCK_DAYS = 21
DRAWS = 1000


def volatility_max(risk_class: int) -> float:
    """Return the most a portfolio of this risk class may move in a year, as a share.

    >>> volatility_max(3)
    0.12
    """
    return float(VOLATILITY_MAX[risk_class - RISK_CLASS_MIN])


def portfolio_returns(returns: Floats, weights: Floats) -> Floats:
    """Return the log returns (t,) of a mix that is kept at its weights; returns: log, (t, n)."""
    return np.asarray(np.log1p(np.expm1(returns) @ weights), np.float64)


def return_pa(returns: Floats) -> float:
    """Return the yearly growth, compounded: 0.07 is 7 % a year."""
    return float(np.expm1(returns.mean() * DAYS_A_YEAR)) if len(returns) else 0.0


def volatility_pa(returns: Floats) -> float:
    """Return the yearly standard deviation of log returns."""
    return float(returns.std(ddof=1) * np.sqrt(DAYS_A_YEAR)) if len(returns) > 1 else 0.0


def drawdown_max(returns: Floats) -> float:
    """Return the deepest fall from a peak, in [0, 1).

    >>> round(drawdown_max(np.log([1.1, 0.5, 1.2])), 3)
    0.5
    """
    worth = np.concatenate(([0.0], np.cumsum(returns)))
    return float(-np.expm1((worth - np.maximum.accumulate(worth)).min()))


def beta(returns: Floats, market: Floats) -> float:
    """Return by how much it moves when the market moves by one; 0 of a market that stands."""
    variance = market.var()
    if variance == 0:
        return 0.0
    return float(((returns - returns.mean()) * (market - market.mean())).mean() / variance)


def sharpe(returns: Floats, *, cash_pa: float = 0.0) -> float:
    """Return the yearly return above cash for each unit of volatility; 0 of what never moves.

    Of simple returns, as is the custom (Sharpe 1994).
    """
    simple = np.expm1(returns)
    spread = simple.std(ddof=1) if len(simple) > 1 else 0.0
    if spread == 0:
        return 0.0
    return float((simple.mean() - cash_pa / DAYS_A_YEAR) / spread * np.sqrt(DAYS_A_YEAR))


def sharpe_interval(returns: Floats, *, cash_pa: float = 0.0, seed: int = 7) -> Interval:
    """Return Sharpe with the 95 % interval of a block bootstrap."""
    return block_interval(returns[:, None], lambda one: sharpe(one[:, 0], cash_pa=cash_pa), seed)


def sharpe_difference(
    one: Floats, other: Floats, *, cash_pa: float = 0.0, seed: int = 7
) -> Interval:
    """Return Sharpe of `one` minus that of `other`, drawn on the same days: paired."""
    return block_interval(
        np.column_stack((one, other)),
        lambda both: sharpe(both[:, 0], cash_pa=cash_pa) - sharpe(both[:, 1], cash_pa=cash_pa),
        seed,
    )


def block_interval(
    series: Floats, figure: Callable[[Floats], float], seed: int, *, draws: int = DRAWS
) -> Interval:
    """Return a figure of (t, k) series with the interval of a circular block bootstrap.

    Blocks of a month keep what days close together have in common (Politis and Romano 1992).
    """
    rng = np.random.default_rng(seed)
    days = len(series)
    blocks = -(-days // BLOCK_DAYS)
    found = np.empty(draws)
    for draw in range(draws):
        starts = rng.integers(0, days, blocks)[:, None]
        rows = ((starts + np.arange(BLOCK_DAYS)) % days).ravel()[:days]
        found[draw] = figure(series[rows])
    return interval_of(figure(series), found)
