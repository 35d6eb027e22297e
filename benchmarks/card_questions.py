"""Was this you? How often an ordinary customer is asked about a card payment, and what it finds.

    python -m benchmarks.card_questions [--seeds 401,402] [--customers 1000] [--at 0.3,0.5,0.7]

The card payments of invented towns in the weeks that the fraud model was not learnt from, scored
as analytics/protection/card_watch.py does, asked about from `card_at` of bank/policies/
protection.toml on, a day's series of one customer as one question. --at shows other thresholds
beside it: a bank chooses on one town and looks at others.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from analytics import ceilings, firstrun
from analytics.fraud.features import ALL, named
from analytics.fraud.rules import check, load_thresholds
from bank.demo.frauds import kind_of
from bank.domain.risk import RiskSignal, RiskSource
from bank.policies import protection as policy
from bank.policies.tables import load_table
from benchmarks.town import a_town, learnt

SEEDS = (401, 402)
#: An ordinary customer is asked at most about once in so many days.
DAYS_BETWEEN_MIN = 60.0
_SURE = 1e-5
_DAY_S = 86_400


@dataclass(frozen=True)
class Counted:
    """What was asked in one town at one threshold."""

    payments: int
    days_between: float
    right_share: float
    found: dict[str, tuple[int, int]]


def scored(home: Any, found: firstrun.Learnt) -> pd.DataFrame:
    """Return the measured card payments with their probability and the kind of their episode."""
    truth = ceilings.fraud_truth(home)
    assert truth is not None
    test = found.test.assign(said=found.said).merge(
        truth[["posting_id", "episode"]], how="left", left_on="payment_id", right_on="posting_id"
    )
    test = test[test["channel"] == "card"].copy()
    thresholds = load_thresholds()
    rows = test[list(ALL.names)].to_numpy(float)
    test["probability"] = [
        _probability(row, float(said), thresholds)
        for row, said in zip(rows, test["said"], strict=True)
    ]
    test["kind"] = [None if pd.isna(one) else kind_of(one) for one in test["episode"]]
    test["at_s"] = pd.to_datetime(test["as_of_utc"], utc=True).map(lambda at: at.timestamp())
    return test.sort_values("at_s")


def _probability(row: Any, said: float, thresholds: Any) -> float:
    sure = min(max(said, _SURE), 1 - _SURE)
    share = math.log(sure / (1 - sure)) - policy.prior_log_odds()
    signals = [RiskSignal(RiskSource.MODEL, "fraud", share, "")]
    signals += [
        policy.signal(RiskSource.RULE, one.rule, "") for one in check(named(row), thresholds)
    ]
    return policy.view(signals, amount_eur_minor=None).probability


def count(payments: pd.DataFrame, *, card_at: float, again_h: float) -> Counted:
    """Ask as the bank does, and count."""
    last: dict[str, float] = {}
    honest = right = 0
    asked: set[str] = set()
    for who, at_s, probability, episode in zip(
        payments["customer_id"], payments["at_s"], payments["probability"], payments["episode"],
        strict=True,
    ):  # fmt: skip
        if probability < card_at or at_s - last.get(who, -math.inf) < again_h * 3_600:
            continue
        last[who] = at_s
        if pd.isna(episode):
            honest += 1
        else:
            right += 1
            asked.add(episode)
    days = float(np.ptp(payments["at_s"])) / _DAY_S
    planted: dict[str, tuple[int, int]] = {}
    for episode in sorted(set(payments["episode"].dropna())):
        found, of = planted.get(kind_of(episode), (0, 0))
        planted[kind_of(episode)] = (found + (episode in asked), of + 1)
    customer_days = payments["customer_id"].nunique() * days
    return Counted(
        len(payments), customer_days / max(1, honest), right / max(1, right + honest), planted
    )


def main() -> int:
    """Print the table; 1 where an ordinary customer is asked too often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--at", default="")
    given = parser.parse_args()
    asking = load_table("protection")["asking"]
    card_at, again_h = float(asking["card_at"]), float(asking["again_h"])
    others = [float(one) for one in given.at.split(",") if one]
    print("| town | card payments | asked from | an honest customer: once in | of the asked, fraud"
          " | episodes asked about |\n|---|---|---|---|---|---|")  # fmt: skip
    holds = True
    for seed in (int(one) for one in given.seeds.split(",")):
        with a_town(None, given.customers, seed, {}) as (home, bank):
            payments = scored(home, learnt(bank, "fraud"))
        for at in sorted({card_at, *others}):
            one = count(payments, card_at=at, again_h=again_h)
            print(_row(seed, at, one), flush=True)
            holds &= at != card_at or one.days_between >= DAYS_BETWEEN_MIN
    return 0 if holds else 1


def _row(seed: int, at: float, one: Counted) -> str:
    cells: Sequence[str] = (
        str(seed), f"{one.payments:,}", f"{at:g}", f"{one.days_between:.0f} days",
        f"{one.right_share:.0%}",
        ", ".join(f"{kind} {found}/{of}" for kind, (found, of) in one.found.items()),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    raise SystemExit(main())
