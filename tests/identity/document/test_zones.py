"""Finding and reading a zone in a picture: any direction, mirrored, and never where none is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from identity.document.reader import read_mrz
from identity.document.render_ocrb import OCRB_FOLDER
from identity.document.zones import as_picture, find_zone, find_zone_among

FONT = OCRB_FOLDER / "OCRB.otf"
needs_font = pytest.mark.skipif(not FONT.exists(), reason="OCR-B is not installed (fonts-ocr-b)")

TD3 = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)


@needs_font
@pytest.mark.parametrize("lines", [TD1, TD3])
def test_given_a_page_when_read_then_its_zone_is_exact(lines):
    mrz = read_mrz(a_page(lines))

    assert mrz is not None
    assert mrz.lines == lines


@needs_font
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_given_any_of_the_eight_orientations_when_read_then_the_zone_is_the_same(
    quarters, mirrored
):
    page = np.rot90(a_page(TD3), quarters)
    page = page[:, ::-1] if mirrored else page

    zone = find_zone(as_picture(np.ascontiguousarray(page)))

    assert zone is not None
    assert zone.mrz.lines == TD3
    assert zone.is_mirrored is mirrored


@needs_font
def test_given_two_sides_when_one_carries_the_zone_then_it_is_named():
    blank = np.full((400, 640, 3), 200, np.uint8)
    pictures = [as_picture(one) for one in (blank, a_page(TD1))]

    found = find_zone_among(pictures)

    assert found is not None
    assert (found[0], found[1].mrz.lines) == (1, TD1)
    assert find_zone_among(pictures[:1]) is None
    assert find_zone_among([]) is None


@needs_font
def test_given_a_slanted_view_when_read_then_the_zone_is_the_same():
    page = a_page(TD3)
    height, width = page.shape[:2]
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    slanted = np.array(
        [[120, 60], [width - 20, 10], [width - 60, height - 90], [20, height - 10]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(whole, slanted)

    mrz = read_mrz(cv2.warpPerspective(page, matrix, (width, height), borderValue=(70, 60, 50)))

    assert mrz is not None
    assert mrz.lines == TD3


@needs_font
def test_given_a_wrong_check_digit_printed_when_read_then_it_is_reported_and_not_mended():
    lines = (TD3[0], TD3[1].replace("7408122F", "7408125F"))

    mrz = read_mrz(a_page(lines))

    assert mrz is not None
    assert mrz.lines == lines
    assert mrz.repaired == ()
    assert mrz.checks["birth_date"] is False


@needs_font
def test_given_ordinary_text_in_the_same_font_when_read_then_there_is_no_zone():
    text = (
        "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOGS",
        "SPHINX OF BLACK QUARTZ JUDGES MY VOW TODAY 42",
    )

    assert read_mrz(a_page(text)) is None


@pytest.mark.parametrize(
    "shape",
    [(1, 1, 3), (8, 900, 3), (900, 8, 3), (60, 60), (60, 60, 1), (60, 60, 4), (3000, 3000, 3)],
)
def test_given_an_odd_picture_when_read_then_there_is_no_zone_and_no_error(shape):
    assert read_mrz(np.full(shape, 200, np.uint8)) is None


def test_given_noise_when_read_then_there_is_no_zone():
    noise = np.random.default_rng(5).integers(0, 256, (400, 600, 3), dtype=np.uint8)

    assert read_mrz(noise) is None


def a_page(lines, *, px=26):
    """A light page with a heading and a zone at its foot, RGB."""
    font = ImageFont.truetype(str(Path(FONT)), px)
    width = round(font.getlength("0") * max(map(len, lines))) + 80
    image = Image.new("RGB", (width, round(width * 0.62)), (226, 232, 224))
    draw = ImageDraw.Draw(image)
    draw.text((40, 40), "REPUBLIC OF UTOPIA", font=font, fill=(60, 60, 90))
    top = image.height - round(px * 1.75 * len(lines)) - 30
    for at, line in enumerate(lines):
        draw.text((40, top + at * px * 1.75), line, font=font, fill=(25, 25, 25))
    return np.array(image)
