"""Forensics: traces of screens and of pasting, as hints with error rates."""

from __future__ import annotations

import numpy as np
import pytest

from identity.document.forensics import copy_move, ela_score, screen_moire
from identity.specimens import make_specimen
from identity.specimens.photographing import jpeg


def a_photo(seed, **more):
    return make_specimen(seed, kind="id_card_td2", **more).front


def with_patch(picture, patch, at):
    pasted = picture.copy()
    pasted[at[0] : at[0] + patch.shape[0], at[1] : at[1] + patch.shape[1]] = patch
    return pasted


def test_given_a_patch_laid_over_another_place_when_scored_then_copy_move_shows():
    photo = a_photo(305)
    forged = jpeg(with_patch(photo, photo[360:500, 560:880], (700, 640)), 92)

    assert copy_move(forged) > 0.5 > copy_move(photo)


def test_given_a_patch_that_was_saved_less_often_when_scored_then_the_error_level_shows():
    other, seeds = a_photo(303), (301, 302, 304, 305, 306)
    photos = [a_photo(seed) for seed in seeds]
    forged = [
        jpeg(with_patch(jpeg(one, 80), other[300:420, 500:900], (480, 640)), 95) for one in photos
    ]

    assert min(map(ela_score, forged)) > 0.5
    # A hint has an error rate: one honest photo in five may show it.
    assert sum(ela_score(one) > 0.5 for one in photos) <= 1


def test_given_a_screen_when_scored_then_its_grid_shows():
    shown = [screen_moire(a_photo(seed, tamper="screen")) for seed in (1, 3)]
    honest = [screen_moire(a_photo(seed)) for seed in (1, 3)]

    assert max(shown) > 0.5 > max(honest)


@pytest.mark.parametrize("score", [copy_move, ela_score, screen_moire])
@pytest.mark.parametrize("shape", [(1, 1), (16, 200), (300, 300)])
def test_given_any_picture_when_scored_then_a_share_and_no_fault(score, shape):
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype(np.uint8)
    for picture in (noise, np.zeros((*shape, 3), np.uint8), np.full((*shape, 3), 255, np.uint8)):
        assert 0 <= score(picture) <= 1
