"""Recommendations on public invoices (UCI online retail): which new items are in the next invoice?

    all invoices but each customer's last ─▶ learn      the last one ─▶ its items that are new
    the same once more, without the last  ─▶ where strengths, spans and the blend were chosen

Customers with at least two invoices, items that ten of them bought; returns, postage and lines
without a customer are left out. `moment of asking` is the last invoice's: what others bought in
the fortnight before it may be known then, what they bought later may not.

Choices (chosen on the last invoice but one): EASE λ 300, recent buys weigh up to 1.3 and old ones
down to 0.3 over 90 days; blend of EASE, item-kNN and what others bought in 14 and 30 days before.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

_ITEM_BUYERS_MIN = 10
_STRENGTH, _FLOOR, _DAYS = 300.0, 0.3, 90.0
_LATELY_DAYS = (14, 30)
TARGET = 0.090


@dataclass(frozen=True)
class Split:
    """What was bought before, and in the invoice asked about. Matrices of customers × items."""

    held: Any
    recent: Any
    bought: np.ndarray
    asked_at: np.ndarray
    events: tuple[np.ndarray, np.ndarray]


def invoices() -> pd.DataFrame | None:
    """Return the lines with customer, item, invoice and moment; None without the data."""
    folder = os.environ.get("FLORIN_DATA_DIR")
    path = Path(folder or "") / "online-retail" / "online_retail.parquet"
    if not folder or not path.is_file():
        return None
    lines = pd.read_parquet(path)
    is_sale = lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)
    is_item = lines["StockCode"].str.match(r"^\d{5}")
    lines = lines[is_sale & is_item]
    return pd.DataFrame({
        "who": lines["CustomerID"].astype(int), "item": lines["StockCode"],
        "invoice": lines["InvoiceNo"], "at": pd.to_datetime(lines["InvoiceDate"]),
    })  # fmt: skip


def without_last(lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the lines before each customer's last invoice, and that invoice."""
    last = lines.sort_values(["at", "invoice"]).groupby("who")["invoice"].last()
    is_last = lines["invoice"] == lines["who"].map(last)
    return lines[~is_last], lines[is_last]


def split(before: pd.DataFrame, after: pd.DataFrame) -> Split:
    from scipy import sparse

    buyers = before.groupby("item")["who"].nunique()
    items = buyers[buyers >= _ITEM_BUYERS_MIN].index
    before = before[before["item"].isin(items)]
    who = pd.Index(np.sort(before["who"].unique()))
    after = after[after["item"].isin(items) & after["who"].isin(who)]
    shape = (len(who), len(items))
    asked_at = after.groupby("who")["at"].min().reindex(who).to_numpy()
    pairs = before.groupby(["who", "item"])["at"].max().reset_index()
    row, column = who.get_indexer(pairs["who"]), items.get_indexer(pairs["item"])
    age = (asked_at[row] - pairs["at"].to_numpy()) / np.timedelta64(1, "D")
    weight = np.where(np.isnan(age), 1.0, _FLOOR + np.exp(-age / _DAYS))
    bought = np.zeros(shape, bool)
    bought[who.get_indexer(after["who"]), items.get_indexer(after["item"])] = True
    order = np.argsort(before["at"].to_numpy(), kind="stable")
    return Split(
        sparse.csr_array((np.ones(len(pairs), np.float32), (row, column)), shape=shape),
        sparse.csr_array((weight.astype(np.float32), (row, column)), shape=shape),
        bought, asked_at,
        (before["at"].to_numpy()[order], items.get_indexer(before["item"])[order]),
    )  # fmt: skip


def lately(told: Split, days: int) -> np.ndarray:
    """Return log(1 + how often others bought each item in the days before the moment of asking)."""
    at, item = told.events
    found = np.zeros(told.bought.shape, np.float32)
    counts = np.zeros(told.bought.shape[1], np.float32)
    first = next_one = 0
    for place in np.argsort(told.asked_at, kind="stable"):
        moment = told.asked_at[place]
        if np.isnat(moment):
            continue
        while next_one < len(at) and at[next_one] < moment:
            counts[item[next_one]] += 1
            next_one += 1
        while first < next_one and at[first] < moment - np.timedelta64(days, "D"):
            counts[item[first]] -= 1
            first += 1
        found[place] = counts
    return np.log1p(found)


def scores(told: Split) -> dict[str, np.ndarray]:
    from analytics.advice import collaborative

    weights = collaborative.ease(told.held, strength=_STRENGTH)[0]
    alike = collaborative.item_knn(told.held, shrink=20.0, count=200)
    popular = np.log1p(np.asarray(told.held.sum(axis=0), np.float32).ravel())
    return {
        "popularity": np.broadcast_to(popular, told.bought.shape),
        "item-kNN": collaborative.scores(told.held, alike),
        "EASE": collaborative.scores(told.held, weights),
        "EASE, recent buys weigh more": collaborative.scores(told.recent, weights),
        "item-kNN, recent buys weigh more": collaborative.scores(told.recent, alike),
        **{f"what others bought in {days} days before": lately(told, days) for days in _LATELY_DAYS},
    }  # fmt: skip


def blend(told: Split, found: dict[str, np.ndarray], which: tuple[str, ...], weights=None):
    """Return the blended scores of customers who bought something new, and its weights."""
    from analytics.advice.blending import most_likely, standardised

    asked, candidates, targets = asked_of(told)
    parts = np.stack([standardised(found[name][asked], candidates) for name in which], axis=-1)
    if weights is None:
        weights = most_likely(
            parts, candidates, targets, towards=np.full(len(which), 0.3), pull=1.0
        )
    return parts @ weights.astype(np.float32), weights


def asked_of(told: Split) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return who bought something new, what is new to them, and what of it they bought."""
    is_new = told.held.toarray() == 0
    asked = np.flatnonzero((told.bought & is_new).any(axis=1))
    return asked, is_new[asked], (told.bought & is_new)[asked]


def rows() -> list[str]:
    """Return the table's lines: chosen on the last invoice but one, measured on the last."""
    from analytics.advice.measures import rank_figures

    lines = invoices()
    if lines is None:
        return ["> Left out: FLORIN_DATA_DIR is not set, or has no online-retail."]
    before, last = without_last(lines)
    earlier, final = split(*without_last(before)), split(before, last)
    names = ("EASE, recent buys weigh more", "item-kNN, recent buys weigh more",
             *(f"what others bought in {days} days before" for days in _LATELY_DAYS))  # fmt: skip
    columns = []
    weights = None
    for told in (earlier, final):
        asked, candidates, targets = asked_of(told)
        found = scores(told)
        figures = {
            name: rank_figures(one[asked], candidates, targets) for name, one in found.items()
        }
        mixed, weights = blend(told, found, names, weights)
        figures["blend of the last four"] = rank_figures(mixed, candidates, targets)
        columns.append(figures)
    told = ["| | last invoice: nDCG@10 | HR@10 | coverage | last but one: nDCG@10 | HR@10 |",
            "|---" * 6 + "|"]  # fmt: skip
    for name, one in columns[1].items():
        other = columns[0][name]
        told.append(f"| {name} | {one.ndcg:.4f} | {one.hit_rate:.3f} | {one.coverage:.2f} "
                    f"| {other.ndcg:.4f} | {other.hit_rate:.3f} |")  # fmt: skip
    count = next(iter(columns[1].values())).people_count
    return [*told, "", (f"> {count:,} customers, {final.bought.shape[1]:,} items. All choices and the blend's "
            f"weights come from the last invoice but one. Target on the last: ≥ {TARGET:.3f}.")]
