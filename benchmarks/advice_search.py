"""Ten nearest of 10,000, 100,000 and a million profiles of 16 columns: CPU of one question, p50.

Ours with a mask that lets 70 % through, applied before the search, and without; beside it what
else there is, where it is installed (faiss-cpu, hnswlib: `pip install faiss-cpu hnswlib`).
"""

from __future__ import annotations

import time
from importlib import import_module

import numpy as np

_COLUMNS, _COUNT, _ASKED = 16, 10, 200
_MASK_SHARE = 0.7
TARGETS_MS = {10_000: 0.05, 100_000: 0.5, 1_000_000: 4.5}
GRAPH_TARGET_MS, RECALL_TARGET = 0.1, 0.99


def p50_ms(ask, questions: np.ndarray) -> float:
    """Return the median thread CPU of one question, after ten to warm up."""
    spent = []
    for number, row in enumerate(questions):
        began = time.thread_time_ns()
        ask(row)
        if number >= 10:
            spent.append(time.thread_time_ns() - began)
    return float(np.median(spent)) / 1e6


def profiles(count: int, seed: int = 7) -> np.ndarray:
    """Return rows as investors' are: steps, switches and a few amounts, within [0, 1]."""
    random = np.random.default_rng(seed)
    tolerance = random.normal(0.5, 0.2, (count, 1))
    steps = np.clip(np.round((tolerance + random.normal(0, 0.15, (count, 6))) * 6) / 6, 0, 1)
    switches = random.random((count, 6)) < 0.2
    amounts = np.clip(random.normal(0.5, 0.15, (count, 4)), 0, 1)
    return np.hstack([steps, switches * 0.9, amounts]).astype(np.float32)


def measure(count: int) -> dict[str, tuple[float, float, float]]:
    """Return CPU ms, recall of the ten nearest, and CPU s of building, by name."""
    from sklearn.neighbors import NearestNeighbors

    from analytics.advice.neighbours import Exact

    rows, questions = profiles(count), profiles(_ASKED, seed=8)
    found: dict[str, tuple[float, float, float]] = {}
    ours, built = _timed(lambda: Exact(rows))
    mask = np.random.default_rng(9).random(count) < _MASK_SHARE
    among = ours.eligible(mask)
    truth = [_nearest(rows, row, None) for row in questions[:50]]
    allowed = [_nearest(rows, row, mask) for row in questions[:50]]

    def add(name, ask, seconds, of=truth):
        recall = np.mean([_agree(rows, row, ask(row), best) for row, best in zip(questions, of)])
        found[name] = (p50_ms(ask, questions), float(recall), seconds)

    add("ours, mask before the search",
        lambda row: ours.nearest(row, count=_COUNT, among=among).places, built, allowed)  # fmt: skip
    add("ours, everybody", lambda row: ours.nearest(row, count=_COUNT).places, built)
    squares = np.einsum("ij,ij->i", rows, rows)
    add("numpy brute", lambda row: np.argpartition(squares - 2 * (rows @ row), _COUNT)[:_COUNT], 0.0)
    for kind in ("kd_tree", "brute"):
        tree, seconds = _timed(
            lambda kind=kind: NearestNeighbors(n_neighbors=_COUNT, algorithm=kind, n_jobs=1).fit(rows)
        )
        add(f"scikit-learn {kind}", lambda row, tree=tree: tree.kneighbors(row[None])[1][0], seconds)
    _faiss(rows, mask, add, allowed)
    _graph(rows, mask, add, allowed)
    return found


def _faiss(rows, mask, add, allowed) -> None:
    try:
        faiss = import_module("faiss")
    except ImportError:
        return
    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatL2(_COLUMNS)
    index.add(rows)
    bits = np.packbits(mask, bitorder="little")
    only = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
    add("faiss flat", lambda row: index.search(row[None], _COUNT)[1][0], 0.0)
    add("faiss flat, mask", lambda row: index.search(row[None], _COUNT, params=only)[1][0], 0.0, allowed)


def _graph(rows, mask, add, allowed) -> None:
    from analytics.advice.neighbours import Graph

    try:
        graph, seconds = _timed(lambda: Graph(rows))
    except ImportError:
        return
    among = graph.eligible(mask)
    add("graph (hnswlib)", lambda row: graph.nearest(row, count=_COUNT).places, seconds)
    add("graph (hnswlib), mask",
        lambda row: graph.nearest(row, count=_COUNT, among=among).places, seconds, allowed)  # fmt: skip


def _timed(make):
    began = time.process_time()
    made = make()
    return made, time.process_time() - began


def _nearest(rows: np.ndarray, row: np.ndarray, mask: np.ndarray | None) -> float:
    """Return the distance of the tenth nearest, computed plainly."""
    apart = np.square(rows - row).sum(axis=1)
    if mask is not None:
        apart = np.where(mask, apart, np.inf)
    return float(np.partition(apart, _COUNT - 1)[_COUNT - 1])


def _agree(rows: np.ndarray, row: np.ndarray, places: np.ndarray, tenth: float) -> float:
    """Return the share of the answer that lies within the tenth nearest's distance."""
    apart = np.square(rows[places] - row).sum(axis=1)
    return float((apart <= tenth * (1 + 1e-5) + 1e-7).mean())


def rows(*, quick: bool) -> list[str]:
    """Return the table's lines."""
    sizes = (10_000, 100_000) if quick else tuple(TARGETS_MS)
    measured = {size: measure(size) for size in sizes}
    told = ["| 10 nearest, CPU ms p50 (recall; building CPU s) | " + " | ".join(f"{size:,} × {_COLUMNS}" for size in sizes) + " |",
            "|---" * (1 + len(sizes)) + "|"]  # fmt: skip
    for name in next(iter(measured.values())):
        cells = []
        for size in sizes:
            spent, recall, seconds = measured[size][name]
            cells.append(f"{spent:.3f} ({recall:.3f}; {seconds:.2f})")
        told.append(f"| {name} | " + " | ".join(cells) + " |")
    targets = " / ".join(f"{TARGETS_MS[size]}" for size in sizes)
    return [*told, "", (f"> Targets: exact with mask ≤ {targets} ms; graph ≤ {GRAPH_TARGET_MS} ms at recall ≥ "
            f"{RECALL_TARGET}. The mask lets {_MASK_SHARE:.0%} through.")]
