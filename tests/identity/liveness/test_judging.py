"""A recording judged as a whole; films of invented people, rendered once.

How often it errs is measured by `florin identity evaluate liveness`, not here.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from bank.domain.findings import Breakdown, Weight
from identity.liveness.challenges import Challenge
from identity.liveness.judging import PASS_LEAST, judge
from identity.liveness.simulation import attack, honest
from identity.specimens.faces import render_face

CHALLENGE = Challenge(("turn_left", "blink", "smile"))
#: The invented person of these films, and another one.
WHO, OTHER = 7, 14


@lru_cache(maxsize=1)
def a_film():
    return tuple(honest(300, CHALLENGE, person=WHO))


def codes(result):
    return {one.code for one in result.findings}


def test_given_a_person_who_does_what_is_asked_when_judged_then_it_passes():
    result = judge(a_film(), CHALLENGE, selfie=render_face(WHO, size_px=400, sitting=9))

    assert result.passed, result.findings
    assert result.score >= PASS_LEAST
    assert "liveness_passed" in codes(result)
    assert {one.breakdown for one in result.findings} == {Breakdown.LIVENESS}


def test_given_the_same_film_for_another_challenge_when_judged_then_it_is_the_wrong_order():
    result = judge(a_film(), Challenge(("smile", "blink", "turn_left")))

    assert not result.passed
    assert result.score < PASS_LEAST
    assert "liveness_wrong_order" in codes(result)


def test_given_another_persons_selfie_when_judged_then_a_person_looks():
    result = judge(a_film(), CHALLENGE, selfie=render_face(OTHER, size_px=400, sitting=9))

    found = {one.code: one.weight for one in result.findings}
    assert found["liveness_not_the_selfie"] is Weight.REVIEW
    assert not result.passed


def test_given_a_film_that_ends_too_late_when_judged_then_it_is_asked_for_again():
    late = [replace(frame, at_ms=frame.at_ms * 3) for frame in a_film()]

    assert "liveness_out_of_time" in codes(judge(late, CHALLENGE))


def test_given_frames_from_nowhere_in_time_when_judged_then_they_are_not_believed():
    mixed = [a_film()[0], *a_film()]

    assert "liveness_out_of_time" in codes(judge(mixed, CHALLENGE))


@pytest.mark.parametrize("count", [0, 1, 11])
def test_given_a_few_frames_when_judged_then_more_are_asked_for(count):
    result = judge(a_film()[:count], CHALLENGE)

    assert not result.passed
    assert "liveness_few_frames" in codes(result)


def test_given_a_film_of_a_wall_when_judged_then_the_face_is_missed():
    wall = [replace(f, picture=np.full_like(f.picture, 90)) for f in a_film()]

    result = judge(wall, CHALLENGE)

    assert result.score == 0
    assert codes(result) == {"liveness_face_lost"}


def test_given_a_cut_to_another_place_when_judged_then_a_person_looks():
    half = len(a_film()) // 2
    film = [
        frame if place < half else replace(frame, picture=np.roll(frame.picture, 180, axis=1))
        for place, frame in enumerate(a_film())
    ]

    assert "liveness_jump" in codes(judge(film, CHALLENGE))


def test_given_a_photo_on_paper_when_judged_then_it_does_not_pass():
    assert not judge(attack(WHO, "print", CHALLENGE), CHALLENGE).passed


def test_given_a_film_of_two_seconds_over_and_over_when_judged_then_it_is_noticed():
    assert "liveness_repeated" in codes(judge(attack(WHO, "loop", CHALLENGE), CHALLENGE))


def test_given_an_attack_nobody_knows_when_asked_for_then_there_is_none():
    with pytest.raises(KeyError):
        attack(WHO, "hologram", CHALLENGE)
