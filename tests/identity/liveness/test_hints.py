"""What a recording gives away by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from identity.liveness import hints
from tests.identity.liveness.curves import a_watch


def test_given_a_sheet_turned_when_measured_then_it_has_no_relief():
    watch = a_watch(2)
    watch.points[1] = watch.points[0] @ np.array([[0.6, 0.1], [0.0, 1.0]]) + 7

    assert hints.relief(watch, 0, 1) < 1e-6


def test_given_a_nose_that_moves_against_the_cheeks_when_measured_then_there_is_relief():
    watch = a_watch(2)
    watch.points[1, 27:36, 0] += 30

    assert hints.relief(watch, 0, 1) > 0.06


def test_given_ever_new_frames_when_measured_then_nothing_comes_again():
    assert hints.repetition(a_watch()) == 0


def test_given_two_seconds_played_over_and_over_when_measured_then_all_comes_again():
    watch = a_watch(30)
    loop = replace(watch, thumbs=watch.thumbs[np.arange(30) % 10])

    assert hints.repetition(loop) == 1


def test_given_a_still_person_before_a_noisy_camera_when_measured_then_nothing_comes_again():
    watch = a_watch(30)
    noise = np.random.default_rng(1).normal(0, 0.4, watch.thumbs.shape)
    still = replace(watch, thumbs=(watch.thumbs[:1] + noise).astype(np.float32))

    assert hints.repetition(still) == 0


def test_given_a_face_elsewhere_in_the_next_frame_when_measured_then_it_is_a_jump():
    watch = a_watch(10)
    watch.centre[5:] += 1.5

    assert hints.jump(watch) == pytest.approx(1.5 * np.sqrt(2))


def test_given_a_pause_when_measured_then_a_longer_way_is_no_jump():
    watch = a_watch(10)
    watch.centre[5:] += 0.5
    watch.at_ms[5:] += 1200

    assert hints.jump(watch) < 0.3


def test_given_another_room_in_the_next_frame_when_measured_then_it_is_a_cut():
    watch = a_watch(10)
    still = np.repeat(watch.thumbs[:1], 10, axis=0)
    brighter = still + np.linspace(0, 30, 10)[:, None, None]
    other_room = np.concatenate([still[:5], watch.thumbs[5:6].repeat(5, axis=0)])

    assert hints.cut(replace(watch, thumbs=brighter.astype(np.float32))) < 1
    assert hints.cut(replace(watch, thumbs=other_room)) > 10


def test_given_a_hand_that_shakes_the_camera_when_measured_then_it_is_no_cut():
    watch = a_watch(10)
    room = np.pad(watch.thumbs[0], 3, mode="wrap")
    shaken = np.stack([room[at % 3 : at % 3 + 36, at % 4 : at % 4 + 48] for at in range(10)])

    assert hints.cut(replace(watch, thumbs=shaken)) < 1


def test_given_a_raster_over_the_face_when_measured_then_it_stands_out():
    watch = a_watch(6)
    watch.points[:] = np.random.default_rng(2).uniform(60, 260, (1, 68, 2))
    rng = np.random.default_rng(3)
    skin = np.clip(rng.normal(140, 6, (320, 320, 3)), 0, 255)
    columns = np.arange(320)[None, :, None]
    rows = np.arange(320)[:, None, None]
    screen = skin + 12 * np.sin(2 * np.pi * (columns + 0.15 * rows) / 2.7)

    plain = hints.raster([skin.astype(np.uint8)] * 6, watch)
    through = hints.raster([np.clip(screen, 0, 255).astype(np.uint8)] * 6, watch)

    assert plain < 11 < through
