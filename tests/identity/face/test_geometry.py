"""What landmarks say: where a face looks, what eyes and mouth do; on heads of known pose."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.face import geometry
from identity.face.faces import find_faces
from tests.identity.face.pictures import a_face


def look(**how):
    return find_faces(a_face(**how))[0].look


def test_given_a_head_turned_to_its_left_when_measured_then_yaw_is_positive():
    assert look(yaw_deg=22).yaw > 12


def test_given_a_head_turned_to_its_right_when_measured_then_yaw_is_negative():
    assert look(yaw_deg=-22).yaw < -12


def test_given_a_head_that_looks_up_when_measured_then_pitch_is_higher():
    assert look(pitch_deg=14).pitch > look().pitch + 6


def test_given_shut_eyes_when_measured_then_they_are_less_open():
    assert look(blink=1.0).eyes < 0.75 * look().eyes


def test_given_a_smile_when_measured_then_the_mouth_is_wider():
    assert look(smile=1.0).smile > 1.08 * look().smile


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_given_a_turned_picture_when_points_are_turned_back_then_they_lie_where_they_were(degrees):
    picture = np.zeros((30, 50), dtype=np.uint8)
    picture[4, 41] = 1
    turned = np.rot90(picture, -degrees // 90)
    row, column = np.argwhere(turned)[0]

    back = geometry.rotate(np.array([[column, row]], dtype=float), degrees, width=50, height=30)

    assert back.tolist() == [[41, 4]]


@settings(max_examples=60, deadline=None)
@given(
    scale=st.floats(0.2, 8), lean=st.floats(-170, 170),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)  # fmt: skip
def test_size_place_and_lean_of_a_face_change_nothing_about_where_it_looks(scale, lean, shift):
    points = find_faces(a_face())[0].landmarks
    angle = np.radians(lean)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    moved = geometry.look_of(points @ turn.T * scale + np.array(shift))

    still = geometry.look_of(points)
    for name in ("yaw", "pitch", "eyes", "smile", "mouth"):
        assert getattr(moved, name) == pytest.approx(getattr(still, name), abs=1e-3)
