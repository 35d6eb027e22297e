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
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pandas as pd

from analytics import ceilings, firstrun, tenants
from analytics.fraud.features import ALL, named
from analytics.fraud.rules import check, load_thresholds
from analytics.protection.scorer import MODEL, FraudScorer, share_of
from analytics.registry import Registry
from analytics.suspicion import KINDS, Detector
from analytics.suspicion.corpus import load
from bank.bootstrap import Bank
from bank.demo.frauds import kind_of
from bank.domain.risk import PaymentAsked, RiskDecision, RiskSignal, RiskSource
from bank.policies import protection as policy
from bank.settings import load_settings
from benchmarks.running import ROOT
from benchmarks.town import a_town, learnt
from web.chat.listening import load_detector

SEEDS = (401, 402, 403)
STOPPED = (RiskDecision.PAUSE, RiskDecision.HOLD)
#: What is deceived or robbed out of a customer by transfer: the target's episodes.
TARGET_KINDS = ("scam", "takeover")
SAVED_MIN, DELAYED_MAX = 0.85, 0.005
#: Of honest payers, who writes something in the hour before.
CHATTY = 0.1
HELD_OUT = ROOT / "tests" / "analytics" / "suspicion" / "heldout"
_SCAMS = frozenset(kind.name for kind in KINDS.values() if kind.is_scam)

Words = Callable[[str, random.Random], list[RiskSignal]]


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
    yield RiskSignal(RiskSource.MODEL, MODEL, share_of(float(said)), "")
    for one in check(named(row), thresholds):
        yield policy.signal(RiskSource.RULE, one.rule, "")
    known = [one for one in places if one <= at_utc]
    newest = max(known, default=None)
    if len(known) > 1 and newest > policy.login_since(at_utc):
        strength = policy.faded(RiskSource.LOGIN, at_utc=newest, now_utc=at_utc)
        yield policy.signal(RiskSource.LOGIN, "new_place", "", strength=strength)
    if since_utc > policy.new_customer_since(at_utc):
        yield policy.signal(RiskSource.IDENTITY, "new_customer", "")


def silent(_kind: str, _rng: random.Random) -> list[RiskSignal]:
    """Nobody writes anything."""
    return []


class Spoken:
    """Draws held-out lines and lets the detector hear them.

    Of those who are deceived a share `speak` write one to three lines of one held-out family of
    scams; of everybody else `CHATTY` write one or two lines: ordinary, or a held-out near miss.
    """

    def __init__(self, detector: Detector, speak: float) -> None:
        self._detector = detector
        self._speak = speak
        held = load(HELD_OUT)
        families: dict[str, list[str]] = {}
        for one in held:
            if one.kinds & _SCAMS and one.language == "en":
                families.setdefault(one.family, []).append(one.text)
        self._stories = list(families.values())
        self._ordinary = [one.text for one in held if not one.kinds and one.language == "en"]
        self._ordinary += ordinary_sentences()

    def __call__(self, kind: str, rng: random.Random) -> list[RiskSignal]:
        lines: list[str] = []
        if kind == "scam":
            if rng.random() < self._speak:
                story = rng.choice(self._stories)
                lines = rng.sample(story, min(len(story), rng.randint(1, 3)))
        elif rng.random() < CHATTY:
            lines = rng.sample(self._ordinary, rng.randint(1, 2))
        best: dict[str, float] = {}
        for line in lines:
            for one in self._detector.look(line):
                best[one.kind] = max(best.get(one.kind, 0.0), one.probability)
        return [
            policy.signal(RiskSource.CONVERSATION, name, "", strength=strength)
            for name, strength in best.items()
            if policy.knows(RiskSource.CONVERSATION, name)
        ]


def ordinary_sentences() -> list[str]:
    """Return the assistant's held-out wishes: what customers ordinarily say."""
    found: list[str] = []
    for file in sorted((ROOT / "tests" / "nlu").glob("holdout_[abc].csv")):
        found += pd.read_csv(file, dtype="str")["text"].tolist()
    return found


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

    def line(self, seed: str, words: str) -> str:
        each = [f"{self.saved[one] / max(1, self.money[one]):.3f}" for one in TARGET_KINDS]
        return (
            f"| {seed} | {words} | {self.episodes['scam']}, {self.episodes['takeover']} "
            f"| {self.saved_share:.3f} | {each[0]} | {each[1]} | {self.delayed_share:.2%} of "
            f"{self.honest:,} | {self.stepped_up / max(1, self.honest):.1%} |"
        )


def decide_all(transfers: Sequence[Asked], words: Words, seed: int) -> Told:
    """Decide every transfer; words are drawn anew for each."""
    rng = random.Random(seed)
    kinds = (*TARGET_KINDS, "mule")
    told = Told(dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0), 0, 0, 0)
    for one in transfers:
        heard = words(one.kind, rng)
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


def summed(each: Sequence[Told]) -> Told:
    """Return the towns as one."""
    kinds = each[0].money

    def of(name: str) -> dict[str, int]:
        return {kind: sum(getattr(one, name)[kind] for one in each) for kind in kinds}

    return Told(
        of("money"), of("saved"), of("episodes"), sum(one.honest for one in each),
        sum(one.delayed for one in each), sum(one.stepped_up for one in each),
    )  # fmt: skip


def main() -> int:
    """Print the table; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--speak", type=float, default=0.6)
    asked = parser.parse_args()
    spoken = Spoken(load_detector(load_settings().suspicion_dir), asked.speak)
    print("| town's seed | words | scams, take-overs | money saved | of scams | of take-overs "
          "| honest delayed | honest asked for a code |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    looked_ms: list[float] = []
    together: dict[str, list[Told]] = {"none": [], "spoken": []}
    for seed in (int(one) for one in asked.seeds.split(",")):
        with a_town(None, asked.customers, seed, {}) as (home, bank):
            transfers = transfers_of(bank, home, learnt(bank, "fraud"))
            looked_ms += time_looks(bank)
        for name, words in (("none", silent), ("spoken", spoken)):
            told = decide_all(transfers, words, seed)
            together[name].append(told)
            print(told.line(str(seed), name), flush=True)
    sums = {name: summed(each) for name, each in together.items()}
    for name, told in sums.items():
        print(told.line("together", name))
    holds = all(
        one.saved_share >= SAVED_MIN and one.delayed_share <= DELAYED_MAX for one in sums.values()
    )
    looked_ms.sort()
    print(f"\n> A look at a payment, model, rules and signals over SQLite: p50 "
          f"{looked_ms[len(looked_ms) // 2]:.1f} ms, p99 {looked_ms[int(len(looked_ms) * 0.99)]:.1f} ms "
          "(target ≤ 20).")  # fmt: skip
    print(f"> Target: at least {SAVED_MIN:.0%} of the money at no more than {DELAYED_MAX:.1%} of honest "
          f"payments delayed: {'held' if holds else 'not held'}.")  # fmt: skip
    return 0 if holds else 1


def time_looks(bank: Bank, count: int = 300) -> list[float]:
    """Return how long looks at payments take that are asked for now, in ms of CPU."""
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry(Path(folder))
        one = tenants.tenant("fraud")
        firstrun.keep(registry, one, learnt(bank, "fraud"))
        scorer = FraudScorer(bank.store, Path(folder), clock=bank.clock)
        scorer.warm()
        bank.protection.use(scorer)
        payees = bank.store.read(lambda uow: uow.payees.list(limit=count))
        spent = []
        for number, payee in enumerate(payees):
            wish = PaymentAsked(
                f"tr_{number}", payee.customer_id, payee.name, payee.iban, 90_000, "EUR", 90_000,
                bank.clock(),
            )  # fmt: skip
            begun = time.process_time()
            bank.protection.look(wish)
            spent.append((time.process_time() - begun) * 1e3)
        return spent


if __name__ == "__main__":
    raise SystemExit(main())
