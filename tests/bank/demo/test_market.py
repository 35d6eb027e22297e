"""The invented universe and the town's investors: whole, plausible, the same for a seed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from bank.demo.investing import HOLDINGS_MAX, Investor, Shelf, appeal, invest
from bank.demo.market import instruments
from bank.demo.people import invent
from bank.demo.portfolios import holdings_of, profiles_of
from bank.domain.ids import CustomerId
from bank.domain.instruments import Complexity, InstrumentKind, InstrumentState
from bank.policies import investor_questions
from bank.policies.tables import load_table

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEED = 7


@cache
def shelf() -> Shelf:
    return Shelf(instruments(SEED), seed=SEED)


@cache
def town() -> tuple[Investor, ...]:
    return tuple(
        invest(invent(SEED, number, to_date=NOW.date()), shelf(), seed=SEED, to_date=NOW.date())
        for number in range(500)
    )


def test_given_a_seed_then_the_universe_is_the_same_and_another_seed_gives_another() -> None:
    assert instruments(SEED) == instruments(SEED)
    assert instruments(SEED) != instruments(SEED + 1)


@pytest.mark.parametrize("count", [60, 200, 300])
def test_given_a_size_then_every_kind_and_risk_class_is_there_and_names_are_unique(count) -> None:
    market = instruments(SEED, count=count)

    assert len(market) == count
    assert {one.kind for one in market} == set(InstrumentKind)
    assert {one.risk_class for one in market} == set(range(1, 8))
    for what in ("id", "name", "ticker"):
        assert len({getattr(one, what) for one in market}) == count


def test_given_a_ticker_then_no_exchange_could_have_given_it() -> None:
    assert all(len(one.ticker) == 6 and one.ticker.isalpha() for one in instruments(SEED))


def test_given_the_universe_then_a_few_cannot_be_bought() -> None:
    market = instruments(SEED)
    states = Counter(one.state for one in market)

    assert 1 <= states[InstrumentState.SANCTIONED] <= 5
    assert 1 <= states[InstrumentState.DELISTED] <= 10
    assert 1 <= sum(one.close_minor is None for one in market) <= 10


def test_given_a_risk_class_then_money_should_stay_as_long_as_the_policy_asks() -> None:
    caps = load_table("suitability")["risk_class_max_by_horizon_years"]
    needed = {int(risk): int(years) for years, risk in caps.items()}

    for one in instruments(SEED):
        assert one.horizon_years_min == needed[one.risk_class]


def test_given_a_kind_then_it_is_as_risky_and_as_simple_as_such_things_are() -> None:
    for one in instruments(SEED):
        if one.kind is InstrumentKind.MONEY_MARKET:
            assert one.risk_class == 1
        if one.kind is InstrumentKind.SHARE:
            assert one.risk_class >= 5
            assert one.complexity is not Complexity.SIMPLE
        if one.is_single:
            assert one.fee_bp == 0


def test_given_last_closes_then_they_are_the_prices_and_who_has_none_has_none() -> None:
    first = instruments(SEED)[0]

    market = instruments(SEED, closes_minor={first.id: 4_321}, close_on_utc=NOW)

    assert (market[0].close_minor, market[0].close_on_utc) == (4_321, NOW)
    assert {one.close_minor for one in market[1:]} == {None}
    assert {one.close_on_utc for one in market[1:]} == {None}


def test_given_a_town_then_six_in_ten_invest_and_hold_from_one_to_a_dozen() -> None:
    invests = [len(one.bought) for one in town() if one.bought]

    assert 0.52 <= len(invests) / len(town()) <= 0.68
    assert min(invests) == 1
    assert max(invests) <= HOLDINGS_MAX
    assert 3 <= np.mean(invests) <= 6


def test_given_anybody_then_their_answers_are_whole_and_do_not_contradict() -> None:
    for one in town():
        assert investor_questions.next_question(one.answers) is None
        assert investor_questions.contradiction(one.answers) is None
        assert investor_questions.score(one.answers) == one.score


def test_given_holdings_then_shares_are_whole_and_the_oldest_comes_first() -> None:
    for one in town():
        if one.bought:
            assert sum(each.share_bp for each in one.bought) == 10_000
            months = [each.months_ago for each in one.bought]
            assert months == sorted(months, reverse=True)
            assert len({each.instrument_id for each in one.bought}) == len(one.bought)


def test_given_who_bears_risk_then_they_hold_riskier_things() -> None:
    risk = {one.id: one.risk_class for one in shelf().market}
    held = [
        (one.truth.tolerance, np.mean([risk[each.instrument_id] for each in one.bought]))
        for one in town() if one.bought
    ]  # fmt: skip

    tolerances, risks = np.array(held).T

    assert np.corrcoef(tolerances, risks)[0, 1] > 0.4


def test_given_the_answers_then_they_tell_of_the_tolerance_but_not_exactly() -> None:
    told = np.array([[one.truth.tolerance, one.score.willingness] for one in town()])

    assert 0.6 < np.corrcoef(told.T)[0, 1] < 0.97


def test_given_hidden_tastes_then_what_appeals_is_what_was_bought() -> None:
    places = {one.id: number for number, one in enumerate(shelf().market)}
    ranks = []
    for one in town():
        found = appeal(shelf(), one.score, one.truth.tolerance, np.array(one.truth.tastes))
        order = np.argsort(np.argsort(-found))
        ranks += [order[places[each.instrument_id]] for each in one.bought]

    assert np.mean(ranks) < 0.2 * len(places)


def test_given_an_investor_when_written_down_then_the_bank_has_answers_and_units() -> None:
    who = CustomerId("cu_1")
    investor = next(one for one in town() if len(one.bought) > 2)

    profiles = profiles_of(investor, who, now_utc=NOW)
    holdings = holdings_of(investor, who, now_utc=NOW, price_minor=lambda *_: 5_000)

    assert NOW - timedelta(days=365) < profiles[-1].taken_at_utc < NOW
    assert profiles[0].taken_at_utc < holdings[0].since_utc
    assert [one.instrument_id for one in holdings] == [one.instrument_id for one in investor.bought]
    assert sum(one.cost_minor for one in holdings) <= investor.invested_minor
    for one in holdings:
        assert one.units_micro == one.cost_minor * 1_000_000 // 5_000


def test_given_no_price_on_the_day_then_it_was_not_bought() -> None:
    investor = next(one for one in town() if one.bought)

    assert holdings_of(investor, CustomerId("cu_1"), now_utc=NOW, price_minor=lambda *_: None) == []
