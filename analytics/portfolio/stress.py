"""What bad times would do to this money, in money.

    worst_month   the worst 21 days the mix itself would have seen
    crash         the days in which the whole market fell most, again
    rates_up      two points more interest: by duration of what is held
    currency      the euro gains 15 %: by how much is held in other currencies

The first two are history, so they need none of our guesses; the others are the guesses of
stress.toml and need to know what is held. No chance is put on any of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from analytics.models import Floats
from analytics.portfolio.measures import BLOCK_DAYS
from bank.domain.instruments import Instrument, InstrumentId, InstrumentKind


class Scenario(StrEnum):
    WORST_MONTH = "worst_month"
    CRASH = "crash"
    RATES_UP = "rates_up"
    CURRENCY = "currency"


@dataclass(frozen=True, slots=True)
class Stress:
    """change_minor: what the amount would gain; below 0 it is a loss."""

    scenario: Scenario
    change_minor: int


def stresses(
    amount_minor: int,
    returns: Floats,
    market: Floats,
    weights: Mapping[InstrumentId, float],
    instruments: Mapping[InstrumentId, Instrument],
) -> tuple[Stress, ...]:
    """Return each scenario's change of the amount.

    returns: of the mix, log (t,). market: of all instruments together, the same days. instruments:
    what is known of them; if one that is held is missing, its guesses are left out.
    """
    found = [
        Stress(Scenario.WORST_MONTH, _in_money(amount_minor, _worst(returns, returns))),
        Stress(Scenario.CRASH, _in_money(amount_minor, _worst(market, returns))),
    ]
    if all(one in instruments for one in weights):
        held = [(instruments[one], weight) for one, weight in weights.items()]
        rates = sum(weight * rates_up_share(one) for one, weight in held)
        currency = sum(weight * currency_share(one) for one, weight in held)
        found += [
            Stress(Scenario.RATES_UP, round(amount_minor * rates)),
            Stress(Scenario.CURRENCY, round(amount_minor * currency)),
        ]
    return tuple(found)


def rates_up_share(instrument: Instrument) -> float:
    """Return what it gains (below 0: loses) when rates rise."""
    told = _told()
    years = told["duration_years"].get(instrument.kind, 0.0)
    return -float(years * told["rates_up_bp"] / 10_000)


def currency_share(instrument: Instrument) -> float:
    """Return what it gains (below 0: loses) when the euro rises; cash is held in euros."""
    if instrument.kind is InstrumentKind.MONEY_MARKET:
        return 0.0
    told = _told()
    gained = told["currency_share"] / (1 + told["currency_share"])
    return -float(told["foreign_share"].get(instrument.region, 0.0) * gained)


def _worst(seen: Floats, held: Floats) -> float:
    """Return the log return of `held` over the month in which `seen` fell most."""
    months = np.convolve(seen, np.ones(min(BLOCK_DAYS, len(seen))), "valid")
    first = int(np.argmin(months))
    return float(held[first : first + BLOCK_DAYS].sum())


def _in_money(amount_minor: int, log_return: float) -> int:
    return round(amount_minor * float(np.expm1(log_return)))


@cache
def _told() -> dict[str, Any]:
    path = Path(__file__).with_name("stress.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
