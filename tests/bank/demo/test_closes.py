"""Ten invented years of closes: what is true of them, and what they look like to a reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from analytics.portfolio.measures import VOLATILITY_MAX
from bank.demo.closes import CRASH_DAYS, RATE_SHOCK_DAYS, VOLATILITY, closes
from bank.demo.market import instruments
from bank.domain.instruments import InstrumentKind, InstrumentState

LAST = date(2026, 11, 20)
MARKET = instruments(7)
MADE = closes(MARKET, seed=7, last_day=LAST)
KNOWN = {one.id: one for one in MARKET}


def logs_of(instrument_id):
    column = MADE.minor[:, MADE.instrument_ids.index(instrument_id)]
    return np.diff(np.log(column[column > 0]))


def quoted(*kinds: InstrumentKind):
    return [KNOWN[one] for one in MADE.instrument_ids if KNOWN[one].kind in kinds]


def test_given_the_same_seed_when_made_twice_then_it_is_the_same_market():
    again = closes(MARKET, seed=7, last_day=LAST)

    assert (again.minor == MADE.minor).all()
    assert (closes(MARKET, seed=8, last_day=LAST).minor != MADE.minor).any()


def test_given_ten_years_when_made_then_days_are_weekdays_in_order_up_to_the_last():
    assert MADE.days[-1] == LAST
    assert list(MADE.days) == sorted(set(MADE.days))
    assert all(day.weekday() < 5 for day in MADE.days)
    assert (MADE.days[-1] - MADE.days[0]).days > 3640


def test_given_an_instrument_without_a_price_when_made_then_it_has_no_column():
    gone = {one.id for one in MARKET if one.close_minor is None}

    assert gone
    assert gone.isdisjoint(MADE.instrument_ids)


def test_given_what_is_not_listed_any_more_when_made_then_its_closes_end():
    ended = {
        one for one in MADE.instrument_ids if MADE.minor[-1][MADE.instrument_ids.index(one)] == 0
    }

    assert ended == {
        one for one in MADE.instrument_ids if KNOWN[one].state is not InstrumentState.LISTED
    }
    assert set(MADE.last_minor()) == set(MADE.instrument_ids)


def test_given_risk_classes_when_measured_then_most_lie_in_their_band():
    inside = []
    for one in MADE.instrument_ids:
        risk_class = KNOWN[one].risk_class
        moved = logs_of(one).std() * np.sqrt(252)
        low = 0 if risk_class == 1 else VOLATILITY_MAX[risk_class - 2]
        inside.append(low <= moved <= VOLATILITY_MAX[risk_class - 1])

    assert np.mean(inside) > 0.93


def test_given_the_bands_when_volatilities_are_set_then_each_lies_inside_its_own():
    for risk_class, value in VOLATILITY.items():
        assert value < VOLATILITY_MAX[risk_class - 1]
        assert risk_class == 1 or value > VOLATILITY_MAX[risk_class - 2]


def test_given_the_crash_when_it_comes_then_shares_fall_and_cash_does_not():
    first = MADE.days.index(MADE.truth.crash_on)

    def fallen(kind):
        return np.median([logs_of(one.id)[first - 1 : first - 1 + CRASH_DAYS].sum()
                          for one in quoted(kind)])  # fmt: skip

    assert fallen(InstrumentKind.EQUITY_FUND) < -0.2
    assert abs(fallen(InstrumentKind.MONEY_MARKET)) < 0.005


def test_given_the_rate_shock_when_it_comes_then_bonds_fall():
    first = MADE.days.index(MADE.truth.rate_shock_on)
    fallen = [logs_of(one.id)[first - 1 : first - 1 + RATE_SHOCK_DAYS].sum()
              for one in quoted(InstrumentKind.BOND_FUND)]  # fmt: skip

    assert np.median(fallen) < -0.015


def test_given_volatility_when_followed_then_a_wild_day_follows_a_wild_day():
    moved = np.abs(np.mean([logs_of(one.id) for one in quoted(InstrumentKind.EQUITY_FUND)], axis=0))

    assert np.corrcoef(moved[1:], moved[:-1])[0, 1] > 0.08


def test_given_the_truth_when_asked_then_its_days_have_its_spread():
    truth = MADE.truth
    draws = truth.next_day(20_000, seed=1)
    one_fund = truth.instrument_ids.index(quoted(InstrumentKind.EQUITY_FUND)[0].id)
    weights = np.eye(len(truth.instrument_ids))[one_fund]

    expected = np.sqrt((truth.loadings[one_fund] ** 2 * truth.factor_sigma**2).sum()
                       + truth.own_sigma[one_fund] ** 2)  # fmt: skip
    assert draws[:, one_fund].std() == pytest.approx(expected, rel=0.05)
    assert truth.value_at_risk(weights, level=0.99) > truth.value_at_risk(weights, level=0.95) > 0
    assert np.linalg.eigvalsh(truth.covariance)[0] > 0


def test_given_a_dearer_twin_when_made_then_the_fee_is_in_its_growth():
    cheap = [replace(one, fee_bp=0) for one in MARKET]
    dear = [replace(one, fee_bp=200) for one in MARKET]

    made = [closes(some, seed=7, last_day=LAST).truth.drift for some in (cheap, dear)]

    assert (made[0] - made[1]) * 261 == pytest.approx(np.full(len(made[0]), 0.02))
