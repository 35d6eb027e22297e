"""How many past offers a plan needs: its true value at one budget, as the bank's past grows.

    town of a seed ──▶ first 2,000, 5,000, … people's past ──▶ churn model, effects of offers
                └────▶ 8,000 people as of the newest campaign ──▶ plan or list ──▶ true value

Beyond a town's own people, the past is that of all towns given. The seeds were never looked at
while the learner was made: its settings were chosen on 511 to 513. Everybody consents here and
nobody has an open case. Budgets and capacities are those of the list for 2,000 people, times four.

    python -m benchmarks.retention_growth [--seeds 611 612 613] [--keep-dir FOLDER]
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from benchmarks.paper_offers import KNOWN, MONTHS, NEWEST, OFFERS, Town, joined, town_of
from benchmarks.retention_town import in_order, planned

TOWN, TARGET = 20_000, 8_000
SIZES = (2_000, 5_000, 20_000)
BUDGET_MINOR = 800_000
_CAPACITY_TIMES = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[611, 612, 613])
    parser.add_argument("--keep-dir", type=Path, help="where towns are kept, made once")
    options = parser.parse_args()
    began = time.process_time()
    towns = {seed: town_of(TOWN, seed=seed, keep_dir=options.keep_dir) for seed in options.seeds}
    rows = []
    for seed, town in towns.items():
        first = town.person.min()
        target = town.of((town.person < first + TARGET) & (town.steps == NEWEST))
        pasts = [town.of(town.person < first + size) for size in SIZES]
        for past in [*pasts, *([joined(list(towns.values()))] if len(towns) > 1 else [])]:
            found = measured(target, past)
            offers = int((past.offer[known_of(past)] >= 0).sum())
            rows.append({"seed": seed, "offers": offers, **found})
            print(rows[-1], flush=True)
    print(told(rows))
    print(f"\n> {time.process_time() - began:.0f} CPU s.")


def known_of(past: Town) -> np.ndarray:
    return np.isin(past.steps, KNOWN) & (past.left >= 0)


def measured(target: Town, past: Town) -> dict[str, float]:
    """Return the true value in EUR of each way to choose."""
    from analytics import learners
    from analytics.features.customers import SCHEMA
    from analytics.retention.choosing import Avoided
    from analytics.retention.shares import Shares
    from analytics.retention.strategies import load_strategies
    from analytics.retention.trials import trial_of

    book = load_strategies()
    book = replace(book, strategies=tuple(
        replace(one, capacity=one.capacity and one.capacity * _CAPACITY_TIMES)
        for one in book.strategies if one.name in OFFERS
    ))  # fmt: skip
    churn, campaigns = (
        past.of(rows) for rows in (np.isin(past.steps, MONTHS) & (past.left >= 0), known_of(past))
    )
    model = learners.recipe("logistic").fit(churn.table, churn.left.astype(np.int8), SCHEMA)
    risk = model.probability(target.table)
    arms = ("none", *OFFERS)
    trial = trial_of(campaigns.offer + 1, campaigns.left, arms=arms)
    effects = Shares.fit(campaigns.table, trial, SCHEMA, book=book)
    customers = customers_in(target, risk, book)
    truly = pd.DataFrame(target.effect, index=list(target.table.index), columns=list(OFFERS))
    order = np.argsort(-risk)
    listed = {
        one.name: in_order(order, customers, book, truly, BUDGET_MINOR, only=one.name)[2]
        for one in book.strategies
    }
    best = OFFERS[int(np.argmin([trial.outcome[trial.arm == i + 1].mean() for i in range(4)]))]
    knows = {name: Avoided(truly[name].to_numpy(), np.zeros(len(risk)), "truth", holds_prior=True)
             for name in OFFERS}  # fmt: skip
    seen = customers_in(target, target.probability, book)
    avoided = effects.avoided(target.table, risk, source="trial")
    return {
        "risk, first fitting": in_order(order, customers, book, truly, BUDGET_MINOR)[2] / 100,
        "risk, best measured": listed[best] / 100,
        "risk, best in hindsight": max(listed.values()) / 100,
        "priors alone": planned(customers, {}, book, truly, BUDGET_MINOR)[2] / 100,
        "florin": planned(customers, avoided, book, truly, BUDGET_MINOR)[2] / 100,
        "oracle": planned(
            seen, knows, replace(book, helps_chance_least=0.0), truly, BUDGET_MINOR
        )[2] / 100,
    }  # fmt: skip


def customers_in(town: Town, risk: np.ndarray, book) -> list:
    from analytics.retention.strategies import Customer

    found = []
    for (who, cells), chance in zip(town.table.iterrows(), risk, strict=True):
        facts = {str(name): float(one) for name, one in cells.items() if not np.isnan(one)}
        year_minor = book.margins.year_minor(
            held_minor=facts.get("balance_minor_p50_90d", 0.0),
            spent_year_minor=4 * facts.get("spent_minor_90d", 0.0),
            fees_year_minor=2 * facts.get("fees_minor_180d", 0.0),
        )
        found.append(Customer(
            who, float(chance), book.margins.value_minor(year_minor), year_minor,
            frozenset({"savings"} if facts.get("savings_share", 0.0) > 0 else ()),
            frozenset({"marketing"}), frozenset(), facts,
        ))  # fmt: skip
    return found


def told(rows: list[dict]) -> str:
    """Return a line a town and size: what each way truly brings."""
    names = [name for name in rows[0] if name not in ("seed", "offers")]
    lines = [f"| town | past offers | {' | '.join(names)} | florin over risk, hindsight |",
             "|" + "---|" * (len(names) + 3)]  # fmt: skip
    for row in sorted(rows, key=lambda one: (one["offers"], one["seed"])):
        values = " | ".join(f"{row[name]:,.0f}" for name in names)
        more = row["florin"] / row["risk, best in hindsight"] - 1
        lines.append(f"| {row['seed']} | {row['offers']:,} | {values} | {more:+.0%} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
