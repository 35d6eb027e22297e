"""Windows cut from a picture: many at once are what each alone would be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.document.ocrb import CAP, PITCH, WINDOW_HEIGHT, WINDOW_WIDTH
from identity.document.rows import Cut, cut_places

PAGE = np.random.default_rng(4).integers(0, 256, (300, 400), dtype=np.uint8)
MOVES = st.tuples(st.floats(-20, 20), st.floats(-20, 20))


def a_cut(x=80.0, y=100.0, *, pitch=float(PITCH), cap=float(CAP), turn=0.0, count=6):
    along = pitch * np.array([np.cos(turn), np.sin(turn)])
    across = cap * np.array([-np.sin(turn), np.cos(turn)])
    return Cut(np.array([x, y]) + np.arange(count)[:, None] * along, along, across)


@given(st.lists(MOVES, min_size=1, max_size=4), st.floats(-0.4, 0.4))
@settings(max_examples=40, deadline=None)
def test_windows_cut_together_are_those_cut_alone(moves, turn):
    cuts = [a_cut(120 + x, 150 + y, turn=turn) for x, y in moves]

    together = cut_places(PAGE, cuts)

    alone = np.stack([cut_places(PAGE, [one])[0] for one in cuts])
    assert together.shape == (len(cuts), 6, WINDOW_HEIGHT, WINDOW_WIDTH)
    assert np.abs(together - alone).max() <= 2.0  # the same pixels, interpolated in 1/32 of one


def test_given_characters_of_the_nets_own_size_when_cut_then_windows_are_the_pixels():
    half_x, half_y = (WINDOW_WIDTH - 1) / 2, (WINDOW_HEIGHT - 1) / 2

    ((window,),) = cut_places(PAGE, [a_cut(50 + half_x, 60 + half_y, count=1)])

    assert np.abs(window - PAGE[60 : 60 + WINDOW_HEIGHT, 50 : 50 + WINDOW_WIDTH]).max() < 1e-2


@pytest.mark.parametrize("place", [(-900.0, 50.0), (50.0, 2000.0), (399.0, 299.0)])
def test_given_places_off_the_picture_when_cut_then_windows_are_still_there(place):
    found = cut_places(PAGE, [a_cut(*place, pitch=40.0, cap=50.0)])

    assert found.shape == (1, 6, WINDOW_HEIGHT, WINDOW_WIDTH)
    assert np.isfinite(found).all()
