"""Segments: speed and truth on a million invented rows, the paper town, and public invoices.

    1,000,000 × 8, six slanted groups ──▶ number by BIC, fit on a sample, assign all, beside k-means
    the paper town of 3,000           ──▶ stability over 20 bootstraps; true segments, and how well
                                          a classifier that is told them does on the same features
    online retail ($FLORIN_DATA_DIR)  ──▶ stability of recency, frequency, money of its customers

Without FLORIN_DATA_DIR the last table is left out, with a sentence. CPU seconds, one thread.

    python -m benchmarks.segments [--quick]
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from sklearn.cluster import MiniBatchKMeans
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.model_selection import cross_val_predict

from analytics.dataset import books_of
from analytics.features.books import join, us_of
from analytics.segments.choosing import NUMBERS, agreement, choose
from analytics.segments.features import learnt_columns, segment_features
from analytics.segments.learning import learn
from analytics.segments.scaling import learn_scaling
from analytics.segments.shapes import bic_of, fit
from bank.demo.paper import paper_town
from bank.demo.truth import Truth

NOW_UTC = datetime(2026, 5, 20, 10, 30, tzinfo=UTC)
TRUE_GROUPS, WIDTH = 6, 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    million(100_000 if quick else 1_000_000)
    town(600 if quick else 3_000)
    retail()


def slanted(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows (n, WIDTH) of six Gaussians of other sizes, slants and shares, and whose each is."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(TRUE_GROUPS, 8.0))
    groups = rng.choice(TRUE_GROUPS, rows, p=shares)
    values = np.empty((rows, WIDTH))
    for one in range(TRUE_GROUPS):
        turned, _ = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))
        long = np.exp(rng.uniform(-1.4, 1.0, WIDTH))
        inside = groups == one
        drawn = rng.normal(size=(int(inside.sum()), WIDTH)) * long
        values[inside] = drawn @ turned.T + rng.normal(size=WIDTH) * 2.2
    return values, groups


def million(rows: int) -> None:
    values, truth = slanted(rows, seed=3)
    print(f"### {rows:,} rows × {WIDTH}, six slanted groups\n")
    print("| method | choose, CPU s | fit, CPU s | assign, CPU s | rows/s | ARI to the truth |")
    print("|---|---|---|---|---|---|")
    begin = time.process_time()
    bics = {count: bic_of(values, count) for count in NUMBERS}
    chosen, choosing_s = min(bics, key=lambda one: bics[one]), time.process_time() - begin
    total_s = choosing_s
    for name, method in (("**mixture on a sample**", "mixture"), ("k-means on a sample", "kmeans")):
        begin = time.process_time()
        shape = fit(values, chosen, method=method)  # type: ignore[arg-type]
        fitted = time.process_time()
        found = shape.assign(values)
        done = time.process_time()
        chose = f"{choosing_s:.2f}" if method == "mixture" else ""
        total_s += done - begin if method == "mixture" else 0.0
        print(_line(name, chose, fitted - begin, done - fitted, rows, agreement(truth, found)))
    begin = time.process_time()
    mini = MiniBatchKMeans(chosen, batch_size=4096, n_init=3, random_state=7).fit(values)
    fitted = time.process_time()
    found = mini.predict(values)
    done = time.process_time()
    ari = agreement(truth, found)
    print(_line("MiniBatchKMeans, all rows", "", fitted - begin, done - fitted, rows, ari))
    print(
        f"\n> BIC took {chosen} of {NUMBERS[0]} to {NUMBERS[-1]} groups, the truth is "
        f"{TRUE_GROUPS}. Chosen, fitted and assigned in {total_s:.1f} CPU s.\n"
    )


def _line(name: str, chose: str, fit_s: float, assign_s: float, rows: int, ari: float) -> str:
    speed = rows / max(assign_s, 1e-9) / 1e6
    return f"| {name} | {chose} | {fit_s:.2f} | {assign_s:.2f} | {speed:.1f}M | {ari:.3f} |"


def town(people: int) -> None:
    truth = Truth(7, NOW_UTC)
    books = join([
        books_of(one.customers, one.accounts, one.postings, one.cards, one.cases, one.login_days)
        for one in paper_town(people, now_utc=NOW_UTC, truth=truth, months=9)
    ])  # fmt: skip
    us = us_of(NOW_UTC)
    table = segment_features(books.until(us), as_of_us=us)
    segment = {who: fate.temper.segment for who, fate in truth.people}
    true = pd.factorize(np.array([segment[who] for who in table.index]))[0]
    print(f"### The paper town, {len(table):,} customers\n")
    print("| method | groups | stability, mean of 20 (least) | ARI to the six true segments |")
    print("|---|---|---|---|")
    rows = None
    for method in ("mixture", "kmeans"):
        found = learn(table, as_of_utc=NOW_UTC, method=method)  # type: ignore[arg-type]
        rows = found.scaled(table)[:, learnt_columns()]
        ari = agreement(true, found.groups(table))
        print(f"| {method} | {found.shape.count} | {_stable(found.facts, found.shape.count)} "
              f"| {ari:.3f} |")  # fmt: skip
    assert rows is not None
    told = cross_val_predict(QuadraticDiscriminantAnalysis(), rows, true, cv=5)
    print(f"| a classifier told the truth, 5 folds | 6 | | {agreement(true, told):.3f} |\n")


def _stable(facts: dict, count: int) -> str:
    aris = next(one["aris"] for one in facts["tried"] if one["count"] == count)
    return f"{np.mean(aris):.3f} ({min(aris):.3f})"


def retail() -> None:
    folder = os.environ.get("FLORIN_DATA_DIR")
    path = Path(folder or "") / "online-retail" / "online_retail.parquet"
    if not folder or not path.is_file():
        print("> Left out: FLORIN_DATA_DIR is not set, or has no online-retail.")
        return
    values = customers_of(pd.read_parquet(path))
    rows = learn_scaling(values, np.ones(values.shape[1])).of(values)
    print(f"### Online retail, {len(rows):,} customers: recency, frequency, money, range\n")
    print("| method | groups | stability, mean of 20 (least) |")
    print("|---|---|---|")
    for method in ("mixture", "kmeans"):
        choice = choose(rows, method=method)  # type: ignore[arg-type]
        aris = choice.taken.aris
        print(f"| {method} | {choice.count} | {np.mean(aris):.3f} ({min(aris):.3f}) |")


def customers_of(lines: pd.DataFrame) -> np.ndarray:
    """Return days since the last invoice, invoices, money and articles of each customer."""
    lines = lines.rename(columns=lambda name: name.lower().replace(" ", "").replace("_", ""))
    lines = lines[lines["customerid"].notna() & (lines["quantity"] > 0) & (lines["unitprice"] > 0)]
    at = pd.to_datetime(lines["invoicedate"])
    told = lines.assign(at=at, paid=lines["quantity"] * lines["unitprice"]).groupby("customerid")
    return np.column_stack([
        (at.max() - told["at"].max()).dt.total_seconds() / 86_400,
        told["invoiceno"].nunique(), told["paid"].sum(), told["stockcode"].nunique(),
    ]).astype(np.float64)  # fmt: skip


if __name__ == "__main__":
    main()
