"""Challenges nobody can know beforehand."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.liveness.challenges import LIMIT_S, STEPS, Challenge, make_challenge


@given(st.integers())
def test_a_challenge_has_three_different_steps_and_a_turn_among_them(seed):
    challenge = make_challenge(random.Random(seed))

    assert len(set(challenge.steps)) == 3
    assert set(challenge.steps) <= set(STEPS)
    assert any(step.startswith("turn") for step in challenge.steps)
    assert challenge.limit_s == LIMIT_S


def test_all_twenty_four_orders_come_up_about_as_often():
    rng = random.Random(4)
    drawn = [make_challenge(rng).steps for _ in range(4800)]

    counts = [drawn.count(steps) for steps in set(drawn)]

    assert len(counts) == 24
    assert min(counts) > 140


@pytest.mark.parametrize("steps", [(), ("wink",), ("blink", "jump")])
def test_given_steps_nobody_knows_when_made_then_refused(steps):
    with pytest.raises(ValueError, match="no such steps"):
        Challenge(steps)
