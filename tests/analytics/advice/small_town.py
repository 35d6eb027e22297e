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
from bank.demo.portfolios import PriceMinor, holdings_of, profiles_of
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


def investors(
    shelf: Shelf, *, seed: int, people: int, now_utc: datetime, price_minor: PriceMinor
) -> tuple[tuple[InvestorProfile, ...], tuple[Holding, ...]]:
    """Return what so many invented people told and hold."""
    profiles: list[InvestorProfile] = []
    holdings: list[Holding] = []
    for number in range(people):
        person = invent(seed, number, to_date=now_utc.date())
        investor = invest(person, shelf, seed=seed, to_date=now_utc.date())
        who = CustomerId(f"cu_{number:04d}")
        profiles += profiles_of(investor, who, now_utc=now_utc)
        holdings += holdings_of(investor, who, now_utc=now_utc, price_minor=price_minor)
    return tuple(profiles), tuple(holdings)


@cache
def told() -> tuple[tuple[InvestorProfile, ...], tuple[Holding, ...]]:
    return investors(
        Shelf(market(), seed=SEED), seed=SEED, people=PEOPLE, now_utc=NOW,
        price_minor=lambda *_: 10_000,
    )  # fmt: skip


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
