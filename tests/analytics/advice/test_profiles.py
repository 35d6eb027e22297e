"""An investor's row: within its ends, the same alone and among many, blind to who they are."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.advice.profiles import COLUMNS, COLUMNS_COUNT, row_of, with_holdings
from bank.domain.investors import Goal, InvestorProfile, Knowledge
from tests.analytics.advice.small_town import market, profile

PROFILES = st.builds(
    profile,
    ability=st.integers(1, 7), willingness=st.integers(1, 7), horizon_years=st.integers(0, 60),
    reserve_months=st.integers(0, 600), goal=st.sampled_from(list(Goal)),
    knowledge=st.sampled_from(list(Knowledge)), wants_esg=st.booleans(),
    exclusions=st.lists(st.text(max_size=5), max_size=9).map(tuple),
    interests=st.lists(st.sampled_from(("health", "europe", "moon")), max_size=3).map(tuple),
)  # fmt: skip


@given(
    told=PROFILES,
    income=st.none() | st.integers(0, 10**12),
    held=st.lists(st.sampled_from(market()), max_size=40),
)
def test_every_column_lies_between_nothing_and_its_weight(told, income, held) -> None:
    row = row_of(told, income_month_minor=income, held=held)

    assert row.shape == (COLUMNS_COUNT,)
    assert (row >= 0).all()
    assert (row <= np.array([one.weight for one in COLUMNS]) + 1e-6).all()


@given(told=PROFILES, held=st.lists(st.sampled_from(market()), max_size=30, unique=True))
def test_a_row_is_the_same_alone_and_among_many(told, held) -> None:
    alone = row_of(told, income_month_minor=None, held=held)

    bare = row_of(told, income_month_minor=None, held=())
    risk = np.mean([one.risk_class for one in held]) if held else 0.0
    many = with_holdings(
        np.tile(bare, (3, 1)), np.array([0, len(held), 1]), np.array([0.0, risk, 3.0])
    )

    assert np.allclose(many[1], alone, atol=1e-6)


@pytest.mark.parametrize("change", [{"ability": 2}, {"interests": ()}, {"wants_esg": False}])
def test_given_another_answer_then_the_row_is_another(change) -> None:
    before = row_of(profile(), income_month_minor=None, held=())

    assert not np.array_equal(row_of(profile(**change), income_month_minor=None, held=()), before)


def test_given_who_somebody_is_then_no_column_says_it() -> None:
    names = " ".join(one.name for one in COLUMNS)

    assert not any(word in names for word in ("age", "born", "sex", "gender", "country", "name"))
    told = {one.name for one in fields(InvestorProfile)}
    assert told & {"birth_date", "country", "sex"} == set()
