"""Weights: formulas, solvers, and an allocation that keeps to every limit or says why not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import LedoitWolf

from analytics.portfolio.allocating import WHOLE_BP, allocate, in_basis_points
from analytics.portfolio.closed_forms import (
    capped,
    inverse_variance,
    min_variance,
    risk_budget,
    shrunk_covariance,
)
from analytics.portfolio.errors import CannotAllocate, NoPrices
from analytics.portfolio.measures import volatility_max
from analytics.portfolio.optimising import Bounds, Optimiser, optimise
from tests.analytics.portfolio.worlds import closes_of, ids, returns_of

SPREADS = (0.002, 0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.4)
MARKET = closes_of(returns_of(*SPREADS))
COVARIANCE = shrunk_covariance(MARKET.log_returns(ids(8), days=1260))


def a_covariance(seed: int, count: int = 6):
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(count, count))
    return mixing @ mixing.T / count + 0.05 * np.eye(count)


def test_given_two_assets_when_variance_is_least_then_it_is_the_textbook_formula():
    covariance = np.array([[0.04, 0.006], [0.006, 0.09]])

    weights = min_variance(covariance)

    share = (0.09 - 0.006) / (0.04 + 0.09 - 2 * 0.006)
    assert weights == pytest.approx([share, 1 - share])


@given(seed=st.integers(0, 10_000), cap=st.sampled_from([0.2, 0.35, 1.0]))
def test_no_small_exchange_within_the_bounds_lowers_the_least_variance(seed, cap):
    covariance = a_covariance(seed)
    weights = min_variance(covariance, np.full(6, cap))

    assert weights.sum() == pytest.approx(1)
    assert weights.min() >= 0
    assert weights.max() <= cap + 1e-12
    pull = covariance @ weights
    for giver in np.flatnonzero(weights > 1e-9):
        for taker in np.flatnonzero(weights < cap - 1e-9):
            assert pull[taker] >= pull[giver] - 1e-9


@given(seed=st.integers(0, 10_000), budgets=st.lists(st.floats(0.2, 5), min_size=6, max_size=6))
def test_each_brings_its_budget_of_the_risk(seed, budgets):
    covariance, wanted = a_covariance(seed), np.array(budgets)

    weights = risk_budget(covariance, wanted)

    parts = weights * (covariance @ weights)
    assert np.allclose(parts / parts.sum(), wanted / wanted.sum(), atol=1e-7)


def test_given_a_covariance_without_inverse_when_optimised_then_a_formula_still_answers():
    twins = np.array([[0.04, 0.04], [0.04, 0.04]])
    still = np.array([[0.0, 0.0], [0.0, 0.04]])

    assert min_variance(twins).tolist() == [0.5, 0.5]
    assert risk_budget(twins).tolist() == [0.5, 0.5]
    assert inverse_variance(still).tolist() == [1.0, 0.0]
    assert min_variance(np.array([[0.04]])).tolist() == [1.0]


@given(
    weights=st.lists(st.floats(0, 1), min_size=4, max_size=4),
    caps=st.lists(st.floats(0.25, 1), min_size=4, max_size=4),
)
def test_capping_keeps_the_whole_and_the_caps(weights, caps):
    total = sum(weights)
    wish = np.array(weights) / total if total else np.full(4, 0.25)

    found = capped(wish, np.array(caps))

    assert found.sum() == pytest.approx(1)
    assert (found <= np.array(caps) + 1e-12).all()


@pytest.mark.parametrize(
    ("kind", "formula"),
    [(Optimiser.MIN_VARIANCE, min_variance), (Optimiser.RISK_PARITY, risk_budget)],
)
def test_given_a_formula_when_the_solver_answers_then_they_agree_to_a_millionth(kind, formula):
    simple = np.expm1(returns_of(0.1, 0.15, 0.2, 0.25, 0.3, days=504))

    weights = optimise(kind, simple)

    assert np.abs(weights - formula(LedoitWolf().fit(simple).covariance_)).max() < 1e-6


@pytest.mark.parametrize("kind", list(Optimiser))
def test_given_limits_when_optimised_then_weights_and_turnover_keep_to_them(kind):
    simple = np.expm1(returns_of(0.05, 0.1, 0.2, 0.3, 0.4, days=504))
    before = np.full(5, 0.2)

    weights = optimise(kind, simple, Bounds(0.4, 0.3, before))

    assert weights.sum() == pytest.approx(1)
    assert weights.max() <= 0.4 + 1e-9
    assert np.abs(weights - before).sum() <= 0.3 + 1e-6


@pytest.mark.parametrize("kind", list(Optimiser))
def test_given_one_asset_or_one_that_stands_still_when_optimised_then_there_are_weights(kind):
    simple = np.expm1(returns_of(0.1, 0.2, days=300))
    simple[:, 1] = 0

    assert optimise(kind, simple[:, :1]).tolist() == [1.0]
    assert optimise(kind, simple).sum() == pytest.approx(1)


def test_given_nothing_that_gained_when_sharpe_is_sought_then_the_calmest_mix_is_taken():
    falling = np.expm1(returns_of(0.1, 0.2, 0.3, days=300) - 0.01)

    found = [optimise(one, falling) for one in (Optimiser.MAX_SHARPE, Optimiser.MIN_VARIANCE)]

    assert np.array_equal(*found)


def test_given_limits_below_the_whole_when_optimised_then_it_is_refused():
    with pytest.raises(CannotAllocate) as refusal:
        optimise(Optimiser.MIN_VARIANCE, np.expm1(returns_of(0.1, 0.2, days=300)), Bounds(0.4))

    assert refusal.value.why == "limits"


@settings(max_examples=60, deadline=None)
@given(
    scores=st.lists(st.floats(-5, 5), min_size=8, max_size=8),
    limits=st.lists(st.integers(0, 10_000), min_size=8, max_size=8),
    risk_class_max=st.integers(1, 7),
    horizon_years=st.integers(0, 30),
)
def test_an_allocation_keeps_to_all_limits_or_says_why_not(
    scores, limits, risk_class_max, horizon_years
):
    limits_bp = dict(zip(ids(8), limits, strict=True))
    calmest_moves = 0.0
    if sum(limits) >= WHOLE_BP:
        calmest = min_variance(COVARIANCE, np.array(limits) / WHOLE_BP)
        calmest_moves = np.sqrt(calmest @ COVARIANCE @ calmest)
    try:
        found = allocate(
            ids(8), scores, MARKET, limits_bp,
            risk_class_max=risk_class_max, horizon_years=horizon_years,
        )  # fmt: skip
    except CannotAllocate:
        assert sum(limits) < WHOLE_BP or calmest_moves > 0.99 * volatility_max(risk_class_max)
        return

    weights = np.array([found.get(one, 0) for one in ids(8)]) / WHOLE_BP
    assert sum(found.values()) == WHOLE_BP
    assert all(0 < part <= limits_bp[one] for one, part in found.items())
    assert np.sqrt(weights @ COVARIANCE @ weights) <= volatility_max(risk_class_max) * (1 + 1e-9)


def test_given_a_better_score_when_allocated_then_it_gets_more_of_the_same_risk():
    twins = closes_of(returns_of(0.1, 0.1, 0.1))

    found = allocate(ids(3), [3, 1, 2], twins, {}, risk_class_max=4, horizon_years=10)

    assert found["in_0"] > found["in_2"] > found["in_1"]


def test_given_a_calmer_person_when_allocated_then_less_moves():
    def volatility(risk_class_max):
        found = allocate(
            ids(8), range(8), MARKET, {}, risk_class_max=risk_class_max, horizon_years=9
        )
        weights = np.array([found.get(one, 0) for one in ids(8)]) / WHOLE_BP
        return np.sqrt(weights @ COVARIANCE @ weights)

    moves = [volatility(one) for one in (1, 2, 3, 4)]

    assert moves == sorted(moves)
    assert moves[0] < 0.005 < moves[-1]


def test_given_money_needed_soon_when_allocated_then_variance_is_least():
    some = ids(8)[2:6]
    inner = shrunk_covariance(MARKET.log_returns(some, days=1260))

    found = allocate(some, [4, 3, 2, 1], MARKET, {}, risk_class_max=7, horizon_years=1)

    exact = in_basis_points(min_variance(inner), np.full(4, WHOLE_BP))
    assert [found.get(one, 0) for one in some] == exact.tolist()


def test_given_nothing_or_no_prices_when_allocated_then_it_is_refused_by_name():
    with pytest.raises(CannotAllocate) as refusal:
        allocate([], [], MARKET, {}, risk_class_max=4, horizon_years=5)
    assert refusal.value.why == "nothing"
    with pytest.raises(NoPrices):
        allocate(["in_9"], [1], MARKET, {}, risk_class_max=4, horizon_years=5)


def test_given_only_what_moves_too_much_when_allocated_then_risk_is_the_reason():
    with pytest.raises(CannotAllocate) as refusal:
        allocate(["in_7"], [1.0], MARKET, {}, risk_class_max=2, horizon_years=5)

    assert refusal.value.why == "risk"
