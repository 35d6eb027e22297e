"""Curves read off pictures: the light of the room changes none of them."""

from __future__ import annotations

import numpy as np
import pytest

from identity.liveness.watching import Frame, watch
from identity.specimens.faces import render_face

WHO = 7


def shot(light=1.0, **pose):
    return np.rint(render_face(WHO, size_px=480, sitting=3, **pose) * light).astype(np.uint8)


def watched(*pictures):
    return watch([Frame(picture, 220 * place) for place, picture in enumerate(pictures)])


@pytest.mark.parametrize("light", [0.7, 0.4, 0.25])
def test_given_a_darker_room_when_watched_then_landmarks_stay_where_they_were(light):
    seen = watched(shot(), shot(light))

    apart = np.linalg.norm(seen.points[0] - seen.points[1], axis=1)
    assert apart.max() < 0.05 * seen.width[0]


def test_given_a_dim_room_when_eyes_shut_then_they_read_as_shut():
    seen = watched(shot(0.3), shot(0.3, blink=1.0))

    assert seen.eyes[1] < 0.7 * seen.eyes[0]


def test_given_a_quick_turn_when_watched_then_the_face_is_still_found():
    assert watched(shot(), shot(yaw_deg=34, shift_mm=(10, 0))).has_face.all()


def test_given_a_black_picture_when_watched_then_there_is_no_face():
    black = np.zeros((480, 640, 3), dtype=np.uint8)

    assert not watched(black, black).has_face.any()
