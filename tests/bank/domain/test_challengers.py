"""When a challenger is better: the decision, and the fixed fifth it is judged by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.challengers import (
    Answer,
    Duel,
    Judgement,
    is_held_out,
    joined,
    judge,
    mcnemar_p,
)
from bank.domain.readings import plain

RULE = {"own_min": 5, "loss_max_permille": 5}


def a_duel(count: int, *, champion: int, challenger: int, name: str = "t") -> Duel:
    """A table of which the models have the first so many right."""

    def answers(right: int) -> tuple[Answer, ...]:
        return tuple(Answer("a" if place < right else "b", 0.5) for place in range(count))

    return Duel(name, ("a",) * count, answers(champion), answers(challenger))


@pytest.mark.parametrize(
    ("own", "shipped", "judgement"),
    [
        ((10, 5, 6), (1000, 900, 900), Judgement.BETTER),
        ((10, 5, 6), (1000, 900, 895), Judgement.BETTER),
        ((10, 5, 6), (1000, 900, 894), Judgement.WORSE_ON_SHIPPED),
        ((10, 5, 5), (1000, 900, 999), Judgement.NOT_BETTER),
        ((10, 6, 5), (1000, 900, 999), Judgement.NOT_BETTER),
        ((4, 0, 4), (1000, 900, 999), Judgement.TOO_FEW_HELD_OUT),
        ((5, 0, 1), (0, 0, 0), Judgement.BETTER),
    ],
)
def test_given_two_models_when_judged_then_better_at_home_and_no_worse_abroad(
    own, shipped, judgement
):
    duels = [
        a_duel(count, champion=champion, challenger=challenger)
        for count, champion, challenger in (own, shipped)
    ]

    assert judge(*duels, **RULE) is judgement


def test_given_several_tables_when_joined_then_their_rows_are_counted_together():
    duel = joined(
        [a_duel(10, champion=4, challenger=6), a_duel(5, champion=5, challenger=3)], "all"
    )

    assert (len(duel.intents), duel.champion_right, duel.challenger_right) == (15, 9, 9)
    assert (duel.gained, duel.lost) == (2, 2)


@given(st.text(max_size=80), st.sampled_from([str.upper, str.title, "{}?!".format, "  {} ".format]))
def test_a_sentence_falls_on_one_side_however_it_is_written(text, written):
    again = written(text)

    if plain(again) == plain(text):  # capitals of some scripts fold to other letters
        assert is_held_out(again) == is_held_out(text)


def test_about_a_fifth_is_held_out():
    held_out = sum(is_held_out(f"sentence {number}") for number in range(2_000))

    assert 340 <= held_out <= 460


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_p_value_is_a_probability_the_same_both_ways(gained, lost):
    p = mcnemar_p(gained=gained, lost=lost)

    assert 0 < p <= 1
    assert p == mcnemar_p(gained=lost, lost=gained)


@given(st.integers(0, 200), st.data())
def test_a_promoted_challenger_is_never_worse_than_the_rule_allows(count, data):
    rights = st.integers(0, count)
    own = a_duel(count, champion=data.draw(rights), challenger=data.draw(rights))
    shipped = a_duel(count, champion=data.draw(rights), challenger=data.draw(rights))

    if judge(own, shipped, **RULE) is Judgement.BETTER:
        assert own.challenger_right > own.champion_right
        assert shipped.champion_right - shipped.challenger_right <= count * 0.005
