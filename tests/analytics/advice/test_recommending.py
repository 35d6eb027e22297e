"""A recommendation: what fits and is not held, with reasons that are facts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.advice.evaluating import violations_count
from analytics.advice.profiles import row_of
from analytics.advice.reasons import REASONS_MOST
from analytics.advice.recommending import Recommender
from bank.policies.suitability import limits_of
from tests.analytics.advice.small_town import COUNT, learnt, market, profile

CODES = {
    "neighbours", "goes_with", "fits_interest", "fits_esg", "low_fee", "broad", "fits_profile",
}  # fmt: skip


@cache
def recommender() -> Recommender:
    return Recommender(learnt(), market())


def asked(told=None, held=(), count=5, allowed=None):
    told = told or profile()
    row = row_of(told, income_month_minor=250_000, held=held)
    mask = recommender().catalogue.allowed(limits_of(told)) if allowed is None else allowed
    return recommender().recommend(row, [one.id for one in held], mask, count)


@settings(deadline=None, max_examples=60)
@given(
    allowed=st.lists(st.booleans(), min_size=COUNT, max_size=COUNT),
    held=st.lists(st.sampled_from(market()), max_size=6, unique=True),
    count=st.integers(0, 12),
)
def test_nothing_outside_the_mask_and_nothing_held_is_ever_recommended(
    allowed, held, count
) -> None:
    mask = np.array(allowed)

    found = asked(held=held, count=count, allowed=mask)

    places = [recommender().catalogue.place[one.instrument_id] for one in found]
    free = mask & ~recommender().catalogue.mask_of([one.id for one in held])
    assert free[places].all()
    assert len(set(places)) == len(places) == min(count, free.sum())
    assert all(0 <= one.score <= 1 and 0 <= one.neighbour_share <= 1 for one in found)


def test_given_drawn_people_when_judged_by_the_policy_then_nothing_is_unsuitable() -> None:
    assert violations_count(recommender(), draws=300) == 0


def test_given_a_mask_that_is_not_the_policy_s_then_the_draws_would_tell(monkeypatch) -> None:
    catalogue = recommender().catalogue
    monkeypatch.setattr(catalogue, "allowed", lambda _: np.ones(len(catalogue), bool))

    assert violations_count(recommender(), draws=60) > 0


def test_given_a_recommendation_then_each_has_reasons_with_their_facts() -> None:
    found = asked(held=[market()[40]], count=10)

    for one in found:
        assert 1 <= len(one.reasons) <= REASONS_MOST
        for reason in one.reasons:
            assert reason["code"] in CODES
    told = {reason["code"] for one in found for reason in one.reasons}
    assert len(told) > 2


def test_given_reasons_then_they_are_true_of_the_instrument() -> None:
    by_id = {one.id: one for one in market()}
    for told in (profile(), profile(interests=("europe",), wants_esg=False)):
        for one in asked(told, count=20):
            instrument = by_id[one.instrument_id]
            for reason in one.reasons:
                if reason["code"] == "fits_interest":
                    assert reason["interest"] in told.interests
                    assert reason["interest"] in (instrument.sector, instrument.region)
                if reason["code"] == "fits_esg":
                    assert told.wants_esg
                    assert reason["esg_score"] == instrument.esg_score >= 70
                if reason["code"] == "low_fee":
                    assert reason["fee_bp"] == instrument.fee_bp
                if reason["code"] == "neighbours":
                    assert reason["count"] == 50
                    assert reason["share"] == pytest.approx(one.neighbour_share, abs=0.006)


def test_given_other_likes_then_what_comes_first_is_another() -> None:
    first = [one.instrument_id for one in asked(profile(interests=("technology",)), count=5)]
    second = [one.instrument_id for one in asked(profile(interests=("europe",)), count=5)]

    assert first != second


def test_given_nothing_allowed_then_nothing_is_recommended() -> None:
    assert asked(allowed=np.zeros(COUNT, bool)) == []


def test_given_the_one_who_asks_among_the_people_then_their_neighbours_are_others() -> None:
    people = learnt().people
    place = int(np.flatnonzero(np.diff(people.holdings.indptr) > 1)[0])
    held = recommender().catalogue.ids
    mine = [held[one] for one in people.holdings[[place]].indices]
    mask = np.ones(COUNT, bool)

    ranked = recommender()._rank(people.rows[place], mine, mask)
    found = recommender()._neighbours(
        people.rows[place], recommender().catalogue.mask_of(mine), recommender()._among(mask)
    )

    assert place not in found.places.tolist()
    assert ranked.neighbours_count == 50


def test_given_an_instrument_that_is_gone_then_the_rest_is_recommended_from_what_was_learnt() -> (
    None
):
    here = [one for one in market() if one.id != market()[2].id]
    told = replace(market()[0], id="in_new", ticker="NEWONE")

    fewer = Recommender(learnt(), [*here, told])

    assert len(fewer.catalogue) == COUNT - 1
    row = row_of(profile(), income_month_minor=None, held=())
    found = fewer.recommend(row, (), np.ones(COUNT - 1, bool), 5)
    assert len(found) == 5
    assert "in_new" not in fewer.catalogue.place
