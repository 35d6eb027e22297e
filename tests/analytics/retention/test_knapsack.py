"""Offers under a budget: the best plan there is, or one with a bound that is never exceeded."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.retention import knapsack
from analytics.retention.knapsack import NOTHING, pack


def best_by_trying(value, cost, budget, capacity):
    """Return the worth of the best plan among all plans."""
    n, offers = value.shape
    best = 0
    for choice in product(range(-1, offers), repeat=n):
        spent = sum(cost[i, j] for i, j in enumerate(choice) if j >= 0)
        used = [sum(one == j for one in choice) for j in range(offers)]
        if spent <= budget and all(u <= c for u, c in zip(used, capacity, strict=True)):
            best = max(best, sum(value[i, j] for i, j in enumerate(choice) if j >= 0))
    return best


@st.composite
def problems(draw, *, people=5, offers=3):
    n, k = draw(st.integers(1, people)), draw(st.integers(1, offers))
    cells = st.lists(st.integers(-20, 60), min_size=n * k, max_size=n * k)
    costs = st.lists(st.integers(0, 30), min_size=n * k, max_size=n * k)
    value = np.array(draw(cells), np.int64).reshape(n, k)
    cost = np.array(draw(costs), np.int64).reshape(n, k)
    capacity = np.array(draw(st.lists(st.integers(0, n), min_size=k, max_size=k)), np.int64)
    return value, cost, draw(st.integers(0, 80)), capacity


def is_allowed(packing, value, cost, budget, capacity):
    used = np.bincount(packing.choice[packing.choice >= 0], minlength=len(capacity))
    chosen = [(i, j) for i, j in enumerate(packing.choice) if j != NOTHING]
    return (
        packing.cost <= budget
        and (used <= capacity).all()
        and all(value[i, j] > 0 for i, j in chosen)
        and packing.cost == sum(cost[i, j] for i, j in chosen)
        and packing.value == sum(value[i, j] for i, j in chosen)
    )


@settings(max_examples=25, deadline=None)
@given(problems())
def test_a_small_plan_is_the_best_of_all_plans(problem):
    value, cost, budget, capacity = problem

    packing = pack(value, cost, budget=budget, capacity=capacity)

    assert packing.value == best_by_trying(value, cost, budget, capacity)
    assert is_allowed(packing, value, cost, budget, capacity)


@settings(max_examples=25, deadline=None)
@given(problems())
def test_a_priced_plan_is_allowed_and_its_bound_is_never_exceeded(problem):
    value, cost, budget, capacity = problem
    before = knapsack.EXACT_OFFERS
    knapsack.EXACT_OFFERS = 0
    try:
        packing = pack(value, cost, budget=budget, capacity=capacity)
    finally:
        knapsack.EXACT_OFFERS = before

    assert is_allowed(packing, value, cost, budget, capacity)
    assert packing.value <= best_by_trying(value, cost, budget, capacity) <= packing.bound + 1e-6


def test_given_many_customers_when_priced_then_the_plan_is_within_a_hundredth_of_the_bound():
    rng = np.random.default_rng(1)
    n = 20_000
    value = rng.integers(-5_000, 20_000, (n, 4))
    cost = rng.integers(50, 3_000, (n, 4))

    packing = pack(value, cost, budget=3_000_000, capacity=np.array([n, 500, 2_000, n]))

    assert packing.bound * 0.99 <= packing.value <= packing.bound
    assert packing.cost <= 3_000_000


def test_given_no_budget_when_packed_then_only_what_is_free_is_given():
    value, cost = np.array([[5, 9], [7, 8]]), np.array([[0, 1], [2, 3]])

    packing = pack(value, cost, budget=0, capacity=np.array([2, 2]))

    assert list(packing.choice) == [0, NOTHING]


def test_given_nobody_when_packed_then_the_plan_is_empty():
    empty = np.zeros((0, 2), np.int64)

    packing = pack(empty, empty, budget=10, capacity=np.array([1, 1]))

    assert (len(packing.choice), packing.value, packing.cost) == (0, 0, 0)
