"""Gestures are read off curves, against what is usual in the same recording."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from identity.liveness.gestures import gestures_of, matched, missing_steps
from tests.identity.liveness.curves import MOUTH, OPEN, a_watch, turn


def steps(watch):
    return [one.step for one in gestures_of(watch)]


def test_given_a_still_face_when_read_then_there_are_no_gestures():
    assert steps(a_watch()) == []


def test_given_a_turn_to_either_side_when_read_then_it_is_the_subjects_own_side():
    assert steps(a_watch(yaw=turn(10, 25))) == ["turn_left"]
    assert steps(a_watch(yaw=turn(10, -25))) == ["turn_right"]


def test_given_a_small_turn_when_read_then_it_is_none():
    assert steps(a_watch(yaw=turn(10, 11))) == []


def test_given_eyes_shut_for_one_frame_when_read_then_it_is_a_blink():
    assert steps(a_watch(eyes={12: OPEN / 3})) == ["blink"]


def test_given_eyes_that_look_shut_in_a_turn_when_read_then_it_is_no_blink():
    watch = a_watch(yaw=turn(10, 25), eyes={11: OPEN / 3, 12: OPEN / 3})

    assert steps(watch) == ["turn_left"]


def test_given_a_wider_mouth_for_a_while_when_read_then_it_is_a_smile():
    assert steps(a_watch(smile=turn(10, MOUTH * 1.2))) == ["smile"]


def test_given_a_wider_mouth_in_one_frame_when_read_then_it_is_noise():
    assert steps(a_watch(smile={10: MOUTH * 1.2})) == []


def test_given_a_person_who_looks_aside_all_the_time_when_read_then_turns_count_from_there():
    aside = dict.fromkeys(range(30), 20.0)

    assert steps(a_watch(yaw=aside)) == []
    assert steps(a_watch(yaw={**aside, **turn(10, 45)})) == ["turn_left"]


def test_given_frames_without_a_face_when_read_then_the_others_still_count():
    watch = a_watch(yaw=turn(10, 25), eyes={20: OPEN / 3})
    for curve in (watch.yaw, watch.eyes, watch.smile):
        curve[[3, 4, 24]] = np.nan

    assert steps(watch) == ["turn_left", "blink"]


def test_given_a_turn_before_anything_was_asked_when_read_then_it_is_none():
    assert steps(a_watch(yaw=turn(0, 25, frames=3))) == []
    assert steps(a_watch(yaw=turn(2, 25, frames=4))) == ["turn_left"]


def test_given_a_blink_before_anything_was_asked_when_read_then_it_is_a_blink():
    assert steps(a_watch(eyes={1: OPEN / 3})) == ["blink"]


def seen(*named):
    """Return gestures, ten frames apart, named in order."""
    curves = {"yaw": {}, "eyes": {}, "smile": {}}
    for place, step in enumerate(named):
        first = 6 + 10 * place
        if step == "blink":
            curves["eyes"] |= {first: OPEN / 3}
        elif step == "smile":
            curves["smile"] |= turn(first, MOUTH * 1.2)
        else:
            curves["yaw"] |= turn(first, 25 if step == "turn_left" else -25)
    return gestures_of(a_watch(16 + 10 * len(named), **curves))


def test_given_the_steps_in_order_when_matched_then_each_has_its_gesture():
    asked = ("turn_left", "blink", "smile")

    assert [one.step for one in matched(seen(*asked), asked)] == list(asked)


def test_given_another_order_when_matched_then_it_does_not_fit():
    assert matched(seen("blink", "turn_left", "smile"), ("turn_left", "blink", "smile")) is None


def test_given_a_turn_too_many_when_matched_then_it_does_not_fit():
    asked = ("turn_left", "blink")

    assert matched(seen("turn_right", "turn_left", "blink"), asked) is None
    assert matched(seen("turn_left", "blink", "turn_left"), asked) is None


def test_given_blinks_by_themselves_when_matched_then_they_do_no_harm():
    asked = ("turn_left", "smile")

    assert matched(seen("blink", "turn_left", "blink", "smile"), asked) is not None


def test_given_a_blink_at_the_wrong_time_when_matched_then_it_does_not_count():
    assert matched(seen("turn_left", "smile", "blink"), ("turn_left", "blink", "smile")) is None


def test_given_a_step_nobody_did_when_asked_then_it_is_named():
    assert missing_steps(seen("turn_left", "smile"), ("blink", "smile", "turn_left")) == ("blink",)


def test_given_a_faint_smile_in_between_when_matched_then_it_does_no_harm():
    faint = a_watch(40, yaw=turn(20, 25), smile=turn(8, MOUTH * 1.12), eyes={32: OPEN / 3})

    assert matched(gestures_of(faint), ("turn_left", "blink")) is not None


def test_given_two_smiles_with_nothing_between_when_read_then_they_are_one():
    twice = turn(8, MOUTH * 1.2) | turn(14, MOUTH * 1.2)

    assert steps(a_watch(smile=twice)) == ["smile"]


def test_given_a_face_lost_while_it_turns_when_read_then_it_turned_further():
    watch = a_watch(yaw={10: 12.0, 11: 15.0, 16: 12.0})
    for curve in (watch.yaw, watch.eyes, watch.smile):
        curve[12:16] = np.nan

    assert steps(watch) == ["turn_left"]


def test_given_a_face_lost_while_straight_when_read_then_there_is_no_turn():
    watch = a_watch()
    for curve in (watch.yaw, watch.eyes, watch.smile):
        curve[12:16] = np.nan

    assert steps(watch) == []


@given(st.permutations(["turn_left", "turn_right", "blink", "smile"]))
def test_only_the_order_that_was_asked_for_fits(order):
    asked = ("turn_left", "turn_right", "blink", "smile")

    assert (matched(seen(*order), asked) is not None) == (tuple(order) == asked)


def test_given_a_half_profile_that_landmarks_missed_when_read_then_it_is_a_turn():
    slid_off = {**turn(10, 3), 12: -1.0}

    assert steps(a_watch(yaw=slid_off, side=turn(10, 1))) == ["turn_left"]
    assert steps(a_watch(yaw=turn(10, -8), side=turn(10, 1))) == []


def test_given_a_detector_that_always_says_half_profile_when_read_then_it_is_not_believed():
    assert steps(a_watch(side=dict.fromkeys(range(30), -1))) == []


def test_given_a_smile_that_outdoes_the_one_asked_for_when_matched_then_the_order_is_another():
    asked = ("smile", "turn_left")
    before, between = turn(4, MOUTH * 1.12), turn(20, MOUTH * 1.3)

    assert matched(gestures_of(a_watch(yaw=turn(12, 25), smile=before)), asked)
    assert not matched(gestures_of(a_watch(yaw=turn(12, 25), smile=before | between)), asked)


def test_given_a_firm_blink_elsewhere_when_matched_then_a_faint_one_is_not_what_was_asked():
    eyes = {8: OPEN * 0.7, 20: OPEN / 4}

    assert matched(gestures_of(a_watch(yaw=turn(12, 25), eyes=eyes)), ("turn_left", "blink"))
    assert not matched(gestures_of(a_watch(yaw=turn(12, 25), eyes=eyes)), ("blink", "turn_left"))
