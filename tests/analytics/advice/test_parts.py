"""The parts: laws of their weights, what they make of a plain case, and how they are blended."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from analytics.advice import blending, collaborative, content
from analytics.advice.catalogue import Catalogue
from analytics.advice.diversity import NO_SPREAD, Spread, diverse
from analytics.advice.measures import order_figures, rank_figures
from tests.analytics.advice.small_town import market


def holdings(rows: list[list[int]]) -> sparse.csr_array:
    return sparse.csr_array(np.array(rows, np.float32))


PAIRS = holdings([[1, 1, 0, 0]] * 30 + [[0, 0, 1, 1]] * 30 + [[1, 0, 0, 0], [0, 0, 0, 1]])


@settings(deadline=None)
@given(seed=st.integers(0, 30), strength=st.floats(0.5, 500))
def test_ease_is_the_least_squares_answer_without_itself(seed: int, strength: float) -> None:
    held = (np.random.default_rng(seed).random((40, 6)) < 0.4).astype(np.float64)

    weights, _ = collaborative.ease(sparse.csr_array(held), strength=strength)

    for item in range(6):
        others = [one for one in range(6) if one != item]
        gram = held[:, others].T @ held[:, others] + strength * np.eye(5)
        plain = np.linalg.solve(gram, held[:, others].T @ held[:, item])
        assert np.allclose(weights[others, item], plain, atol=1e-4)
        assert weights[item, item] == 0


def test_given_two_pairs_when_one_of_a_pair_is_held_then_the_other_comes_first() -> None:
    for weights in (
        collaborative.ease(PAIRS, strength=5.0)[0],
        collaborative.item_knn(PAIRS, shrink=2.0, count=3),
    ):
        scores = collaborative.scores(holdings([[1, 0, 0, 0]]), weights)[0]

        assert np.argmax(scores[1:]) + 1 == 1


def test_given_what_people_told_when_nothing_is_held_then_it_alone_speaks() -> None:
    told = np.array([[1, 0]] * 30 + [[0, 1]] * 30 + [[1, 0], [0, 1]], np.float32)

    weights, beside = collaborative.ease(PAIRS, told, strength=5.0, told_strength=5.0)

    assert weights.shape == (4, 4)
    assert beside.shape == (2, 4)
    assert set(np.argsort(-beside[0])[:2]) == {0, 1}
    assert set(np.argsort(-beside[1])[:2]) == {2, 3}


def test_given_few_kept_when_item_knn_learns_then_only_the_most_alike_are_left() -> None:
    many = sparse.csr_array((np.random.default_rng(2).random((200, 12)) < 0.4).astype(np.float32))

    whole = collaborative.item_knn(many, shrink=1.0, count=12)
    weights = collaborative.item_knn(many, shrink=1.0, count=3)

    third = np.sort(whole, axis=0)[-3]
    assert np.array_equal(weights, np.where(whole >= third, whole, 0))
    assert (np.diag(weights) == 0).all()


def test_given_an_instrument_nobody_holds_when_content_learns_then_what_it_is_speaks() -> None:
    random = np.random.default_rng(3)
    rows = random.random((400, 2)).astype(np.float32)
    features = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 1, 0]], np.float32)
    likes = rows[:, 0] > 0.5
    held = np.zeros((400, 4), np.float32)
    held[likes, 0] = held[likes, 1] = held[~likes, 2] = 1

    weights = content.content(rows, sparse.csr_array(held), features, strength=5.0)
    scores = content.scores(np.array([[0.9, 0.5], [0.1, 0.5]], np.float32), weights)

    # The last one is as the first two, but nobody holds it yet.
    assert scores[0, 3] > scores[1, 3]


CASES = st.integers(0, 200)


@given(seed=CASES)
def test_standardised_scores_of_candidates_have_mean_0_and_others_are_0(seed: int) -> None:
    random = np.random.default_rng(seed)
    scores = random.normal(3, 5, (4, 9)).astype(np.float32)
    candidates = random.random((4, 9)) < 0.6

    found = blending.standardised(scores, candidates)

    assert (found[~candidates] == 0).all()
    assert np.allclose(found.sum(axis=1), 0, atol=1e-4)


@given(seed=CASES)
def test_chances_are_of_candidates_only_and_sum_to_1_where_there_is_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    logits = (random.normal(0, 50, (5, 7))).astype(np.float32)
    candidates = random.random((5, 7)) < 0.4

    found = blending.chances(logits, candidates)

    assert (found[~candidates] == 0).all()
    assert np.allclose(found.sum(axis=1), candidates.any(axis=1), atol=1e-4)


def test_given_a_part_that_knows_when_weights_are_learnt_then_it_counts_most() -> None:
    random = np.random.default_rng(5)
    bought = np.zeros((600, 10), bool)
    bought[np.arange(600), random.integers(0, 10, 600)] = True
    parts = random.normal(0, 1, (600, 10, len(blending.PARTS))).astype(np.float32)
    parts[:, :, 3] += 2 * bought
    groups = np.tile(np.arange(len(blending.GROUPS_FROM)), 150)

    weights = blending.learn_weights(parts, np.ones_like(bought), bought, groups)

    assert (weights.argmax(axis=1) == 3).all()
    assert (weights >= 0).all()


def test_given_nobody_who_bought_when_weights_are_learnt_then_they_stay_as_set() -> None:
    parts = np.zeros((3, 4, len(blending.PARTS)), np.float32)
    nothing = np.zeros((3, 4), bool)

    weights = blending.learn_weights(parts, ~nothing, nothing, np.zeros(3, np.intp))

    assert np.allclose(weights, blending.PRIOR)


@settings(deadline=None)
@given(seed=CASES, count=st.integers(0, 15), cost=st.floats(0, 5), share=st.floats(0.1, 1))
def test_the_chosen_are_candidates_each_once_as_many_as_there_are(
    seed: int, count: int, cost: float, share: float
) -> None:
    catalogue = Catalogue(market())
    random = np.random.default_rng(seed)
    candidates = random.random(len(catalogue)) < 0.1
    logits = random.normal(size=len(catalogue)).astype(np.float32)
    spread = Spread(cost, share, share, share)

    chosen = diverse(logits, candidates, catalogue, count=count, spread=spread)

    assert candidates[chosen].all()
    assert len(set(chosen)) == len(chosen) == min(count, candidates.sum())


def test_given_no_spread_when_chosen_then_it_is_the_plain_order() -> None:
    catalogue = Catalogue(market())
    logits = np.random.default_rng(1).normal(size=len(catalogue)).astype(np.float32)

    chosen = diverse(logits, np.ones(len(catalogue), bool), catalogue, count=9, spread=NO_SPREAD)

    assert chosen == np.argsort(-logits)[:9].tolist()


def test_given_one_kind_on_top_when_spread_out_then_other_kinds_come_in() -> None:
    catalogue = Catalogue(market())
    logits = np.array([5.0 if one.kind == "share" else 0.0 for one in market()], np.float32)
    everything = np.ones(len(catalogue), bool)

    chosen = diverse(
        logits, everything, catalogue, count=10, spread=Spread(0.0, 1.0, 1.0, kind_share=0.5)
    )

    assert sum(market()[place].kind == "share" for place in chosen) == 5


def test_given_orders_then_figures_are_those_worked_out_by_hand() -> None:
    candidates = np.ones((2, 12), bool)
    bought = np.zeros((2, 12), bool)
    bought[0, [0, 3]] = bought[1, 11] = True
    scores = -np.tile(np.arange(12, dtype=np.float32), (2, 1))

    found = rank_figures(scores, candidates, bought)

    first = (1 + 1 / np.log2(5)) / (1 + 1 / np.log2(3))
    assert found.each.tolist() == pytest.approx([first, 0.0])
    assert found.hit_rate == 0.5
    assert found.coverage == 10 / 12


def test_given_what_could_not_be_recommended_then_it_is_not_asked_for() -> None:
    candidates = np.array([[True, False]])
    bought = np.array([[False, True]])

    assert rank_figures(np.zeros((1, 2), np.float32), candidates, bought).people_count == 0


def test_given_a_short_order_then_what_fills_it_is_no_hit() -> None:
    bought = np.array([[False, False, True]])

    found = order_figures(np.array([[0, -1]]), np.ones((1, 3), bool), bought)

    assert found.each.tolist() == [0.0]
    assert found.coverage == 1 / 3
