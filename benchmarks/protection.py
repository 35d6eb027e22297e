"""Payments looked at before they move: money saved of planted scams and take-overs, honest delayed.

    python -m benchmarks.protection [--seeds 401,402,403] [--customers 2000] [--speak 0.6]

The bank's own signals and decisions (bank/policies/protection.py) on the transfers of invented
towns, each as of its moment: the fraud model learnt on earlier weeks, the rules, login places,
how long somebody has been a customer, and what the ear hears. The town plants no words, so words
are drawn here: of those who are deceived a share (--speak) writes one to three lines of a held-out
story in the hour before; of honest payers one in ten writes a line or two of ordinary banking or
of a held-out hard negative. The first column is without any words.

Counted one payment at a time: that a held one ends a series, or that staff call, is not counted.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pandas as pd

from analytics import ceilings, firstrun
from analytics.fraud.features import ALL, named
from analytics.fraud.rules import check, load_thresholds
from bank.bootstrap import Bank
from bank.demo.frauds import kind_of
from bank.domain.risk import RiskDecision, RiskSignal, RiskSource
from bank.policies import protection as policy
from benchmarks.town import a_town, learnt

SEEDS = (401, 402, 403)
STOPPED = (RiskDecision.PAUSE, RiskDecision.HOLD)
#: What is deceived or robbed out of a customer by transfer: the target's episodes.
TARGET_KINDS = ("scam", "takeover")
SAVED_MIN, DELAYED_MAX = 0.85, 0.005
_SURE = 1e-5

Words = Callable[[bool, str, random.Random], list[RiskSignal]]


@dataclass(frozen=True)
class Asked:
    """One transfer of the test weeks: everything but the words."""

    signals: tuple[RiskSignal, ...]
    amount_minor: int
    kind: str  # of its planted episode; "" is honest


def transfers_of(bank: Bank, home: Any, found: firstrun.Learnt) -> list[Asked]:
    """Return the transfers of the weeks that were not learnt from, with their signals."""
    truth = ceilings.fraud_truth(home)
    assert truth is not None
    test = found.test.assign(said=found.said).merge(
        truth[["posting_id", "episode"]], how="left", left_on="payment_id", right_on="posting_id"
    )
    test = test[test["channel"] == "transfer"]
    people, places = bank.store.read(
        lambda uow: (
            {one.id: one.created_at_utc for one in uow.customers.list()},
            uow.login_places.list(),
        )
    )
    seen: dict[str, list[Any]] = {}
    for one in places:
        seen.setdefault(str(one.customer_id), []).append(one.first_seen_at_utc)
    thresholds = load_thresholds()
    rows = test[list(ALL.names)].to_numpy(float)
    return [
        Asked(
            tuple(
                _signals(row, said, at.to_pydatetime(), seen.get(who, []), people[who], thresholds)
            ),
            int(amount),
            "" if pd.isna(episode) else kind_of(episode),
        )
        for row, said, at, who, amount, episode in zip(
            rows, test["said"], test["as_of_utc"], test["customer_id"], test["amount_minor"],
            test["episode"], strict=True,
        )
    ]  # fmt: skip


def _signals(row, said, at_utc, places, since_utc, thresholds):
    sure = min(max(float(said), _SURE), 1 - _SURE)
    yield RiskSignal(
        RiskSource.MODEL, "fraud", math.log(sure / (1 - sure)) - policy.prior_log_odds(), ""
    )
    for one in check(named(row), thresholds):
        yield policy.signal(RiskSource.RULE, one.rule, "")
    known = [one for one in places if one <= at_utc]
    newest = max(known, default=None)
    if len(known) > 1 and newest > policy.login_since(at_utc):
        strength = policy.faded(RiskSource.LOGIN, at_utc=newest, now_utc=at_utc)
        yield policy.signal(RiskSource.LOGIN, "new_place", "", strength=strength)
    if since_utc > policy.new_customer_since(at_utc):
        yield policy.signal(RiskSource.IDENTITY, "new_customer", "")


def silent(_is_victim: bool, _kind: str, _rng: random.Random) -> list[RiskSignal]:
    return []


@dataclass
class Told:
    """What came of the transfers of one town."""

    money: dict[str, int]
    saved: dict[str, int]
    episodes: dict[str, int]
    honest: int
    delayed: int
    stepped_up: int

    @property
    def saved_share(self) -> float:
        return sum(self.saved[one] for one in TARGET_KINDS) / max(
            1, sum(self.money[one] for one in TARGET_KINDS)
        )

    @property
    def delayed_share(self) -> float:
        return self.delayed / max(1, self.honest)


def decide_all(transfers: Sequence[Asked], words: Words, seed: int) -> Told:
    """Decide every transfer; words are drawn anew for each."""
    rng = random.Random(seed)
    kinds = ("scam", "takeover", "mule")
    told = Told(dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0), 0, 0, 0)
    for one in transfers:
        heard = words(one.kind == "scam", one.kind, rng)
        decision = policy.view(
            [*one.signals, *heard], amount_eur_minor=one.amount_minor
        ).decision
        if one.kind in kinds:
            told.money[one.kind] += one.amount_minor
            told.episodes[one.kind] += 1
            told.saved[one.kind] += one.amount_minor * (decision in STOPPED)
        elif not one.kind:
            told.honest += 1
            told.delayed += decision in STOPPED
            told.stepped_up += decision is RiskDecision.STEP_UP
    return told


def main() -> int:
    """Print the table; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--customers", type=int, default=2000)
    asked = parser.parse_args()
    for seed in (int(one) for one in asked.seeds.split(",")):
        begun = time.perf_counter()
        with a_town(None, asked.customers, seed, {}) as (home, bank):
            found = learnt(bank, "fraud")
            transfers = transfers_of(bank, home, found)
        told = decide_all(transfers, silent, seed)
        print(seed, told, told.saved_share, told.delayed_share, time.perf_counter() - begun)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
