"""Typography: the zone's own font is left alone, four characters of another one are noticed."""

import cv2
import numpy as np
import pytest

from identity.authenticity import marks
from identity.document import typography
from identity.document.zones import find_zone
from identity.specimens import Tamper, make_specimen


def odd_of(seed, tamper):
    zone = find_zone(make_specimen(seed, tamper=tamper, photographed=False).front)
    grey = cv2.cvtColor(zone.picture, cv2.COLOR_RGB2GRAY)
    return {one.code for one in typography.findings(zone.block, grey, zone.mrz.lines)}


@pytest.mark.parametrize("seed", [41])
def test_given_four_characters_of_another_font_then_a_hint_says_so(seed):
    assert odd_of(seed, Tamper.ZONE_FONT) == {"zone_font"}
    assert odd_of(seed, None) == set()


def test_given_a_picture_when_sized_and_brightened_then_its_hash_hardly_changes():
    portrait = make_specimen(3, photographed=False).front[100:700, 50:500]
    small = cv2.resize(portrait, (150, 200), interpolation=cv2.INTER_AREA)
    bright = np.clip(small * 1.15 + 8, 0, 255).astype(np.uint8)
    other = make_specimen(4, photographed=False).front[100:700, 50:500]

    here = marks.perceptual_hash(portrait)

    assert (here ^ marks.perceptual_hash(bright)).bit_count() <= 6
    assert (here ^ marks.perceptual_hash(other)).bit_count() > 6


def test_given_a_patch_copied_in_the_file_then_a_hint_says_so():
    assert {
        one.code for one in marks.traces(make_specimen(500, tamper=Tamper.COPY_MOVE).front)
    } == {"copy_move"}
    assert list(marks.traces(make_specimen(500).front)) == []
