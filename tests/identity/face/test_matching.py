"""Selfie against portrait: what is said about two pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from bank.domain.findings import Breakdown, Weight
from identity.face.faces import find_faces
from identity.face.matching import THRESHOLD, compare_pictures, grey, look_at_selfie
from identity.face.port import Comparison
from tests.identity.face.pictures import ONE, OTHER, a_face, a_selfie, landscape, two_faces


def weights(findings):
    return {one.code: one.weight for one in findings}


def codes(picture):
    return set(weights(look_at_selfie(picture)))


def test_given_two_photos_of_a_person_when_compared_then_they_match():
    answer = compare_pictures(a_selfie(ONE), a_face(ONE))

    assert answer.comparison.same_person
    assert weights(answer.findings)["faces_match"] is Weight.NOTE


def test_given_another_persons_portrait_when_compared_then_they_differ():
    answer = compare_pictures(a_selfie(OTHER), a_face(ONE))

    assert not answer.comparison.same_person
    assert {"faces_differ", "faces_unsure"} & set(weights(answer.findings))


def test_given_every_finding_then_it_is_about_faces():
    findings = compare_pictures(a_selfie(OTHER), a_face(ONE)).findings

    assert {one.breakdown for one in findings} == {Breakdown.FACE_COMPARISON}


def test_given_a_portrait_without_a_face_when_compared_then_there_is_no_comparison():
    answer = compare_pictures(a_selfie(), landscape())

    assert answer.faces == (1, 0)
    assert answer.comparison is None
    assert [(one.code, one.about) for one in answer.findings] == [("no_face", "portrait")]


@pytest.mark.parametrize(
    ("distance", "code", "weight"),
    [
        (0.30, "faces_match", Weight.NOTE),
        (THRESHOLD.distance, "faces_match", Weight.NOTE),
        (THRESHOLD.distance + 0.03, "faces_unsure", Weight.REVIEW),
        (THRESHOLD.unsure + 0.02, "faces_differ", Weight.REVIEW),
        (THRESHOLD.far + 0.02, "faces_differ", Weight.REJECT),
    ],
)
def test_given_a_distance_when_judged_then_only_a_sure_stranger_is_refused(distance, code, weight):
    class Ruler:
        """Says how far apart two faces are, whoever they are."""

        name, version, threshold = "ruler", "1", THRESHOLD

        def find(self, picture):
            return find_faces(picture, quick=True)

        def embed(self, picture, face, *, thorough=False):
            return np.zeros(1)

        def compare(self, first, second):
            return Comparison(distance, 0.5, THRESHOLD.is_same(distance), near_threshold=False)

    found = weights(compare_pictures(a_selfie(), a_face(), matcher=Ruler()).findings)

    assert found.get(code) is weight


def test_given_a_copy_of_the_portrait_as_selfie_when_compared_then_a_person_looks():
    portrait = a_face()
    copy = cv2.resize(portrait, (250, 250), interpolation=cv2.INTER_AREA).astype(np.float32)
    copy = cv2.GaussianBlur(copy * 0.85 + 12, (0, 0), 0.8)
    _, packed = cv2.imencode(
        ".jpg", copy.astype(np.uint8)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 60]
    )
    selfie = np.ascontiguousarray(cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1])

    assert weights(compare_pictures(selfie, portrait).findings)["same_picture"] is Weight.REVIEW


def test_given_a_mirrored_copy_as_selfie_when_compared_then_a_person_looks():
    portrait = a_face()

    mirrored = np.ascontiguousarray(portrait[:, ::-1])

    assert "same_picture" in weights(compare_pictures(mirrored, portrait).findings)


def test_given_another_photo_of_the_person_when_compared_then_it_is_no_copy():
    assert "same_picture" not in weights(compare_pictures(a_selfie(), a_face()).findings)


def test_given_a_black_and_white_portrait_when_compared_then_both_are_grey_and_still_match():
    answer = compare_pictures(a_selfie(), grey(a_face()))

    assert answer.comparison.same_person
    assert weights(answer.findings)["monochrome_portrait"] is Weight.NOTE


def test_given_a_good_selfie_when_looked_at_then_there_is_nothing_to_mend():
    assert look_at_selfie(a_selfie()) == []


def test_given_no_face_when_looked_at_then_it_is_asked_for_again():
    assert weights(look_at_selfie(landscape())) == {"no_face": Weight.RETRY}


def test_given_two_people_when_looked_at_then_one_is_asked_for():
    assert "several_faces" in codes(two_faces(300))


def test_given_a_far_away_face_when_looked_at_then_it_is_too_small():
    far = cv2.resize(a_face(), (110, 110), interpolation=cv2.INTER_AREA).astype(np.uint8)
    scene = cv2.copyMakeBorder(far, 300, 300, 300, 300, cv2.BORDER_REPLICATE).astype(np.uint8)

    assert "face_too_small" in codes(scene)


def test_given_a_face_over_the_border_when_looked_at_then_it_is_cut_off():
    whole = a_selfie()

    assert "face_cut_off" in codes(np.ascontiguousarray(whole[150:, :]))


def test_given_a_face_turned_away_when_looked_at_then_it_is_said():
    assert "face_turned_away" in codes(a_face(3, yaw_deg=32))


def test_given_a_picture_on_its_side_when_looked_at_then_it_is_said():
    assert "face_sideways" in codes(np.ascontiguousarray(np.rot90(a_selfie())))
