"""Quality: what the customer is told to mend, and what is let through."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from bank.domain.findings import Breakdown, Weight
from identity.document.reader import read_mrz
from identity.intake import clean_picture, decode
from identity.quality import BLUR_MOST, CODES, KINDS, look_at
from identity.specimens import make_specimen
from identity.specimens.photographing import Shot, photograph

DATA = Path(os.environ.get("FLORIN_DATA_DIR", "../shared/data"))


@cache
def flat_page(seed=3, kind="passport"):
    return make_specimen(seed, kind=kind, photographed=False).front


def a_photo(seed=3, kind="passport", **shot):
    return photograph(
        flat_page(seed, kind), Shot(**{"fill": 0.8, **shot}), np.random.default_rng(seed)
    )


def codes(picture, kind="document_front", **more):
    return {one.code for one in look_at(picture, kind=kind, **more) if one.weight is Weight.RETRY}


def darker(picture, by):
    return np.clip(picture.astype(float) * by, 0, 255).astype(np.uint8)


def with_glare(picture, at, radius):
    """A lamp's reflection: clipped in the middle, fading out."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[:height, :width]
    far = np.hypot(y - at[1], x - at[0]) / radius
    light = np.clip(1.6 - far, 0, 1)[..., None]
    return np.clip(picture * (1 - light) + 255 * light * 1.05, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("kind", ["passport", "id_card", "visa_a"])
def test_given_a_fair_photo_of_a_document_when_looked_at_then_nothing_is_to_be_mended(kind):
    for seed in range(2):
        assert codes(make_specimen(seed, kind=kind).front) == set()


def test_given_a_shaken_or_unfocused_photo_when_looked_at_then_blurred():
    sharp = a_photo()
    shaken = cv2.filter2D(sharp, -1, np.full((1, 41), 1 / 41))

    assert codes(sharp) == set()
    assert "blurred" in codes(cv2.GaussianBlur(sharp, (0, 0), 9))
    assert "blurred" in codes(shaken)


@pytest.mark.parametrize("by", [0.05, 0.15])
def test_given_hardly_any_light_when_looked_at_then_too_dark(by):
    assert "too_dark" in codes(darker(a_photo(), by))
    assert "too_dark" not in codes(darker(a_photo(), 0.6))


def test_given_washed_out_print_when_looked_at_then_too_bright_or_low_contrast():
    photo = a_photo(fill=0.96).astype(float)

    assert codes((photo * 0.1 + 228).astype(np.uint8)) & {"too_bright", "low_contrast"}
    assert "low_contrast" in codes((photo * 0.1 + 100).astype(np.uint8))


def test_given_a_reflection_when_looked_at_then_it_says_where():
    photo = darker(a_photo(), 0.75)
    height, width = photo.shape[:2]
    middle = (width // 2, height // 2)
    corner = (width // 2 - 40, height // 2 - 40, width // 2 + 40, height // 2 + 40)

    assert {"glare", "glare_on_text"} & codes(with_glare(photo, middle, 120))
    assert "glare_on_portrait" in codes(with_glare(photo, middle, 120), portrait_box=corner)
    assert not {"glare", "glare_on_text"} & codes(photo)


@pytest.mark.parametrize("side", ["left", "top", "right", "bottom"])
@pytest.mark.parametrize("kind", ["passport", "id_card"])
def test_given_a_document_that_runs_out_of_the_picture_when_looked_at_then_that_edge_is_cut(
    kind, side
):
    photo = a_photo(kind=kind)
    height, width = photo.shape[:2]
    cut_x, cut_y = width * 3 // 10, height * 3 // 10
    part = {
        "left": photo[:, cut_x:], "top": photo[cut_y:],
        "right": photo[:, :-cut_x], "bottom": photo[:-cut_y],
    }[side]  # fmt: skip

    assert codes(np.ascontiguousarray(part)) == {f"edge_cut_{side}"}


def test_given_too_few_pixels_when_looked_at_then_too_small():
    assert "too_small" in codes(cv2.resize(a_photo(), (200, 150), interpolation=cv2.INTER_AREA))
    assert "too_small" in codes(np.full((120, 120, 3), 90, np.uint8), kind="selfie")


def test_given_a_document_far_away_when_looked_at_then_it_fills_too_little():
    assert "document_too_small" in codes(a_photo(fill=0.28, frame=(900, 1200)))


def test_given_a_picture_without_print_when_looked_at_then_no_document():
    wall = np.full((600, 800, 3), (180, 170, 160), np.uint8)
    wall += np.random.default_rng(1).integers(0, 8, wall.shape, dtype=np.uint8)

    assert "document_not_found" in codes(wall)


def test_given_a_grey_copy_or_a_screen_when_looked_at_then_a_hint_that_refuses_nothing():
    copied = [make_specimen(seed, tamper="grey_copy").front for seed in range(2)]
    shown = [make_specimen(seed, tamper="screen").front for seed in range(3)]

    seen = [look_at(one, kind="document_front") for one in copied]
    assert sum("black_and_white_copy" in {one.code for one in found} for found in seen) >= 2
    seen = [look_at(one, kind="document_front") for one in shown]
    assert sum("screen_moire" in {one.code for one in found} for found in seen) >= 2
    hints = [one for found in seen for one in found if one.code == "screen_moire"]
    assert all(one.weight is Weight.HINT for one in hints)
    assert all(one.breakdown is Breakdown.VISUAL_AUTHENTICITY for one in hints)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (500, 3), (40, 40), (300, 300)])
def test_given_any_shape_when_looked_at_then_findings_and_no_fault(kind, shape):
    for value in (0, 128, 255):
        found = look_at(np.full((*shape, 3), value, np.uint8), kind=kind)

        assert all(one.code in CODES and one.about == kind for one in found)
        assert all(one.score is None or 0 <= one.score <= 1 for one in found)


def test_given_a_kind_that_is_none_when_looked_at_then_a_fault():
    with pytest.raises(ValueError, match="passport"):
        look_at(flat_page(), kind="passport")


def _pictures(pattern):
    paths = sorted(DATA.glob(pattern))
    if not paths:
        pytest.skip(f"no {pattern} below FLORIN_DATA_DIR")
    return [decode(clean_picture(path.read_bytes()).jpeg) for path in paths]


def test_given_ordinary_photos_of_documents_when_looked_at_then_hardly_one_is_refused():
    pictures = _pictures("mrz/images/*")

    assert sum(bool(codes(one)) for one in pictures) <= 0.08 * len(pictures)


def test_given_ordinary_portraits_when_looked_at_then_hardly_one_is_refused():
    pictures = _pictures("faces/*/*.jpg")[::4]

    assert sum(bool(codes(one, kind="selfie")) for one in pictures) <= 0.08 * len(pictures)


@pytest.mark.parametrize("seed", [3, 6])
def test_blur_is_told_from_where_the_zone_is_no_longer_read(seed):
    page = cv2.resize(flat_page(seed), (1100, 1100 * 88 // 125), interpolation=cv2.INTER_AREA)
    sigma = BLUR_MOST["document_front"] * 1100 / 1000
    on_table = [
        cv2.copyMakeBorder(
            cv2.GaussianBlur(page, (0, 0), sigma * share),
            120, 120, 120, 120, cv2.BORDER_CONSTANT, value=(70, 70, 70),
        )
        for share in (0.5, 1.3)
    ]  # fmt: skip
    truth = make_specimen(seed, kind="passport", photographed=False).lines

    read = [read_mrz(one) for one in on_table]

    assert ["blurred" in codes(one) for one in on_table] == [False, True]
    assert read[0] is not None
    assert read[0].lines == truth
    assert read[1] is None or read[1].lines != truth
