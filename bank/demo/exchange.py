"""The town's exchange: instruments on the bank's shelf, who holds what, and ten years of closes.

    market ─▶ closes ─▶ last prices ─▶ instruments ──▶ the bank
                 └─▶ <home>/market/closes.parquet      what analytics reads (portfolio/market.py)
    headlines ─▶ <home>/market/news/larkmouth.jsonl    (news/serving.py)
    households ─▶ invest ─▶ profiles, holdings ──────▶ the bank
                     └────▶ truth: tolerance and tastes, which no answer tells

People with a story hold nothing, so that they can be asked the questions, unless their story says
that they invest.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from bank.bootstrap import Bank
from bank.demo.closes import Closes, closes
from bank.demo.headlines import headlines
from bank.demo.households import Household
from bank.demo.investing import Investor, Shelf, invest
from bank.demo.market import instruments
from bank.demo.portfolios import holdings_of, profiles_of
from bank.demo.truth import Truth
from bank.domain.actors import SYSTEM
from bank.domain.instruments import Holding, InstrumentId
from bank.domain.investors import InvestorProfile

MARKET_FILE = Path("market") / "closes.parquet"
NEWS_FILE, HEADLINES_COUNT = Path("market") / "news" / "larkmouth.jsonl", 900
#: Households in one unit of work.
_BATCH_COUNT = 500


def open_exchange(
    bank: Bank, households: Sequence[Household], *, seed: int, now_utc: datetime, truth: Truth
) -> Closes:
    """Bring the market and everybody's holdings into the bank; return the closes."""
    shelf, quoted = quote(seed, now_utc=now_utc)
    prices = Prices(quoted)
    bank.investing.take_market(SYSTEM, instruments=shelf.market)
    profiles: list[InvestorProfile] = []
    holdings: list[Holding] = []
    for count, household in enumerate(households, 1):
        if _invests(household):
            investor = invest(household.person, shelf, seed=seed, to_date=now_utc.date())
            told, held = _records(household, investor, prices, now_utc=now_utc)
            profiles += told
            holdings += held
            truth.know_investor(
                household.customer_id, tolerance=investor.truth.tolerance,
                tastes=investor.truth.tastes,
            )  # fmt: skip
        if count % _BATCH_COUNT == 0 or count == len(households):
            bank.investing.take_market(SYSTEM, holdings=holdings, profiles=profiles)
            profiles, holdings = [], []
    return quoted


def quote(seed: int, *, now_utc: datetime) -> tuple[Shelf, Closes]:
    """Return the market with its last prices, and the closes they come from."""
    listed = instruments(seed)
    quoted = closes(listed, seed=seed, last_day=now_utc.date())
    last = quoted.last_minor()
    day = datetime.combine(quoted.days[-1], time(), UTC)
    priced = [
        one if one.id not in last else replace(one, close_minor=last[one.id], close_on_utc=day)
        for one in listed
    ]
    return Shelf(priced, seed=seed), quoted


def write_market(quoted: Closes, home_dir: Path) -> Path:
    """Write the closes as analytics reads them; no close is an empty cell."""
    import pyarrow as pa  # noqa: PLC0415  slow to load, and seldom needed
    import pyarrow.parquet as pq  # noqa: PLC0415

    columns: dict[str, Any] = {"day": pa.array(quoted.days, pa.date32())}
    for place, one in enumerate(quoted.instrument_ids):
        column = quoted.minor[:, place]
        columns[one] = pa.array(column, pa.int64(), mask=column == 0)
    path = home_dir / MARKET_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, compression="zstd")
    return path


def write_news(bank: Bank, home_dir: Path, *, seed: int, now_utc: datetime) -> Path:
    """Write the town's headlines of the last weeks, as a bank's own feed would leave them."""
    told = headlines(
        bank.investing.instruments(), seed=seed, count=HEADLINES_COUNT, until_utc=now_utc
    )
    path = home_dir / NEWS_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (
        json.dumps({"text": one.text, "published_at_utc": one.published_at_utc.isoformat(),
                    "source": one.source, "url": one.url}, ensure_ascii=False)
        for one in told
    )  # fmt: skip
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


class Prices:
    """What one unit cost on a day."""

    def __init__(self, quoted: Closes) -> None:
        self._days = quoted.days
        self._minor = quoted.minor
        self._places = {one: place for place, one in enumerate(quoted.instrument_ids)}

    def __call__(self, instrument_id: InstrumentId, at_utc: datetime) -> int | None:
        """Return the newest close of that day or before; None where there was none."""
        place, row = self._places.get(instrument_id), bisect_right(self._days, at_utc.date()) - 1
        if place is None or row < 0:
            return None
        return int(self._minor[row, place]) or None


def _invests(household: Household) -> bool:
    person, fate = household.person, household.fate
    if person.story:
        return bool(person.story.get("invests"))
    return fate is None or fate.closed_at_utc is None


def _records(
    household: Household, investor: Investor, prices: Prices, *, now_utc: datetime
) -> tuple[list[InvestorProfile], list[Holding]]:
    """Return answers and holdings; nothing before they joined."""
    who = household.current.customer_id
    assert who is not None
    joined_utc = household.fate.joined_at_utc if household.fate else None
    told = profiles_of(investor, who, now_utc=now_utc)
    held = holdings_of(investor, who, now_utc=now_utc, price_minor=prices)
    if joined_utc is None:
        return told, held
    kept = [one for one in told if one.taken_at_utc >= joined_utc]
    return kept or [replace(told[-1], taken_at_utc=joined_utc)], [
        replace(one, since_utc=max(one.since_utc, joined_utc)) for one in held
    ]

