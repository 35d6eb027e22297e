"""Walk-forward: costs, no look ahead, the honest word against equal weight."""

import numpy as np
import pytest

from analytics.evaluation.bootstrap import Interval
from analytics.portfolio.evaluating import mixes_passed, random_mixes, sentence_of
from analytics.portfolio.optimising import Optimiser
from analytics.portfolio.var import Method
from analytics.portfolio.walking import (
    LOOK_BACK_DAYS,
    Result,
    Verdict,
    result_of,
    walk_forward,
)
from tests.analytics.portfolio.worlds import returns_of

SIMPLE = np.expm1(returns_of(0.1, 0.15, 0.2, 0.3, days=700))


def test_given_equal_weight_without_costs_when_walked_then_it_is_the_mean_between_months():
    walk = walk_forward(Optimiser.EQUAL, SIMPLE, cost_bp=0)

    month = SIMPLE[LOOK_BACK_DAYS : LOOK_BACK_DAYS + 21]
    worth = np.prod(1 + month, axis=0).mean()
    assert np.exp(walk.returns[:21].sum()) == pytest.approx(worth)
    assert len(walk.returns) == len(SIMPLE) - LOOK_BACK_DAYS


def test_given_costs_when_walked_then_each_change_is_paid():
    free = walk_forward(Optimiser.EQUAL, SIMPLE, cost_bp=0)
    paid = walk_forward(Optimiser.EQUAL, SIMPLE, cost_bp=10)

    assert free.returns[0] - paid.returns[0] == pytest.approx(-np.log1p(-0.001))
    assert paid.returns.sum() < free.returns.sum()
    assert 0 < paid.turnover < 0.2


def test_given_another_future_when_walked_then_what_came_before_stays():
    other = SIMPLE.copy()
    other[650:] *= -1

    before, after = (walk_forward(Optimiser.HRP, one).returns for one in (SIMPLE, other))

    first = 650 - LOOK_BACK_DAYS
    assert np.array_equal(before[:first], after[:first])
    assert not np.array_equal(before, after)


def test_given_the_same_walk_when_compared_then_nothing_is_claimed():
    walk = walk_forward(Optimiser.EQUAL, SIMPLE)

    assert result_of(walk, walk).verdict is Verdict.NOT_TOLD_APART


def a_result(kind: Optimiser, low: float, high: float) -> Result:
    middle = Interval((low + high) / 2, low, high)
    return Result(kind, 0.05, 0.1, 0.2, middle, middle, 0.1)


def test_given_intervals_when_told_then_only_those_beyond_zero_are_claimed():
    equal = a_result(Optimiser.EQUAL, 0, 0)
    unclear = a_result(Optimiser.HRP, -0.1, 0.2)
    worse = a_result(Optimiser.MAX_SHARPE, -0.4, -0.1)
    better = a_result(Optimiser.RISK_PARITY, 0.01, 0.1)

    assert "no optimiser can be told apart" in sentence_of([equal, unclear])
    assert "Equal weight wins, after costs, against max_sharpe" in sentence_of([equal, worse])
    assert "better than equal weight here: risk_parity" in sentence_of([equal, unclear, better])


def test_given_random_mixes_when_drawn_then_each_is_a_whole():
    weights = random_mixes(20, 50, seed=1)

    assert np.allclose(weights.sum(axis=1), 1)
    assert ((weights > 0).sum(axis=1) >= 2).all()
    assert (random_mixes(20, 50, seed=1) == weights).all()


def test_given_calm_random_days_when_mixes_are_tested_then_ours_mostly_passes():
    found = mixes_passed(
        np.expm1(returns_of(0.1, 0.2, 0.3, days=3500)), Method.FILTERED, seed=2, count=12
    )

    assert found.mixes == 12
    assert found.all_four <= found.all_four_together <= 12
    assert found.all_four_together >= 9
