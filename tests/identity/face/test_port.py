"""The contract of a matcher. A bank's own must pass these tests too: add it to MATCHERS."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from identity.face.faces import Face
from identity.face.matching import compare_pictures
from identity.face.port import DlibMatcher, FaceMatcher, compare_at
from identity.face.thresholds import THRESHOLD
from tests.identity.face.pictures import ONE, OTHER, a_face, a_selfie, landscape


class FakeMatcher:
    """A matcher that knows people by the colours of their faces; finds what stands off a wall."""

    name = "fake"
    version = "1"
    threshold = replace(THRESHOLD, distance=0.2, near=(0.19, 0.21), unsure=0.25, far=0.4)

    def find(self, picture):
        half = picture.shape[0] // 2
        wall = picture[[2, 2, half, half], [2, -3, 2, -3]].astype(int)
        middle = picture[half, picture.shape[1] // 2].astype(int)
        if np.ptp(wall, axis=0).max() > 40 or np.abs(middle - wall[0]).max() < 30:
            return []
        height, width = picture.shape[:2]
        box = (width // 3, height // 3, 2 * width // 3, 2 * height // 3)
        return [Face(box, np.random.default_rng(1).uniform(box[0], box[2], (68, 2)), 1.0)]

    def embed(self, picture, face, *, thorough=False):
        left, top, right, bottom = face.box
        crop = picture[top:bottom, left:right]
        side = 24 if thorough else 12
        small = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA).astype(np.float64)
        mean = small.mean(axis=(0, 1))
        return mean / np.linalg.norm(mean) + mean / 1000

    def compare(self, first, second):
        return compare_at(self.threshold, first, second)


MATCHERS = [DlibMatcher(), FakeMatcher()]


@pytest.fixture(params=MATCHERS, ids=lambda one: one.name)
def matcher(request) -> FaceMatcher:
    return request.param


def embedded(matcher, picture, **how):
    return matcher.embed(picture, matcher.find(picture)[0], **how)


def test_a_matcher_says_what_it_is_because_embeddings_of_others_do_not_compare(matcher):
    assert matcher.name
    assert matcher.version


def test_nobody_in_the_picture_means_no_face(matcher):
    assert list(matcher.find(np.full((200, 200, 3), 128, dtype=np.uint8))) == []


@pytest.mark.parametrize("thorough", [False, True])
def test_embeddings_are_finite_numbers_of_one_shape_and_always_the_same(matcher, thorough):
    first = embedded(matcher, a_face(), thorough=thorough)
    again = embedded(matcher, a_face(), thorough=thorough)

    assert first.dtype == np.float64
    assert np.isfinite(first).all()
    assert np.array_equal(first, again)
    assert first.shape == embedded(matcher, a_face(OTHER), thorough=thorough).shape


def test_embedding_leaves_the_picture_as_it_was(matcher):
    picture = a_selfie().copy()

    embedded(matcher, picture)

    assert np.array_equal(picture, a_selfie())


def test_a_picture_compared_with_itself_is_the_same_person_beyond_doubt(matcher):
    mine = embedded(matcher, a_face())

    comparison = matcher.compare(mine, mine)

    assert comparison.distance == 0
    assert comparison.similarity == 1
    assert comparison.same_person
    assert not comparison.near_threshold


def test_comparing_is_symmetric(matcher):
    one, other = embedded(matcher, a_face(ONE)), embedded(matcher, a_face(OTHER))

    assert matcher.compare(one, other) == matcher.compare(other, one)


def test_the_same_person_is_said_exactly_up_to_the_threshold(matcher):
    mine = embedded(matcher, a_face())
    step = np.zeros_like(mine)
    step[0] = matcher.threshold.distance

    assert matcher.compare(mine, mine + step * 0.999).same_person
    assert not matcher.compare(mine, mine + step * 1.001).same_person


def test_similarity_falls_as_distance_grows_and_stays_in_its_range(matcher):
    mine = embedded(matcher, a_face())
    step = np.zeros_like(mine)
    step[0] = 1.0
    seen = [matcher.compare(mine, mine + step * far) for far in (0.1, 0.4, 0.8, 5.0)]

    assert [one.similarity for one in seen] == sorted(
        (one.similarity for one in seen), reverse=True
    )
    assert all(-1 <= one.similarity <= 1 for one in seen)


def test_embeddings_of_another_matcher_do_not_compare(matcher):
    mine = embedded(matcher, a_face())

    with pytest.raises(ValueError, match="different matchers"):
        matcher.compare(mine, np.append(mine, 0.0))


def test_the_checks_work_with_any_matcher(matcher):
    answer = compare_pictures(a_selfie(), a_face(), matcher=matcher)

    assert answer.faces == (1, 1)
    assert answer.comparison is not None
    assert answer.comparison.distance >= 0


def test_the_fake_finds_nobody_in_a_landscape():
    assert FakeMatcher().find(landscape()) == []
