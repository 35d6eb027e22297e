"""Past offers of a paper town: features as of each campaign, offers, who left, and the truth.

    lives of n people ──▶ books ──▶ features at campaigns and months ──▶ tables, kept as .npz
                               └──▶ offers and outcomes; true effects beside them, for judging

Ten times as many people as the demo's town take ten times as long: 7 ms of CPU each. With
`keep_dir` a town is made once and read again. Truth is in `truth` alone, for benchmarks to judge by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.dataset import books_of
from analytics.features.books import us_of
from analytics.features.customers import SCHEMA, customer_features
from bank.demo.fates import CAMPAIGNS, HORIZON_STEPS, OFFERS, STEP
from bank.demo.paper import Paper, paper_town
from bank.demo.truth import Truth, campaign_rows, churn_rows, effect_rows

NOW_UTC = datetime(2026, 11, 1, tzinfo=UTC)
#: Steps before the last moment at which churn is learnt: all outcomes known at the newest campaign.
MONTHS = tuple(range(13, 6, -1))
NEWEST = min(CAMPAIGNS)
#: Campaigns whose 90 days were over at the newest one.
KNOWN = tuple(steps for steps in CAMPAIGNS if steps >= NEWEST + HORIZON_STEPS)
_AT_ONCE = 400


@dataclass(frozen=True)
class Town:
    """Rows of customers at moments. person: the place in the order of making; steps: before now.

    features: shape (n, len(SCHEMA.names)); offer: -1 none, else the place in OFFERS; a row at no
    campaign has -1 too. left: 1, 0, or -1 while 90 days are not over. effect: true P(leaving
    avoided), shape (n, len(OFFERS)), NaN at no campaign. probability: true P(leaves), no offer.
    """

    person: np.ndarray
    steps: np.ndarray
    features: np.ndarray
    offer: np.ndarray
    left: np.ndarray
    effect: np.ndarray
    probability: np.ndarray

    def of(self, rows: np.ndarray) -> Town:
        return Town(*(getattr(self, name)[rows] for name in Town.__dataclass_fields__))

    @property
    def table(self) -> pd.DataFrame:
        ids = pd.Index([f"cu_paper{one:08d}" for one in self.person], name="customer_id")
        return pd.DataFrame(self.features, index=ids, columns=list(SCHEMA.names))


def town_of(people: int, *, seed: int, keep_dir: Path | None = None) -> Town:
    """Return the town of so many people; the same seed has the same first people."""
    path = keep_dir / f"offers-{seed}-{people}.npz" if keep_dir else None
    if path is not None and path.is_file():
        with np.load(path, allow_pickle=False) as kept:
            return Town(**dict(kept))
    town = joined(list(_parts(people, seed)))
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{name: getattr(town, name) for name in Town.__dataclass_fields__})
    return town


def joined(towns: list[Town]) -> Town:
    """Return the rows of several towns as one; people of other towns may have the same number."""
    fields = Town.__dataclass_fields__
    return Town(*(np.concatenate([getattr(one, name) for one in towns]) for name in fields))


def _parts(people: int, seed: int) -> Iterator[Town]:
    truth = Truth(seed, NOW_UTC)
    for paper in paper_town(people, now_utc=NOW_UTC, truth=truth, at_once=_AT_ONCE):
        yield _part(paper, truth)
        truth.people.clear()
        truth.frauds.clear()


def _part(paper: Paper, truth: Truth) -> Town:
    books = books_of(
        paper.customers, paper.accounts, paper.postings, paper.cards, paper.cases, paper.login_days
    )
    offers, effects, chances = _known(truth)
    rows = []
    for steps in sorted({*MONTHS, *CAMPAIGNS}, reverse=True):
        at = NOW_UTC - steps * STEP
        table = customer_features(books.until(us_of(at)), as_of_us=us_of(at))
        for who, facts in zip(table.index, table.to_numpy(), strict=True):
            key = (who, at)
            offer, left = offers.get(key, (-1, None))
            chance = chances.get(key)
            if chance is None:  # opened the account later than the step began
                continue
            left = chance[1] if left is None else left
            rows.append(
                (int(who[-8:]), steps, facts, offer, -1 if left is None else int(left),
                 effects.get(key, np.full(len(OFFERS), np.nan)), chance[0])
            )  # fmt: skip
    return Town(*(np.array(column) for column in zip(*rows, strict=True)))


def _known(truth: Truth) -> tuple[dict, dict, dict]:
    offers = {
        (row["customer_id"], row["as_of_utc"]):
            (OFFERS.index(row["offer"]) if row["offer"] else -1, row["left_within_90d"])
        for row in campaign_rows(truth.people)
    }  # fmt: skip
    effects: dict = {}
    without: dict = {}
    for row in effect_rows(truth.people):
        key = (row["customer_id"], row["as_of_utc"])
        effects.setdefault(key, np.zeros(len(OFFERS)))[OFFERS.index(row["offer"])] = row["effect"]
        without[key] = row["probability_without"]
    chances = {}
    for row in churn_rows(truth.people):
        key = (row["customer_id"], row["as_of_utc"])
        chances[key] = (without.get(key, row["churn_probability"]), row["leaves_within_90d"])
    return offers, effects, chances
