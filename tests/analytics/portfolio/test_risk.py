"""Risk in figures: measures, value at risk and its backtests, contributions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.portfolio import measures
from analytics.portfolio.backtests import backtest, forecasts_of, independence_p, kupiec_p
from analytics.portfolio.closed_forms import shrunk_covariance
from analytics.portfolio.contributions import tail_shares, volatility_shares
from analytics.portfolio.garch import filtered
from analytics.portfolio.var import Method, tail_quantile, value_at_risk
from tests.analytics.portfolio.worlds import returns_of

WEIGHTS = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(np.array)


def clustered(days: int = 3000, seed: int = 3):
    """Returns whose volatility doubles and halves in spells."""
    rng = np.random.default_rng(seed)
    spells = np.where(np.sin(np.arange(days) / 60) > 0.3, 0.02, 0.006)
    return rng.standard_t(5, days) * np.sqrt(3 / 5) * spells


def test_given_a_year_of_the_same_gain_when_measured_then_it_is_that_gain_without_risk():
    returns = np.full(252, np.log(1.05) / 252)

    assert measures.return_pa(returns) == pytest.approx(0.05)
    assert measures.volatility_pa(returns) == pytest.approx(0, abs=1e-12)
    assert measures.drawdown_max(returns) == 0
    assert measures.sharpe(np.zeros(10)) == 0


def test_given_twice_the_market_when_measured_then_beta_is_two():
    market = returns_of(0.2)[:, 0]

    assert measures.beta(2 * market, market) == pytest.approx(2)
    assert measures.beta(market, np.zeros(len(market))) == 0


def test_given_sharpe_when_drawn_again_then_the_interval_holds_it_and_narrows_with_days():
    short = measures.sharpe_interval(returns_of(0.15, days=400)[:, 0])
    long = measures.sharpe_interval(returns_of(0.15, days=6400)[:, 0])

    assert short.low < short.value < short.high
    assert long.high - long.low < (short.high - short.low) / 2


def test_given_the_same_series_twice_when_compared_then_there_is_no_difference():
    one = returns_of(0.15)[:, 0]

    apart = measures.sharpe_difference(one, one)

    assert (apart.value, apart.low, apart.high) == (0, 0, 0)


@pytest.mark.parametrize("method", list(Method))
def test_given_normal_days_when_var_is_taken_then_every_method_is_near_the_truth(method):
    returns = np.random.default_rng(5).normal(0, 0.01, 4000)

    for level, truth in ((0.95, 0.01645), (0.99, 0.02326)):
        one = value_at_risk(returns, level=level, method=method)

        assert one.var == pytest.approx(truth, rel=0.25)
        assert one.low <= one.var <= one.high
        assert one.cvar > one.var


@pytest.mark.parametrize("method", list(Method))
def test_given_money_that_never_moves_when_var_is_taken_then_it_is_nothing(method):
    one = value_at_risk(np.zeros(600), level=0.99, method=method)

    assert (one.var, one.cvar, one.low, one.high) == (0, 0, 0, 0)


def test_given_many_samples_when_the_tail_is_read_then_a_next_draw_exceeds_it_as_often_as_said():
    rng = np.random.default_rng(11)
    shares = rng.random((4000, 200))

    chances = [tail_quantile(one, 0.02) for one in shares]

    assert np.mean(chances) == pytest.approx(0.02, abs=0.001)


@pytest.mark.parametrize("method", [Method.FILTERED, Method.HISTORICAL, Method.GAUSSIAN])
def test_given_a_day_when_walked_forward_then_its_forecast_is_that_of_the_days_before(method):
    returns = clustered()
    day = 2000

    forecast = forecasts_of(returns, method, level=0.95)[day]

    alone = value_at_risk(returns[:day], level=0.95, method=method)
    assert -np.expm1(forecast) == pytest.approx(alone.var, rel=1e-9)


def test_given_a_future_that_changes_when_filtered_then_no_earlier_sigma_does():
    returns = clustered(days=800)
    other = returns.copy()
    other[500:] *= 5

    assert (filtered(returns).sigma[:501] == filtered(other).sigma[:501]).all()
    assert filtered(other).tomorrow > filtered(returns).tomorrow


def test_given_clusters_when_backtested_then_ours_passes_and_plain_history_does_not():
    returns = clustered(days=8000)

    def tested(method):
        return backtest(returns, forecasts_of(returns, method, level=0.95), level=0.95)

    assert tested(Method.FILTERED).passes
    assert not tested(Method.HISTORICAL).passes


def test_given_exceedances_one_after_another_when_tested_then_independence_fails():
    scattered = np.arange(1000) % 20 == 0
    together = np.arange(1000) < 50

    assert kupiec_p(int(scattered.sum()), 1000, 0.05) == pytest.approx(1)
    assert independence_p(together) < 1e-6
    assert independence_p(np.random.default_rng(1).random(1000) < 0.05) > 0.05


def test_given_far_too_many_or_no_exceedances_when_tested_then_kupiec_fails():
    assert kupiec_p(100, 1000, 0.05) < 0.001
    assert kupiec_p(0, 1000, 0.05) < 0.001
    assert np.isnan(kupiec_p(0, 0, 0.05))


@given(weights=WEIGHTS)
def test_contributions_sum_to_the_whole(weights):
    returns = returns_of(0.05, 0.15, 0.3, days=400)

    for shares in (
        volatility_shares(weights, shrunk_covariance(returns)),
        tail_shares(weights, returns),
    ):
        assert shares.sum() == pytest.approx(1)


@given(weights=WEIGHTS)
def test_a_contribution_is_the_weight_times_how_volatility_answers_to_it(weights):
    covariance = shrunk_covariance(returns_of(0.05, 0.15, 0.3, days=400))
    step = 1e-6

    def volatility(mix):
        return float(np.sqrt(mix @ covariance @ mix))

    slopes = [(volatility(weights + step * one) - volatility(weights - step * one)) / (2 * step)
              for one in np.eye(3)]  # fmt: skip

    shares = volatility_shares(weights, covariance)
    assert np.allclose(shares, weights * slopes / volatility(weights), atol=1e-4)


def test_given_no_risk_at_all_when_split_then_each_has_its_weight():
    assert volatility_shares(np.array([1.0, 3.0]), np.zeros((2, 2))).tolist() == [0.25, 0.75]
