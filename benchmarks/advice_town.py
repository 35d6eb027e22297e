"""Recommendations in a town-like set: 20,000 invented people, 300 invented instruments.

    invent ─▶ answers, holdings over 36 months ─▶ learn as of day −90 ─▶ what was bought since

`unmasked` ranks every instrument, as published figures do; `as served` only what suits the person,
popularity too. The ceiling knows everybody's hidden tastes; nobody can.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEED, COUNT = 401, 300
_FACTORS, _ALPHA, _RIDGE, _ROUNDS = 32, 10.0, 5.0, 8
_NAMES = {
    "popular": "popularity", "together": "EASE with profile", "item_knn": "item-kNN",
    "content": "content (profile → instruments)", "neighbours": "200 most alike", "blend": "blend",
}  # fmt: skip


@cache
def town(people: int, seed: int = SEED, count: int = COUNT):
    """Return the histories, and everybody's true appeal of each instrument by customer."""
    from analytics.advice.catalogue import Catalogue
    from analytics.advice.histories import Histories
    from bank.demo.investing import Shelf, appeal, invest
    from bank.demo.market import instruments
    from bank.demo.people import invent
    from bank.demo.portfolios import holdings_of, profiles_of

    market = instruments(seed, count=count)
    shelf = Shelf(market, seed=seed)
    price = {one.id: one.close_minor for one in instruments(seed, count=count)}
    profiles, holdings, income, truth = [], [], {}, {}
    for number in range(people):
        person = invent(seed, number, to_date=NOW.date())
        investor = invest(person, shelf, seed=seed, to_date=NOW.date())
        who = f"cu_{number:08d}"
        profiles += profiles_of(investor, who, now_utc=NOW)
        holdings += holdings_of(
            investor, who, now_utc=NOW, price_minor=lambda one, _: price[one] or 10_000
        )
        income[who] = person.income_minor
        truth[who] = appeal(
            shelf, investor.score, investor.truth.tolerance, np.array(investor.truth.tastes)
        ).astype(np.float32)
    told = Histories(Catalogue(market), profiles, holdings, income_month_minor=income)
    return told, truth


def rows(people: int) -> list[str]:
    """Return the table's lines."""
    from analytics.advice.evaluating import walk_forward

    histories, truth = town(people)
    lines = [("| | unmasked: nDCG@10 | 95 % | HR@10 | coverage | × popularity | new people | × |"
             " as served: nDCG@10 | × | new people | × |"), "|---" * 12 + "|"]
    free = {one.model: one for one in walk_forward(histories, end_utc=NOW, windows=1, masked=False)}
    kept = {one.model: one for one in walk_forward(histories, end_utc=NOW, windows=1)}
    base, base_kept = free["popular"], kept["popular"]
    for name, one in free.items():
        served = kept[name]
        lines.append(
            f"| {_NAMES.get(name, name)} | {one.ndcg.value:.3f} | {one.ndcg.low:.3f}-{one.ndcg.high:.3f} "
            f"| {one.hit_rate:.3f} | {one.coverage:.2f} | {one.ndcg.value / base.ndcg.value:.2f} "
            f"| {one.new_ndcg:.3f} | {one.new_ndcg / base.new_ndcg:.2f} "
            f"| {served.ndcg.value:.3f} | {served.ndcg.value / base_kept.ndcg.value:.2f} "
            f"| {served.new_ndcg:.3f} | {served.new_ndcg / base_kept.new_ndcg:.2f} |"
        )
    for name, figures, new in others(histories, truth):
        lines.append(
            f"| {name} | {figures.ndcg:.3f} | – | {figures.hit_rate:.3f} | {figures.coverage:.2f} "
            f"| {figures.ndcg / base.ndcg.value:.2f} | {new.ndcg:.3f} | {new.ndcg / base.new_ndcg:.2f} | – | – | – | – |"
        )
    lines.append("")
    lines.append(
        f"> {people:,} people, {COUNT} instruments, seed {SEED}; unmasked {base.people_count:,} buyers, of them "
        f"{base.new_count:,} new (at most one holding); as served {base_kept.people_count:,} and "
        f"{base_kept.new_count:,}. Targets, unmasked: blend ≥ 1.7 × popularity, new people ≥ 1.4 ×."
    )
    return lines


def others(histories, truth):
    """Yield ALS, EASE and user-kNN on holdings alone, and the ceiling, unmasked."""
    from scipy import sparse

    from analytics.advice import collaborative
    from analytics.advice.measures import rank_figures

    begin = NOW - timedelta(days=90)
    book = histories.at(begin)
    bought = histories.bought_between(book, begin, NOW)
    buyers = np.flatnonzero(np.diff(bought.indptr))
    targets = bought[buyers].toarray() > 0
    held = book.holdings[buyers]
    candidates = held.toarray() == 0
    is_new = book.counts[buyers] <= 1
    alike = sparse.csr_array(held @ book.holdings.T)
    size = np.sqrt(np.maximum(book.counts, 1))
    near = alike.toarray() / np.outer(size[buyers], size)
    near[np.arange(len(buyers)), buyers] = 0
    least = -np.partition(-near, 100, axis=1)[:, 100:101]
    near[near < least] = 0
    scores = {
        "EASE on holdings alone": held @ collaborative.ease(book.holdings, strength=100.0)[0],
        "user-kNN on holdings": near @ book.holdings.toarray(),
        f"implicit ALS, {_FACTORS} factors": als(book.holdings, buyers),
        "ceiling: knows the tastes": np.array([truth[histories.customers[one]] for one in book.people[buyers]]),
    }
    for name, each in scores.items():
        found = np.asarray(each, np.float32)
        yield (name, rank_figures(found, candidates, targets),
               rank_figures(found[is_new], candidates[is_new], targets[is_new]))


def als(holdings, buyers) -> np.ndarray:
    """Return scores of implicit-feedback matrix factorisation (Hu, Koren and Volinsky 2008)."""
    random = np.random.default_rng(7)
    dense = holdings.toarray().astype(np.float64)
    people, items = (random.normal(0, 0.1, (count, _FACTORS)) for count in dense.shape)
    for _ in range(_ROUNDS):
        people = _solved(dense, items)
        items = _solved(dense.T, people)
    return people[buyers] @ items.T


def _solved(held: np.ndarray, other: np.ndarray) -> np.ndarray:
    base = other.T @ other + _RIDGE * np.eye(_FACTORS)
    outer = np.einsum("nf,ng->nfg", other, other).reshape(len(other), -1)
    found = np.empty((len(held), _FACTORS))
    for start in range(0, len(held), 2_000):
        some = held[start : start + 2_000]
        left = base + _ALPHA * (some @ outer).reshape(-1, _FACTORS, _FACTORS)
        found[start : start + 2_000] = np.linalg.solve(left, ((1 + _ALPHA) * (some @ other))[..., None])[..., 0]
    return found


def violations(people: int, draws: int) -> list[str]:
    """Return the line about suitability."""
    import time

    from analytics.advice.evaluating import violations_count
    from analytics.advice.learning import learn
    from analytics.advice.recommending import Recommender

    histories, _ = town(people, SEED, 200)
    recommender = Recommender(learn(histories, as_of_utc=NOW), histories.catalogue.instruments)
    began = time.process_time()
    broken = violations_count(recommender, draws=draws)
    spent_ms = (time.process_time() - began) / draws * 1e3
    return [(f"> {draws:,} drawn profiles with drawn holdings, five recommendations each: {broken} unsuitable "
            f"(target 0). A draw, its recommendation and its judge take {spent_ms:.2f} CPU ms "
            f"with {people:,} people and 200 instruments.")]
