"""Who gets which offer in the demo town, beside the truth: what each way to choose truly brings.

    campaigns but the newest ──▶ effects            churn rows whose 90 days were over ──▶ risk
                      └──── both as of the newest campaign's moment ────┘
                                          │
                       plan under a budget ──▶ true effect × value − cost, summed

Reads truth/effects.parquet of a seeded home, which no product code reads.

    FLORIN_HOME_DIR=… python -m benchmarks.retention_town [--budget-minor 200000]
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

DRAWS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget-minor", type=int, default=200_000)
    parser.add_argument("--recipe", default="logistic", help="of the churn model")
    options = parser.parse_args()
    from analytics.dataset import read_books
    from analytics.retention.strategies import load_strategies
    from bank.bootstrap import open_bank
    from bank.settings import load_settings

    settings = load_settings()
    truth_path = settings.home_dir / "truth" / "effects.parquet"
    if not truth_path.is_file():
        print(f"> The town was not measured: {settings.home_dir} has no truth/effects.parquet.")
        return
    store = open_bank(settings).store
    found = prepare(store, settings.home_dir, read_books, options.recipe)
    book = load_strategies()
    rows = table_of(found, book, pd.read_parquet(truth_path), options.budget_minor)
    size = f"{len(found['customers']):,} customers, budget {options.budget_minor / 100:,.2f} EUR"
    print(f"### Whom to keep, and how: the town's newest campaign, {size}\n")
    print("| chosen by | offers | cost EUR | truly brings EUR | share of the oracle |")
    print("|---|---|---|---|---|")
    for name, offers, cost, worth in rows:
        print(
            f"| {name} | {offers:.0f} | {cost / 100:,.2f} | {worth / 100:,.2f} | {worth / rows[-1][3]:.2f} |"
        )
    print(
        "\n> True effects are the simulator's; values, costs, consents and open cases the bank's."
    )


def prepare(store, home: Path, read_books, recipe: str) -> dict:
    """Learn from what was known before the newest campaign, and return it as of then."""
    from analytics import learners
    from analytics.churn.rows import HORIZON_DAYS, moments_of, rows_of
    from analytics.dataset import first_and_last_utc
    from analytics.features.books import us_of
    from analytics.features.customers import SCHEMA, customer_features
    from analytics.retention.campaigns import learn_effects, past_trial, read_campaigns
    from analytics.retention.planning import customers_of
    from analytics.retention.strategies import load_strategies

    campaigns = read_campaigns(home / "campaigns" / "past.parquet")
    newest = campaigns["as_of_utc"].max()
    known = campaigns[campaigns["as_of_utc"] <= newest - timedelta(days=HORIZON_DAYS)]
    effects = learn_effects(past_trial(store, known), load_strategies())
    at = newest.to_pydatetime()
    first, _ = first_and_last_utc(store)
    books = read_books(store, to_utc=at)
    past = rows_of(books, moments_of(first, at), now_utc=at)
    churn = learners.recipe(recipe).fit(past.table, past.labels, SCHEMA)
    table = customer_features(books.until(us_of(at)), as_of_us=us_of(at))
    probability = churn.probability(table)
    customers = customers_of(store, table, probability, load_strategies())
    return {"effects": effects, "table": table, "customers": customers, "at": newest}


def table_of(found: dict, book, truth: pd.DataFrame, budget: int) -> list[tuple]:
    """Return name, offers, cost and true worth of each way to choose, the oracle last."""
    from analytics.retention.campaigns import avoided_by
    from analytics.retention.choosing import Avoided

    now = truth[truth["as_of_utc"] == found["at"]]
    wide = now.pivot_table(index="customer_id", columns="offer", values="effect")
    here = [i for i, one in enumerate(found["customers"]) if one.customer_id in wide.index]
    customers = [found["customers"][i] for i in here]
    truly = wide.loc[[one.customer_id for one in customers]]
    book = replace(book, strategies=tuple(one for one in book.strategies if one.name in truly))
    at_risk = np.array([one.churn_probability for one in customers])
    table = found["table"].iloc[here]
    measured = avoided_by(found["effects"], table, at_risk, book, source="trial")
    known = {name: Avoided(truly[name].to_numpy(), np.zeros(len(truly)), "truth", holds_prior=True)
             for name in truly}  # fmt: skip
    oracle_book = replace(book, helps_chance_least=0.0)
    # The true chance caps the oracle, not the churn model's.
    chances = now.groupby("customer_id")["probability_without"].first()
    seen = [replace(one, churn_probability=float(chances[one.customer_id])) for one in customers]
    risk = np.argsort(-at_risk)
    rng = np.random.default_rng(7)
    at_random = [in_order(rng.permutation(len(customers)), customers, book, truly, budget)
                 for _ in range(DRAWS)]  # fmt: skip
    best = max(
        (in_order(risk, customers, book, truly, budget, only=one.name) for one in book.strategies),
        key=lambda one: one[2],
    )
    return [
        (f"chance, any fitting offer (mean of {DRAWS})", *np.mean(at_random, axis=0)),
        ("risk, any fitting offer", *in_order(risk, customers, book, truly, budget)),
        ("risk, the one offer that proved best", *best),
        ("priors alone, expected worth", *planned(customers, {}, book, truly, budget)),
        ("**florin**: shares of the risk", *planned(customers, measured, book, truly, budget)),
        ("oracle: true effects", *planned(seen, known, oracle_book, truly, budget)),
    ]


def planned(customers, effects, book, truly: pd.DataFrame, budget: int) -> tuple:
    from analytics.retention.choosing import choose

    plan = choose(customers, effects, budget_minor=budget, is_held_out=lambda _: False, book=book)
    made = [(one, row) for one, row in zip(customers, plan.rows) if row.code == "offer"]
    worth = sum(
        truly.loc[one.customer_id, row.strategy] * one.value_minor - row.cost_minor
        for one, row in made
    )
    return len(made), plan.cost_minor, worth


def in_order(order, customers, book, truly: pd.DataFrame, budget: int, *, only: str = "") -> tuple:
    """Offer in an order, each the first strategy that is allowed, until the budget is spent."""
    from analytics.retention.strategies import refuse, refuse_for_all

    offers, cost, worth, left = 0, 0, 0.0, {one.name: one.capacity for one in book.strategies}
    for place in order:
        one = customers[place]
        for strategy in book.strategies:
            price = strategy.cost_for(one.margin_year_minor)
            if only not in ("", strategy.name) or left[strategy.name] == 0 or cost + price > budget:
                continue
            if refuse_for_all(one, book, held_out=False) or refuse(strategy, one):
                continue
            if left[strategy.name] is not None:
                left[strategy.name] -= 1
            offers, cost = offers + 1, cost + price
            worth += truly.loc[one.customer_id, strategy.name] * one.value_minor - price
            break
    return offers, cost, worth


if __name__ == "__main__":
    main()
