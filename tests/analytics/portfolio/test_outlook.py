"""The outlook: what may become of money, chances with their range, bad times, pictures."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.portfolio.errors import NoPrices
from analytics.portfolio.fan import CASH_PA, fan_of, growth_of
from analytics.portfolio.outlook import outlook_of, risk_class_of
from analytics.portfolio.stress import Scenario, currency_share, rates_up_share
from tests.analytics.portfolio.worlds import an_instrument, closes_of, ids, returns_of

MARKET = closes_of(returns_of(0.002, 0.05, 0.15, 0.3, days=1200))
KNOWN = {one.id: one for one in (
    an_instrument(0, "money_market", "europe"), an_instrument(1, "bond_fund", "europe"),
    an_instrument(2), an_instrument(3, "share", "asia"),
)}  # fmt: skip
MIXED = {"in_1": 3, "in_2": 5, "in_3": 2}


def an_outlook(**changes):
    told = {"weights": MIXED, "amount_minor": 500_000, "horizon_years": 5, "closes": MARKET,
            "seed": 4, "instruments": KNOWN} | changes  # fmt: skip
    return outlook_of(**told)


def test_given_the_same_seed_when_asked_twice_then_the_outlook_is_the_same():
    assert an_outlook() == an_outlook()
    assert an_outlook().fan != an_outlook(seed=5).fan


def test_given_a_mix_when_looked_at_then_money_is_whole_and_the_record_is_json():
    one = an_outlook()

    assert json.loads(json.dumps(one.as_json()))["amount_minor"] == 500_000
    assert all(isinstance(each, int) for year in one.fan for each in year.amounts_minor)
    assert sum(each.weight for each in one.holdings) == pytest.approx(1)
    assert sum(each.volatility_share for each in one.holdings) == pytest.approx(1)
    assert one.fan[0].amounts_minor == (500_000,) * 5
    assert one.at_horizon.years == 5
    assert one.in_years(2).years == 2


@settings(max_examples=20, deadline=None)
@given(
    parts=st.lists(st.integers(0, 10), min_size=4, max_size=4).filter(any),
    horizon_years=st.floats(0, 12),
)
def test_an_outlook_is_in_order(parts, horizon_years):
    one = an_outlook(weights=dict(zip(ids(4), parts, strict=True)), horizon_years=horizon_years)

    for year in one.fan:
        assert list(year.amounts_minor) == sorted(year.amounts_minor)
        assert 0 <= year.chance_low <= year.chance_of_less <= year.chance_high <= 1
    for risk in one.day_risks:
        assert risk.low_minor <= risk.var_minor <= risk.high_minor
        assert risk.var_minor <= risk.cvar_minor
    assert one.day_risks[0].var_minor <= one.day_risks[1].var_minor
    assert one.horizon_years >= max(1, horizon_years)


def test_given_more_years_when_looked_at_then_it_spreads_and_is_never_certain():
    one = an_outlook(horizon_years=15)
    wide = [year.amounts_minor[4] - year.amounts_minor[0] for year in one.fan]

    assert wide[4] < wide[20] < wide[-1]
    assert all(year.chance_high > 0 for year in one.fan[1:])


def test_given_money_in_the_market_for_two_years_when_asked_then_cash_is_safer():
    shares = an_outlook(weights={"in_3": 1}, horizon_years=2).at_horizon
    cash = an_outlook(weights={"in_0": 1}, horizon_years=2).at_horizon

    assert cash.chance_of_less < 0.05
    assert shares.chance_of_less > 0.2
    assert cash.amounts_minor[0] > shares.amounts_minor[0]


def test_given_a_fan_when_paths_are_many_then_its_spread_is_that_of_the_past():
    returns = returns_of(0.2, days=2500)[:, 0]

    fan = fan_of(returns, years=4, seed=1, paths=8000)

    assert fan.noise[:, -1].std() == pytest.approx(0.2 * 2, rel=0.12)
    assert fan.noise[:, -1].mean() == pytest.approx(0, abs=0.02)


def test_given_a_short_lucky_past_when_growth_is_believed_then_it_moves_little():
    returns = returns_of(0.2, days=500)[:, 0]
    lucky = returns + 0.30 / 252

    believed, moved = growth_of(returns), growth_of(lucky)

    assert 0 < moved.middle - believed.middle < 0.05
    assert moved.deviation > 0.02
    assert growth_of(np.zeros(0)).middle == 0
    assert abs(believed.middle - CASH_PA) < 0.15


def test_given_bad_times_when_stressed_then_each_loss_is_what_is_held():
    bonds = {one.scenario: one.change_minor for one in an_outlook(weights={"in_1": 1}).stresses}
    shares = {one.scenario: one.change_minor for one in an_outlook(weights={"in_3": 1}).stresses}

    assert bonds[Scenario.RATES_UP] == -60_000  # six years, two points, of 5,000.00
    assert shares[Scenario.RATES_UP] == 0
    assert shares[Scenario.CURRENCY] == round(-500_000 * 0.15 / 1.15)
    assert shares[Scenario.WORST_MONTH] < bonds[Scenario.WORST_MONTH] < 0
    assert shares[Scenario.CRASH] >= shares[Scenario.WORST_MONTH]


def test_given_something_unknown_when_stressed_then_only_history_speaks():
    told = {one.scenario for one in an_outlook(instruments=None).stresses}

    assert told == {Scenario.WORST_MONTH, Scenario.CRASH}
    assert rates_up_share(KNOWN["in_0"]) < 0
    assert currency_share(KNOWN["in_0"]) == 0


def test_given_nothing_held_or_no_prices_when_looked_at_then_it_is_refused():
    for weights in ({}, {"in_0": 0}, {"in_9": 1}):
        with pytest.raises(NoPrices):
            an_outlook(weights=weights)


def test_given_volatilities_at_the_bands_when_classed_then_the_lower_class_has_the_end():
    assert [risk_class_of(one) for one in (0.005, 0.0051, 0.12, 0.9)] == [1, 2, 3, 7]
