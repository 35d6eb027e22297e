"""Neighbours: the nearest of those a mask lets through, and nobody else."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.advice.neighbours import Exact, Graph

needs_hnswlib = pytest.mark.skipif(find_spec("hnswlib") is None, reason="hnswlib is optional")


def rows_of(count: int, seed: int, *, columns: int = 16) -> np.ndarray:
    random = np.random.default_rng(seed)
    # Steps, as answers are: many people at the same distance, and some alike in all.
    return (random.integers(0, 4, (count, columns)) / 3).astype(np.float32)


@settings(deadline=None)
@given(
    count=st.integers(1, 400), seed=st.integers(0, 50), wanted=st.integers(0, 30),
    share=st.sampled_from((0.0, 0.02, 0.5, 1.0)),
)  # fmt: skip
def test_exact_search_finds_what_sorting_all_distances_finds(
    count: int, seed: int, wanted: int, share: float
) -> None:
    rows, row = rows_of(count, seed), rows_of(1, seed + 1000)[0]
    mask = np.random.default_rng(seed).random(count) < share
    search = Exact(rows)

    found = search.nearest(row, count=wanted, among=search.eligible(mask))

    apart = np.sqrt(np.square(rows[mask].astype(np.float64) - row).sum(axis=1))
    assert len(found.places) == min(wanted, mask.sum())
    assert mask[found.places].all()
    assert len(set(found.places.tolist())) == len(found.places)
    assert np.allclose(found.distances, np.sort(apart)[: len(found.places)], atol=1e-5)


def test_given_a_person_of_the_rows_when_searched_then_they_come_first() -> None:
    rows = np.random.default_rng(1).random((5_000, 16), dtype=np.float32)

    found = Exact(rows).nearest(rows[1_234], count=10)

    assert found.places[0] == 1_234
    assert found.distances[0] == 0


def test_given_nobody_eligible_when_searched_then_nobody_is_found() -> None:
    search = Exact(rows_of(100, 1))

    found = search.nearest(rows_of(1, 2)[0], count=5, among=search.eligible(np.zeros(100, bool)))

    assert found.places.tolist() == []


@needs_hnswlib
def test_given_a_graph_when_searched_then_it_finds_nearly_what_exact_search_does() -> None:
    rows = np.random.default_rng(3).random((3_000, 16), dtype=np.float32)
    graph, exact = Graph(rows), Exact(rows)
    asked = np.random.default_rng(4).random((40, 16), dtype=np.float32)

    shares = [
        np.isin(graph.nearest(row, count=10).places, exact.nearest(row, count=10).places).mean()
        for row in asked
    ]

    assert np.mean(shares) >= 0.97


@needs_hnswlib
@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_given_a_mask_when_a_graph_is_searched_then_nobody_else_is_found(share: float) -> None:
    rows = np.random.default_rng(3).random((2_000, 16), dtype=np.float32)
    graph = Graph(rows)
    mask = np.random.default_rng(5).random(2_000) < share

    found = graph.nearest(rows[0], count=10, among=graph.eligible(mask))

    assert len(found.places) == min(10, mask.sum())
    assert mask[found.places].all()
