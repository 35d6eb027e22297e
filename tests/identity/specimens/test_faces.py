"""Invented faces: the same for the same arguments, faces to a detector, and each one person."""

from __future__ import annotations

import numpy as np
import pytest

from identity.face.faces import embed, find_faces
from identity.face.thresholds import THRESHOLD
from identity.specimens.face_people import make_person
from identity.specimens.faces import another_person, render_face

SEEDS = (3, 7, 11, 26)


def described(picture):
    return embed(picture, find_faces(picture)[0])


def test_given_the_same_arguments_when_rendered_twice_then_the_picture_is_the_same():
    first = render_face(5, size_px=120, yaw_deg=8, smile=0.4, sitting=2)

    assert first.shape == (120, 120, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, render_face(5, size_px=120, yaw_deg=8, smile=0.4, sitting=2))


@pytest.mark.parametrize("seed", SEEDS)
def test_given_a_seed_when_rendered_then_a_detector_finds_one_face(seed):
    assert len(find_faces(render_face(seed, size_px=300), quick=True)) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_given_two_sittings_of_a_seed_when_compared_then_they_are_one_person(seed):
    passport, selfie = render_face(seed, size_px=300), render_face(seed, size_px=300, sitting=4)

    assert not np.array_equal(passport, selfie)
    assert np.linalg.norm(described(passport) - described(selfie)) < THRESHOLD.distance - 0.1


def test_given_a_seed_when_another_person_is_asked_for_then_a_matcher_tells_them_apart():
    other = another_person(7)

    mine, theirs = render_face(7, size_px=300), render_face(other, size_px=300)
    assert np.linalg.norm(described(mine) - described(theirs)) > THRESHOLD.distance


def test_given_sex_and_age_when_made_then_the_person_has_them():
    person = make_person(5, sex="F", age_years=33)

    assert (person.sex, person.age_years) == ("F", 33)
    assert person.beard == 0
