"""A small invented town of investors, told once a test run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from analytics.advice.catalogue import Catalogue
from analytics.advice.histories import Histories
from analytics.advice.learning import Learnt, learn
from bank.demo.investing import Shelf, invest
from bank.demo.market import instruments
from bank.demo.people import invent
from bank.demo.portfolios import holdings_of, profiles_of
from bank.domain.ids import CustomerId
from bank.domain.instruments import Holding, Instrument
from bank.domain.investors import Goal, InvestorProfile, Knowledge

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEED, PEOPLE, COUNT = 5, 700, 80

STEADY = InvestorProfile(
    id="ip_1", customer_id=CustomerId("cu_1"), answers={}, ability=5, willingness=5,
    horizon_years=10, reserve_months=6, goal=Goal.GROWTH, knowledge=Knowledge.SHARES,
    exclusions=(), interests=("technology",), wants_esg=True, taken_at_utc=NOW,
)  # fmt: skip


def profile(**changes: Any) -> InvestorProfile:
    return replace(STEADY, **changes)


@cache
def market() -> tuple[Instrument, ...]:
    return tuple(instruments(SEED, count=COUNT, close_on_utc=NOW))


@cache
def told() -> tuple[tuple[InvestorProfile, ...], tuple[Holding, ...]]:
    shelf = Shelf(market(), seed=SEED)
    profiles: list[InvestorProfile] = []
    holdings: list[Holding] = []
    for number in range(PEOPLE):
        person = invent(SEED, number, to_date=NOW.date())
        investor = invest(person, shelf, seed=SEED, to_date=NOW.date())
        who = CustomerId(f"cu_{number:04d}")
        profiles += profiles_of(investor, who, now_utc=NOW)
        holdings += holdings_of(investor, who, now_utc=NOW, price_minor=lambda *_: 10_000)
    return tuple(profiles), tuple(holdings)


def histories(
    profiles: Sequence[InvestorProfile] | None = None, holdings: Sequence[Holding] | None = None
) -> Histories:
    return Histories(
        Catalogue(market()),
        told()[0] if profiles is None else profiles,
        told()[1] if holdings is None else holdings,
    )


@cache
def learnt() -> Learnt:
    return learn(histories(), as_of_utc=NOW)
