"""Intake: whatever bytes a customer sent, judged by decoding them, re-encoded clean.

    bytes ─▶ ≤ 8 MB ─▶ header: JPEG, PNG, WebP, HEIC · ≤ 24 megapixels · one frame ─▶ decode
          ─▶ upright (EXIF) ─▶ RGB on white ─▶ JPEG without a word of metadata + its SHA-256

What a name or a declared type says is never looked at. Nothing is decoded before the header has
told its size, so a bomb of 20 kB and 169 megapixels costs what reading 20 kB costs.

A refusal has one of seven reasons:

    empty                0 bytes
    too_large            more than 8 MB
    not_a_picture        text, a program, an archive …
    unsupported_format   a document or picture of another kind (PDF, GIF, TIFF, AVIF …)
    too_many_pixels      more than 24 megapixels, or a side longer than 16,000
    several_frames       an animation, a burst
    broken               begins like a picture and cannot be decoded to its end

The same pixels give the same bytes and so the same `sha256`: a picture that is sent twice, or
with other metadata, is known again.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from identity.document.reading import Picture

FILE_LIMIT_BYTES = 8 * 1024 * 1024
PIXELS_MOST = 24_000_000
SIDE_MOST_PX = 16_000
JPEG_QUALITY = 92

#: Pillow's names of what is taken. A JPEG with further pictures behind the first (MPO: a depth
#: map, a second lens) is what many phones make; the first is the photo, the rest is not opened.
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")

#: A progressive JPEG may repeat scans without end, each a pass over all pixels; cameras and
#: editors make at most 20 or so.
JPEG_SCANS_MOST = 100

REASONS = (
    "empty", "too_large", "not_a_picture", "unsupported_format", "too_many_pixels",
    "several_frames", "broken",
)  # fmt: skip

#: How files of the kinds we take begin; what begins so and cannot be opened is broken.
_OURS = ((0, b"\xff\xd8\xff"), (0, b"\x89PNG\r\n\x1a\n"), (8, b"WEBP"))
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_OTHERS = (
    (0, b"GIF8"), (0, b"%PDF"), (0, b"BM"), (0, b"II*\x00"), (0, b"MM\x00*"), (0, b"8BPS"),
    (0, b"\x00\x00\x01\x00"), (4, b"ftyp"), (0, b"\xff\x0a"), (4, b"JXL "), (4, b"jP  "),
    (0, b"<svg"), (0, b"\x1aE\xdf\xa3"),
)  # fmt: skip

# One thread a picture: the server decides how many pictures are decoded at once.
pillow_heif.register_heif_opener(
    decode_threads=1, thumbnails=False, depth_images=False, aux_images=False
)


class PictureRefused(Exception):
    """These bytes cannot be used. `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        assert reason in REASONS, reason
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A JPEG without metadata, upright, RGB; `sha256` is the hex digest of `jpeg`."""

    jpeg: bytes
    width: int
    height: int
    sha256: str


def clean_picture(raw: bytes) -> CleanPicture:
    """Return the picture re-encoded without metadata. Raises PictureRefused."""
    if not raw:
        raise PictureRefused("empty")
    if len(raw) > FILE_LIMIT_BYTES:
        raise PictureRefused("too_large")
    with _refusing(raw), Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
        # The header alone: nothing is decoded before the size is known.
        _check_size(opened)
        _check_frames(opened)
        if raw.startswith(b"\xff\xd8") and raw.count(b"\xff\xda") > JPEG_SCANS_MOST:
            raise PictureRefused("broken")
        opened.load()
        # HEIF decoders believe the coded picture, not the container's word on its size.
        _check_size(opened)
        upright = _as_rgb(ImageOps.exif_transpose(opened))
        # Pillow writes a comment of the original into the copy unless it is taken away.
        upright.info = {}
        out = io.BytesIO()
        upright.save(out, format="JPEG", quality=JPEG_QUALITY)
    jpeg = out.getvalue()
    return CleanPicture(jpeg, upright.width, upright.height, hashlib.sha256(jpeg).hexdigest())


def decode(jpeg: bytes) -> Picture:
    """Return the pixels of a clean picture. Raises PictureRefused("broken")."""
    with _refusing(jpeg), Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
        _check_size(opened)
        return np.asarray(opened.convert("RGB"), dtype=np.uint8)


def downscaled(picture: Picture, longest_px: int) -> Picture:
    """Return the picture with its longer side at most `longest_px`, itself where it already is.

    Area-averaged: moiré of the reduction would look like moiré of a screen.
    """
    height, width = picture.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1.0:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


@contextmanager
def _refusing(raw: bytes) -> Iterator[None]:
    """Turn what Pillow raises into a reason."""
    # face_recognition tells all of Pillow to take half a picture for a whole one.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        yield
    except PictureRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise PictureRefused("too_many_pixels") from fault
    except UnidentifiedImageError as fault:
        raise PictureRefused(_kind_of_unopened(raw)) from fault
    # Pillow raises almost anything on a broken file, SyntaxError on a PNG among them.
    except Exception as fault:
        raise PictureRefused("broken") from fault


def _kind_of_unopened(raw: bytes) -> str:
    head = raw[:64]
    if any(head.startswith(magic, at) for at, magic in _OURS):
        return "broken"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "broken"
    if any(head.startswith(magic, at) for at, magic in _OTHERS):
        return "unsupported_format"
    return "not_a_picture"


def _check_size(opened: Image.Image) -> None:
    if opened.width * opened.height > PIXELS_MOST or max(opened.size) > SIDE_MOST_PX:
        raise PictureRefused("too_many_pixels")


def _check_frames(opened: Image.Image) -> None:
    if opened.format != "MPO" and getattr(opened, "n_frames", 1) != 1:
        raise PictureRefused("several_frames")


def _as_rgb(upright: Image.Image) -> Image.Image:
    """Return the picture in RGB: what is transparent is white, as a viewer shows it."""
    if upright.mode.startswith("I"):
        # 16 bits of grey: Pillow would clip them to white.
        deep = np.asarray(upright, dtype=np.int64)
        return Image.fromarray((deep.clip(0, 65535) >> 8).astype(np.uint8)).convert("RGB")
    if "A" in upright.getbands() or "transparency" in upright.info:
        layer = upright.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return upright.convert("RGB") if upright.mode != "RGB" else upright.copy()
