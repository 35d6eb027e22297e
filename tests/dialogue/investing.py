"""Investing for stories: the invented market, an adviser that learnt from a few hundred people.

    investing: {}                                      the market is there, nothing was answered
    investing: {profile: {}}                           usual answers (tests/bank/advice/market.py)
    investing: {profile: {horizon: from_3}, holds: 3}  with changes; so many of the market's funds
    investing: {market: none}                          no prices: advice has to wait
    investing: {profile: {}, holds: 1, news: [Profit fell, …]}   a bad run about the first one held
    investing: {born: "2012-01-01"}
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.advice.adviser import LearntAdviser
from analytics.advice.catalogue import Catalogue
from analytics.advice.histories import Histories
from analytics.advice.learning import learn
from analytics.advice.storing import keep
from bank.demo.exchange import Prices, quote, write_market
from bank.demo.investing import Shelf
from bank.domain.actors import SYSTEM, Actor
from bank.domain.headlines import Headline, Mood
from bank.domain.ids import make_id
from bank.domain.instruments import Holding, InstrumentId, InstrumentKind
from bank.services.advice import NoAdviser
from bank.services.investing import NoNews
from tests.analytics.advice.small_town import investors
from tests.bank.advice.market import answers

if TYPE_CHECKING:
    from tests.dialogue.harness import Branch

PEOPLE, SEED = 300, 7


def prepare(branch: Branch, actor: Actor, given: dict[str, Any]) -> None:
    """Let the market be there and the customer be who the story says."""
    strange = set(given) - {"profile", "holds", "market", "born", "news"}
    assert not strange, f"investing: {sorted(strange)} are not known"
    bank = branch.bank
    shelf, folder = _market(datetime.now(UTC).date().isoformat())
    if not bank.investing.instruments():
        bank.investing.take_market(SYSTEM, instruments=shelf.market)
    bank.advice.use(
        NoAdviser() if given.get("market") == "none"
        else LearntAdviser(
            bank.store, model_folder=folder / "advice",
            market_file=folder / "market" / "closes.parquet", clock=bank.clock,
        )
    )  # fmt: skip
    if "profile" in given:
        bank.investing.take_answers(actor, answers(**given["profile"]))
    funds = [one for one in shelf.market if one.kind is InstrumentKind.EQUITY_FUND]
    holdings = [
        Holding(make_id("ho"), actor.require_customer(), one.id, 3_000_000, 20_000, bank.clock())
        for one in funds[: given.get("holds", 0)]
    ]
    bank.investing.take_market(SYSTEM, holdings=holdings)
    told = given.get("news", [])
    bank.investing.use(Told(holdings[0].instrument_id, told) if told else NoNews())


@dataclass(frozen=True)
class Told:
    """Headlines about one instrument, all bad."""

    instrument_id: InstrumentId
    titles: Sequence[str]

    def moods(
        self, instrument_ids: Collection[InstrumentId], *, now_utc: datetime
    ) -> dict[InstrumentId, Mood]:
        if self.instrument_id not in instrument_ids:
            return {}
        newest = tuple(
            Headline(self.instrument_id, one, "Harbour Wire", "", now_utc, -0.9)
            for one in self.titles
        )
        mood = Mood(self.instrument_id, -0.6, len(newest), has_turned=True, newest=newest)
        return {self.instrument_id: mood}


@cache
def _market(today: str) -> tuple[Shelf, Path]:
    """Return the market, and a folder with its closes and what was learnt; made once a run."""
    now_utc = datetime.fromisoformat(f"{today}T00:00:00+00:00")
    folder = Path(tempfile.mkdtemp(prefix="florin-market-"))
    shelf, quoted = quote(SEED, now_utc=now_utc)
    write_market(quoted, folder)
    profiles, holdings = investors(
        shelf, seed=SEED, people=PEOPLE, now_utc=now_utc, price_minor=Prices(quoted)
    )
    histories = Histories(Catalogue(shelf.market), profiles, holdings)
    keep(learn(histories, as_of_utc=now_utc), folder / "advice")
    return shelf, folder
