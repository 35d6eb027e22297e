"""Who gets which offer when neither money nor hands are enough: a knapsack with a proved bound.

    maximise   Σ value[i, j]                      one offer j at most for each customer i
    so that    Σ cost[i, j] ≤ budget              the number of offers j ≤ capacity[j]

Small tables are solved exactly (branch and bound by HiGHS). Large ones get prices: what a unit of
budget and a place in each capacity are worth, from the linear programme of an even sample. With
prices λ, μ ≥ 0 everybody takes their best of value − λ·cost − μ, if it is above 0, and

    λ · budget + Σ μ_j · capacity_j + Σ_i max(0, max_j(value − λ·cost − μ))

is never below the best possible plan, whatever the prices are (weak duality). So a plan always
comes with how far from the best it can be at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array

from analytics.models import Floats

Ints = NDArray[np.int64]

#: Offers considered at most for the exact answer; a second of HiGHS.
EXACT_OFFERS = 3_000
#: Customers of the sample that sets the prices.
SAMPLE = 1_500
#: Branch and bound stops here and says how far it came.
_EXACT_TIME_S = 10.0
NOTHING = -1


@dataclass(frozen=True, slots=True)
class Prices:
    """What one unit more of budget, and one place more of each capacity, is worth; at least 0."""

    budget: float
    capacity: Floats


@dataclass(frozen=True, slots=True)
class Packing:
    """choice: shape (n,), the offer's index or NOTHING. bound: no plan is worth more than this."""

    choice: Ints
    value: int
    cost: int
    bound: float
    prices: Prices


def pack(value: Ints, cost: Ints, *, budget: int, capacity: Ints) -> Packing:
    """Return the best offers, exactly for small tables.

    value, cost: shape (n, offers), in one unit; an offer with a value of 0 or less is never
    chosen, costs are at least 0. capacity: shape (offers,), at least 0.
    """
    assert value.shape == cost.shape, (value.shape, cost.shape)
    assert budget >= 0, budget
    assert (cost >= 0).all(), "a cost below 0"
    worth = (value > 0) & (cost <= budget) & (capacity > 0)[None, :]
    prices = _prices(value, cost, worth, budget, capacity)
    bound = _dual(value, cost, worth, budget, capacity, prices)
    choice = _priced(value, cost, worth, budget, capacity, prices)
    if 0 < worth.sum() <= EXACT_OFFERS and _value(value, choice) < int(bound):
        found = _solve(value, cost, worth, budget, capacity, exactly=True)
        if found.mip_dual_bound is not None:
            bound = min(bound, -float(found.mip_dual_bound))
        if found.x is not None:
            exact = _choice_of(found.x, worth)
            exact = exact if _fits(exact, cost, budget, capacity) else choice
            choice = max(exact, choice, key=lambda one: _value(value, one))
    return Packing(choice, _value(value, choice), _value(cost, choice), bound, prices)


def _solve(
    value: Ints, cost: Ints, worth: NDArray[np.bool_], budget: int, capacity: Ints, *, exactly: bool
) -> Any:
    """Return HiGHS's answer over the offers that are worth anything, in the order of `worth`."""
    customers, offers = np.nonzero(worth)
    places = np.arange(len(customers))
    ones = np.ones(len(places))
    each = csr_array((ones, (np.unique(customers, return_inverse=True)[1], places)))
    hands = csr_array((ones, (offers, places)), shape=(value.shape[1], len(places)))
    money = csr_array(cost[worth][None, :].astype(np.float64))
    limits = [
        LinearConstraint(money, -np.inf, float(budget)),
        LinearConstraint(hands, -np.inf, capacity.astype(np.float64)),
        LinearConstraint(each, -np.inf, 1.0),
    ]
    return milp(
        -value[worth].astype(np.float64),
        integrality=np.full(len(places), int(exactly)),
        bounds=(0, 1),
        constraints=limits,
        options={"time_limit": _EXACT_TIME_S, "mip_rel_gap": 0.0},
    )


def _prices(
    value: Ints, cost: Ints, worth: NDArray[np.bool_], budget: int, capacity: Ints
) -> Prices:
    """Return prices from the linear programme of every k-th customer with something to gain."""
    nothing = Prices(0.0, np.zeros(value.shape[1]))
    anyone = np.flatnonzero(worth.any(axis=1))
    if len(anyone) == 0:
        return nothing
    step = -(-len(anyone) // SAMPLE)
    some = anyone[::step]
    part = len(some) / len(anyone)
    hands = np.asarray(capacity * part, np.float64)
    return _dual_prices(value[some], cost[some], worth[some], budget * part, hands)


def _dual_prices(
    value: Ints, cost: Ints, worth: NDArray[np.bool_], budget: float, capacity: Floats
) -> Prices:
    """Solve the dual itself: minimise λ·budget + μ·capacity + Σ u, u_i ≥ value − λ·cost − μ_j."""
    customers, offers = np.nonzero(worth)
    who = np.unique(customers, return_inverse=True)[1]
    n, kinds, pairs = int(who.max()) + 1, value.shape[1], len(who)
    rows = np.arange(pairs)
    columns = np.concatenate([np.zeros(pairs, int), 1 + offers, 1 + kinds + who])
    weights = np.concatenate([cost[worth].astype(np.float64), np.ones(2 * pairs)])
    covered = csr_array((weights, (np.tile(rows, 3), columns)), shape=(pairs, 1 + kinds + n))
    found = milp(
        np.concatenate([[budget], capacity, np.ones(n)]),
        bounds=(0, np.inf),
        constraints=LinearConstraint(covered, value[worth].astype(np.float64), np.inf),
    )
    if found.x is None:  # prices of 0 are still a true bound, only a wide one
        return Prices(0.0, np.zeros(kinds))
    prices = np.maximum(found.x, 0.0)
    return Prices(float(prices[0]), prices[1 : 1 + kinds])


def _net(value: Ints, cost: Ints, worth: NDArray[np.bool_], prices: Prices) -> Floats:
    net = value - prices.budget * cost - prices.capacity[None, :]
    return np.where(worth, net, -np.inf)


def _dual(
    value: Ints, cost: Ints, worth: NDArray[np.bool_], budget: int, capacity: Ints, prices: Prices
) -> float:
    best = np.maximum(_net(value, cost, worth, prices).max(axis=1, initial=-np.inf), 0.0)
    # No capacity above the number of customers can be used, so none has to be paid for.
    usable = np.minimum(capacity, len(value))
    return float(prices.budget * budget + prices.capacity @ usable + best.sum())


def _priced(
    value: Ints, cost: Ints, worth: NDArray[np.bool_], budget: int, capacity: Ints, prices: Prices
) -> Ints:
    """Give offers in the order of what they are worth above their prices, while there is room."""
    net = _net(value, cost, worth, prices)
    customers, offers = np.nonzero(worth)
    # Equal nets are common at the margin; the dearer value first leaves less on the table.
    order = np.lexsort((-value[customers, offers], -net[customers, offers]))
    choice = np.full(len(value), NOTHING, np.int64)
    left, room = budget, capacity.copy()
    for pair in order:
        customer, offer = customers[pair], offers[pair]
        price = cost[customer, offer]
        if choice[customer] == NOTHING and price <= left and room[offer] > 0:
            choice[customer] = offer
            left -= int(price)
            room[offer] -= 1
    return choice


def _choice_of(found: Floats, worth: NDArray[np.bool_]) -> Ints:
    customers, offers = np.nonzero(worth)
    taken = found > 0.5
    choice = np.full(len(worth), NOTHING, np.int64)
    choice[customers[taken]] = offers[taken]
    return choice


def _fits(choice: Ints, cost: Ints, budget: int, capacity: Ints) -> bool:
    used = np.bincount(choice[choice >= 0], minlength=len(capacity))
    return _value(cost, choice) <= budget and bool((used <= capacity).all())


def _value(of: Ints, choice: Ints) -> int:
    rows = np.flatnonzero(choice >= 0)
    return int(of[rows, choice[rows]].sum())
