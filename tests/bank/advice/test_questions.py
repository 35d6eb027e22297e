"""What answers come to: never more risk than the worst of them allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.errors import InvalidInput
from bank.policies import investor_questions as policy
from tests.bank.advice.market import STEADY, answers

whole = st.fixed_dictionaries(
    {
        one.code: st.lists(st.sampled_from(sorted(one.answers)), min_size=1, unique=True)
        if one.is_many
        else st.sampled_from(sorted(one.answers))
        for one in policy.questions()
    }
).filter(lambda given_answers: policy.contradiction(given_answers) is None)


def test_given_no_answers_when_one_asks_on_then_every_question_comes_once_in_order() -> None:
    told: dict[str, object] = {}
    asked = []
    while (code := policy.next_question(told)) is not None:
        asked.append(code)
        told[code] = STEADY[code]
    assert asked == [one.code for one in policy.questions()]


@given(whole)
def test_law_points_stay_on_the_scale_of_the_risk_classes(told: dict[str, object]) -> None:
    found = policy.score(told)
    assert 1 <= found.ability <= 7
    assert 1 <= found.willingness <= 7


@given(whole)
def test_law_who_needs_the_money_within_a_year_can_bear_the_least(told: dict[str, object]) -> None:
    soon = {**told, "horizon": "under_1", "goal": "preserve"}
    if policy.contradiction(soon) is None:
        assert policy.score(soon).ability == 1


@given(whole)
def test_law_a_larger_reserve_never_lowers_ability(told: dict[str, object]) -> None:
    few = {**told, "reserve": "none"}
    more = {**told, "reserve": "over_6"}
    if policy.contradiction(more) is None and policy.contradiction(few) is None:
        assert policy.score(more).ability >= policy.score(few).ability


@given(whole)
def test_law_a_worse_year_accepted_never_lowers_willingness(told: dict[str, object]) -> None:
    order = ("nothing", "little", "some", "much", "half")
    scores = [
        policy.score({**told, "worst_year": one}).willingness
        for one in order
        if policy.contradiction({**told, "worst_year": one}) is None
    ]
    assert scores == sorted(scores)


@pytest.mark.parametrize(
    ("changes", "code", "asked"),
    [
        ({"goal": "retirement", "horizon": "under_1"}, "soon_and_far", "horizon"),
        ({"reserve": "over_6", "share": "all"}, "all_and_reserve", "share"),
        ({"fall": "buy_more", "worst_year": "nothing"}, "no_loss_and_buy", "worst_year"),
        ({"fall": "sell_all", "manner": "bold"}, "sell_and_bold", "manner"),
    ],
)
def test_given_answers_that_cannot_both_be_meant_then_one_is_asked_again(
    changes: dict[str, str], code: str, asked: str
) -> None:
    found = policy.contradiction(answers(**changes))
    assert found is not None
    assert (found.code, found.question) == (code, asked)
    with pytest.raises(InvalidInput):
        policy.score(answers(**changes))


@pytest.mark.parametrize("answer", ["never heard of", ["from_1", "from_3"], None, 7, []])
def test_given_an_answer_of_no_question_then_it_is_refused_with_what_is_allowed(
    answer: object,
) -> None:
    with pytest.raises(InvalidInput) as refused:
        policy.check("horizon", answer)
    assert "from_1" in str(refused.value.details["allowed"])


def test_given_nothing_beside_a_wish_then_the_wish_counts() -> None:
    assert policy.check("wishes", ["nothing", "no_weapons"]) == ["no_weapons"]


def test_given_wishes_then_exclusions_interests_and_esg_are_told_apart() -> None:
    found = policy.score(answers(wishes=["no_fossil", "like_health", "esg"]))
    assert (found.exclusions, found.interests, found.wants_esg) == (("fossil",), ("health",), True)
