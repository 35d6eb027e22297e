"""Finding faces and describing them: which, in what order, how alike."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest

from identity.face.faces import embed, find_faces
from tests.identity.face.pictures import ONE, OTHER, a_face, a_selfie, landscape, two_faces


def test_given_one_person_when_looked_for_then_one_face_with_its_landmarks_is_found():
    faces = find_faces(a_face())

    assert len(faces) == 1
    left, top, right, bottom = faces[0].box
    assert faces[0].landmarks.shape == (68, 2)
    assert left < faces[0].landmarks[30, 0] < right
    assert top < faces[0].landmarks[30, 1] < bottom


def test_given_a_landscape_when_looked_for_then_there_is_no_face():
    assert find_faces(landscape()) == []


def test_given_a_tiny_picture_when_looked_for_then_there_is_no_face():
    assert find_faces(np.zeros((8, 8, 3), dtype=np.uint8)) == []


def test_given_two_people_when_looked_for_then_the_larger_comes_first():
    faces = find_faces(two_faces(260))

    assert len(faces) == 2
    assert faces[0].width_px > faces[1].width_px
    assert faces[0].centre[0] < 400


def test_given_faces_about_as_large_when_looked_for_then_the_central_one_comes_first():
    scene = np.full((400, 1000, 3), 200, dtype=np.uint8)
    scene[:360, :360] = a_face(OTHER)
    scene[:360, 380:740] = a_face(ONE)

    faces = find_faces(scene)

    assert len(faces) == 2
    assert 380 < faces[0].centre[0] < 740


def test_given_a_large_photo_when_looked_for_then_box_and_landmarks_are_in_its_own_pixels():
    small = find_faces(a_face())[0]
    large = find_faces(cv2.resize(a_face(), None, fx=5, fy=5).astype(np.uint8))[0]

    assert np.abs(large.landmarks / 5 - small.landmarks).mean() < 4


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_given_a_picture_on_its_side_when_embedded_then_it_is_still_the_same_face(quarters):
    upright = a_face()
    turned = np.ascontiguousarray(np.rot90(upright, quarters))

    face = find_faces(turned)[0]

    assert face.turned == {1: 90, 2: 180, 3: 270}[quarters]
    distance = np.linalg.norm(embed(turned, face) - embed(upright, find_faces(upright)[0]))
    assert distance < 0.15


def test_given_a_portrait_cut_at_the_ears_when_looked_for_then_it_is_found_in_a_frame():
    left, top, right, bottom = find_faces(a_face())[0].box

    assert find_faces(a_face()[top + 6 : bottom + 12, left + 4 : right - 4])


def test_given_the_same_picture_when_embedded_twice_then_the_numbers_are_the_same():
    face = find_faces(a_face())[0]

    first, second = embed(a_face(), face), embed(a_face(), face)

    assert first.shape == (128,)
    assert np.array_equal(first, second)


def test_given_a_thorough_look_when_compared_then_it_agrees_with_the_quick_one():
    mine, theirs = a_face(ONE), a_face(OTHER)
    one, other = find_faces(mine)[0], find_faces(theirs)[0]

    quick = np.linalg.norm(embed(mine, one) - embed(theirs, other))
    thorough = np.linalg.norm(embed(mine, one, thorough=True) - embed(theirs, other, thorough=True))

    assert abs(quick - thorough) < 0.06


def test_given_many_threads_when_embedding_then_each_gets_the_right_answer():
    people = [ONE, OTHER] * 2
    alone = {seed: embed(a_selfie(seed), find_faces(a_selfie(seed))[0]) for seed in (ONE, OTHER)}
    answers: dict[int, np.ndarray] = {}

    def work(place: int) -> None:
        photo = a_selfie(people[place])
        answers[place] = embed(photo, find_faces(photo)[0])

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(np.allclose(answers[place], alone[seed]) for place, seed in enumerate(people))
