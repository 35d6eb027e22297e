"""Intake: what is taken, what is refused and why, and what a clean picture no longer tells."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from identity import intake
from identity.intake import PictureRefused, clean_picture, decode, downscaled

pillow_heif.register_heif_opener()


def a_picture(size=(64, 48), mode="RGB"):
    """Left half red, right half blue, so that one sees how it is turned."""
    picture = Image.new("RGB", size, (200, 30, 30))
    picture.paste((30, 30, 200), (size[0] // 2, 0, *size))
    return picture.convert(mode)


def encoded(kind="JPEG", picture=None, **more):
    out = io.BytesIO()
    (picture or a_picture()).save(out, format=kind, **more)
    return out.getvalue()


def reason_of(raw):
    with pytest.raises(PictureRefused) as refusal:
        clean_picture(raw)
    return refusal.value.reason


def cleaned_or_reason(raw):
    try:
        return clean_picture(raw)
    except PictureRefused as refusal:
        return refusal.reason


def a_bomb(side_px=13_000):
    """A PNG of 20 kB that unfolds to 169 megapixels."""

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    packer, rows = zlib.compressobj(9), []
    for _ in range(side_px):
        rows.append(packer.compress(b"\0" * (1 + (side_px + 7) // 8)))
    body = b"".join([*rows, packer.flush()])
    header = struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def an_animation(kind, frames=5):
    shades = [Image.new("RGB", (20, 20), (n * 40 % 256, n // 7, 0)) for n in range(frames)]
    return encoded(kind, shades[0], save_all=True, append_images=shades[1:])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_given_a_picture_of_a_kind_we_take_when_cleaned_then_a_jpeg_of_its_size(kind):
    clean = clean_picture(encoded(kind))

    assert (clean.width, clean.height) == (64, 48)
    pixels = decode(clean.jpeg)
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    left, right = pixels[24, 10], pixels[24, 54]
    assert left[0] > 150 > left[2]
    assert right[2] > 150 > right[0]


def test_given_a_library_that_lets_pillow_take_torn_pictures_when_cleaned_then_they_are_refused():
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    rng = np.random.default_rng(1)
    whole = encoded("PNG", Image.fromarray(rng.integers(0, 256, (80, 80, 3), dtype=np.uint8)))

    assert reason_of(whole[: len(whole) // 2]) == "broken"



@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"x" * (8 * 1024 * 1024 + 1), "too_large"),
        (b"just some words", "not_a_picture"),
        (b"MZ\x90\x00" + b"\0" * 200, "not_a_picture"),
        (b"\x7fELF" + b"\0" * 200, "not_a_picture"),
        (b"PK\x03\x04" + b"\0" * 200, "not_a_picture"),
        (b"%PDF-1.7\n" + b"\0" * 200, "unsupported_format"),
        (an_animation("GIF", frames=900), "unsupported_format"),
        (encoded("TIFF"), "unsupported_format"),
        (encoded("BMP"), "unsupported_format"),
        (an_animation("PNG"), "several_frames"),
        (an_animation("WEBP"), "several_frames"),
        (an_animation("HEIF"), "several_frames"),
        (a_bomb(), "too_many_pixels"),
        (encoded("PNG", Image.new("1", (6000, 4001))), "too_many_pixels"),
        (encoded("PNG", Image.new("1", (20_000, 10))), "too_many_pixels"),
        (encoded("JPEG")[:-300], "broken"),
        (encoded("PNG")[:-30], "broken"),
        (encoded("WEBP")[:-30], "broken"),
        (encoded("HEIF")[:-30], "broken"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "broken"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "broken"),
    ],
    ids=[
        "0 bytes", "8 MB and 1", "text", "Windows program", "Linux program", "archive", "PDF",
        "GIF of 900 frames", "TIFF", "BMP", "moving PNG", "moving WebP", "several in a HEIF", "bomb",
        "24.006 megapixels", "very long", "torn JPEG", "torn PNG", "torn WebP", "torn HEIC",
        "JPEG of nothing", "PNG of nothing",
    ],
)  # fmt: skip
def test_given_bytes_that_cannot_be_used_when_cleaned_then_the_reason_is(raw, reason):
    assert reason_of(raw) == reason


def test_given_the_bomb_when_made_then_it_is_as_small_and_as_large_as_told():
    raw = a_bomb()

    assert len(raw) < 30_000
    with Image.open(io.BytesIO(raw)) as opened:
        assert opened.width * opened.height == 169_000_000


def test_given_a_heif_whose_container_lies_about_its_size_when_cleaned_then_it_is_refused():
    def told(raw, size, other):
        assert struct.pack(">II", *size) in raw
        return raw.replace(struct.pack(">II", *size), struct.pack(">II", *other))

    small = encoded("HEIF", a_picture((64, 64)))
    large = encoded("HEIF", Image.new("RGB", (1200, 1200), "red"))

    assert reason_of(told(small, (64, 64), (13_000, 13_000))) == "too_many_pixels"
    assert reason_of(told(large, (1200, 1200), (64, 64))) == "broken"


def test_given_a_jpeg_of_endless_scans_when_cleaned_then_it_is_refused_unread():
    raw = encoded("JPEG", progressive=True)
    start = raw.rindex(b"\xff\xda")
    again = raw[:start] + raw[start:-2] * 200 + b"\xff\xd9"

    assert reason_of(again) == "broken"


def test_given_24_megapixels_when_cleaned_then_they_are_taken():
    clean = clean_picture(encoded("PNG", Image.new("1", (6000, 4000))))

    assert clean.width * clean.height == intake.PIXELS_MOST


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_given_an_orientation_when_cleaned_then_it_stands_upright(kind, orientation):
    upright = a_picture((64, 48))
    turn = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    as_taken = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation

    clean = clean_picture(encoded(kind, as_taken, exif=exif))

    assert (clean.width, clean.height) == (64, 48)
    assert decode(clean.jpeg)[24, 5, 0] > 150


def test_given_all_kinds_of_metadata_when_cleaned_then_nothing_of_it_is_left():
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    picture = a_picture()
    raw = encoded(
        "JPEG", picture, exif=exif, comment=b"SECRET-WORD", icc_profile=b"SECRET-PROFILE" * 20,
        xmp=b"<x>SECRET-XMP</x>",
    )  # fmt: skip
    assert raw.count(b"SECRET") >= 4

    clean = clean_picture(raw)

    assert b"SECRET" not in clean.jpeg
    with Image.open(io.BytesIO(clean.jpeg)) as opened:
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_given_the_same_pixels_with_other_metadata_when_cleaned_then_the_digest_is_the_same():
    exif = Image.Exif()
    exif[0x010F] = "a phone"

    first, second = clean_picture(encoded()), clean_picture(encoded(exif=exif, comment=b"again"))

    assert first.sha256 == second.sha256
    assert clean_picture(encoded(picture=a_picture((64, 50)))).sha256 != first.sha256


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "RGBA", "LA", "I;16"])
def test_given_any_colour_mode_when_cleaned_then_rgb_of_the_same_brightness(mode):
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG"}.get(mode, "PNG")
    if mode == "I;16":
        picture = Image.fromarray(np.full((48, 64), 0x8000, np.uint16))
    else:
        picture = Image.new("RGB", (64, 48), (128, 128, 128)).convert(mode)

    pixels = decode(clean_picture(encoded(kind, picture)).jpeg)

    assert pixels.shape == (48, 64, 3)
    assert 118 <= pixels.mean() <= 138


def test_given_transparency_when_cleaned_then_it_is_white():
    clean = clean_picture(encoded("PNG", Image.new("RGBA", (20, 20), (0, 0, 0, 0))))

    assert decode(clean.jpeg).min() > 250


def test_given_a_jpeg_with_a_second_picture_behind_it_when_cleaned_then_the_first_is_the_photo():
    raw = encoded("MPO", a_picture(), save_all=True, append_images=[Image.new("RGB", (8, 8))])
    with Image.open(io.BytesIO(raw)) as opened:
        assert opened.n_frames == 2

    clean = clean_picture(raw)

    assert (clean.width, clean.height) == (64, 48)


def test_given_a_large_picture_when_downscaled_then_its_longer_side_is_that():
    picture = np.zeros((300, 900, 3), np.uint8)

    assert downscaled(picture, 300).shape == (100, 300, 3)
    assert downscaled(picture, 900) is picture


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP", "HEIF"]),
    at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=40), cut=st.booleans(),
)  # fmt: skip
def test_whatever_is_torn_or_overwritten_is_a_picture_or_a_reason(kind, at, junk, cut):
    raw = encoded(kind)
    place = int(at * len(raw))
    raw = raw[:place] + junk + (b"" if cut else raw[place + len(junk) :])

    clean = cleaned_or_reason(raw)

    if not isinstance(clean, str):
        assert decode(clean.jpeg).shape == (clean.height, clean.width, 3)


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_a_reason(raw):
    assert cleaned_or_reason(raw) in intake.REASONS
