"""Faces in a picture, and the 128 numbers that tell people apart.

    picture ─▶ 640 px ─▶ HOG ──none──▶ framed, 1280 px ─▶ turned ¼ ½ ¾ ─▶ CNN at 640 px
                          │
                          ▼
    box ─▶ cut from the full picture, face 220 px wide ─▶ 68 landmarks ─▶ upright chip
                                                                            │
                     mean of crops (mirrored, shifted, nearer, farther …) ◀─┘ ─▶ 128 numbers

Detection works on a small copy, so a 12-megapixel photo costs little more than a small one; the
embedding sees the full resolution. One crop is noisy, the mean of several steadier: two crops
always, sixteen (`thorough`) where the answer hangs on it.

It finds and describes; who it is, is `matching`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.face import geometry, models
from identity.face.models import CHIP_PX, CROP_PX, Box, Detected, Landmarks

#: Shape (128,), float64.
Embedding = NDArray[np.float64]

DETECT_PX: Final = 640
DETECT_MORE_PX: Final = 1280
#: Larger than this a picture is never made for a second look.
ENLARGE_MOST: Final = 4.0
#: Width of a face's box in the copy on which landmarks are found.
FACE_PX: Final = 220
#: HOG's margin for a face in a turned picture: trees and hands look like faces upside down.
TURNED_MARGIN: Final = 0.3
CNN_LEAST: Final = 0.7
#: HOG steps through sizes by 5/6: faces within one step count as equally large.
SIZES_ALIKE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Crop:
    """How one of an embedding's crops is taken from the chip (pixels of the crop, degrees)."""

    zoom: float = 1.0
    turn: float = 0.0
    right: float = 0.0
    down: float = 0.0
    mirrored: bool = False


def _both(zoom: float = 1.0, turn: float = 0.0, down: float = 0.0) -> tuple[Crop, Crop]:
    return Crop(zoom, turn, 0.0, down), Crop(zoom, turn, 0.0, down, mirrored=True)


#: Two sizes of crop, one mirrored: more different from each other than a picture and its mirror.
QUICK: Final = (Crop(zoom=1.05, down=5.0), Crop(zoom=0.95, down=5.0, mirrored=True))
THOROUGH: Final = (
    *_both(), *_both(down=5.0), *_both(0.95, 0.0, 5.0), *_both(1.05, 0.0, 5.0),
    *_both(0.9), *_both(1.1), *_both(1.0, 3.0, 5.0), *_both(1.0, -3.0, 5.0),
)  # fmt: skip
#: A mean of more crops lies nearer to everybody: less noise, also less distance between
#: strangers. Stretched by this, both kinds of embedding share one threshold.
THOROUGH_STRETCH: Final = 1.01


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face. `box` is (left, top, right, bottom) and may reach over the border.

    `landmarks` has shape (68, 2), in pixels of the picture it was found in, also where the face
    stands sideways: `turned` says by how many degrees the picture had to be turned clockwise.
    """

    box: Box
    landmarks: Landmarks
    score: float = 0.0
    turned: int = 0

    @property
    def width_px(self) -> int:
        return self.box[2] - self.box[0]

    @property
    def centre(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def look(self) -> geometry.Look:
        return geometry.look_of(self.landmarks)


def find_faces(picture: Picture, *, quick: bool = False) -> list[Face]:
    """Return the faces, largest first; of faces about equally large the most central first.

    `quick` takes the first look only (one HOG pass, no second scale, turn or CNN).
    """
    height, width = picture.shape[:2]
    if min(height, width) < 24:
        return []
    found, turned = _detect(picture, quick=quick)
    faces = []
    for one in found:
        points = _landmarks(picture, one.box, turned)
        faces.append(Face(one.box, points, one.score, turned))
    return _in_order(faces, width=width, height=height)


def embed(picture: Picture, face: Face, *, thorough: bool = False) -> Embedding:
    """Return the 128 numbers of `face`, found in `picture` by `find_faces`.

    The same input gives the same output. `thorough` takes 16 crops instead of 2 and eight times
    as long (1.2 s of CPU).
    """
    chip = chip_of(picture, face)
    crops = [_cut(chip, crop) for crop in (THOROUGH if thorough else QUICK)]
    mean: Embedding = models.describe(crops).mean(axis=0)
    return mean * THOROUGH_STRETCH if thorough else mean


def chip_of(picture: Picture, face: Face) -> Picture:
    """Return the face upright and alone, shape (400, 400, 3), half its size around it."""
    part, scale, corner = _part(picture, face.box)
    return models.chip(part, (face.landmarks - corner) * scale)


def _detect(picture: Picture, *, quick: bool) -> tuple[list[Detected], int]:
    """Return the detections in the picture's own pixels, and how far it was turned for them."""
    small, scale = _sized(picture, DETECT_PX)
    found = models.detect(small)
    if found or quick:
        return [_scaled(one, scale, 0) for one in found], 0
    # A portrait cut close to the chin, or a face of 40 pixels: framed in grey, and larger.
    large, scale = _sized(picture, DETECT_MORE_PX)
    frame = max(large.shape[:2]) // 8
    framed = cv2.copyMakeBorder(
        large, frame, frame, frame, frame, cv2.BORDER_CONSTANT, value=(127, 127, 127)
    ).astype(np.uint8)
    found = models.detect(framed)
    if found:
        return [_scaled(one, scale, frame) for one in found], 0
    small, scale = _sized(picture, DETECT_PX)
    height, width = small.shape[:2]
    for degrees in (90, 270, 180):
        turned = np.ascontiguousarray(np.rot90(small, -degrees // 90))
        found = models.detect(turned, margin=TURNED_MARGIN)
        if found:
            back = [_turned_back(one, degrees, width=width, height=height) for one in found]
            return [_scaled(one, scale, 0) for one in back], degrees
    found = [one for one in models.detect_any_pose(small) if one.score >= CNN_LEAST]
    return [_scaled(one, scale, 0) for one in found], 0


def _sized(picture: Picture, longest_px: int) -> tuple[Picture, float]:
    """Return the picture with `longest_px` as its longer side (never enlarged beyond reason)."""
    scale = min(longest_px / max(picture.shape[:2]), ENLARGE_MOST)
    if longest_px == DETECT_PX:
        scale = min(scale, 1.0)
    return geometry.resized(picture, scale), scale


def _scaled(one: Detected, scale: float, frame: int) -> Detected:
    left, top, right, bottom = (round((edge - frame) / scale) for edge in one.box)
    return Detected((left, top, right, bottom), one.score)


def _turned_back(one: Detected, degrees: int, *, width: int, height: int) -> Detected:
    left, top, right, bottom = one.box
    corners = np.array([(left, top), (right, bottom)], dtype=np.float64)
    back = geometry.rotate(corners, degrees, width=width, height=height)
    low, high = back.min(axis=0), back.max(axis=0)
    return Detected((round(low[0]), round(low[1]), round(high[0]), round(high[1])), one.score)


def _landmarks(picture: Picture, box: Box, turned: int) -> Landmarks:
    part, scale, corner = _part(picture, box)
    inner = [round((edge - corner[axis % 2]) * scale) for axis, edge in enumerate(box)]
    if not turned:
        points = models.landmarks(part, (inner[0], inner[1], inner[2], inner[3]))
        return points / scale + corner
    height, width = part.shape[:2]
    upright = np.ascontiguousarray(np.rot90(part, -turned // 90))
    # The box lies in the middle of its part, and stays there when the part is turned.
    side = inner[2] - inner[0]
    middle = np.array([upright.shape[1], upright.shape[0]]) / 2
    low, high = np.round(middle - side / 2), np.round(middle + side / 2)
    points = models.landmarks(upright, (int(low[0]), int(low[1]), int(high[0]), int(high[1])))
    return geometry.rotate(points, turned, width=width, height=height) / scale + corner


def _part(picture: Picture, box: Box) -> tuple[Picture, float, NDArray[np.float64]]:
    """Return the face with its own width around it, resized; the scale; its corner.

    Beyond the border of the picture the part repeats the border.
    """
    left, top, right, bottom = box
    side = max(right - left, bottom - top, 1)
    x0, y0, x1, y1 = left - side, top - side, right + side, bottom + side
    height, width = picture.shape[:2]
    inside = picture[max(y0, 0) : max(min(y1, height), 1), max(x0, 0) : max(min(x1, width), 1)]
    scale = FACE_PX / side
    part = geometry.resized(inside, scale)
    before = (max(-y0, 0), max(y1 - height, 0), max(-x0, 0), max(x1 - width, 0))
    if any(before):
        above, below, beside, after = (round(one * scale) for one in before)
        part = cv2.copyMakeBorder(part, above, below, beside, after, cv2.BORDER_REPLICATE).astype(
            np.uint8
        )
    return part, scale, np.array([x0, y0], dtype=np.float64)


def _cut(chip: Picture, crop: Crop) -> Picture:
    """Return one 150×150 crop of the chip."""
    middle, half = (CHIP_PX - 1) / 2, (CROP_PX - 1) / 2
    scale = CROP_PX / (CHIP_PX * 0.75) * crop.zoom
    matrix = cv2.getRotationMatrix2D((middle, middle), crop.turn, scale)
    matrix[0, 2] += half - middle + crop.right
    matrix[1, 2] += half - middle + crop.down
    cut = cv2.warpAffine(
        chip, matrix, (CROP_PX, CROP_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)
    return np.ascontiguousarray(cut[:, ::-1]) if crop.mirrored else cut


def _in_order(faces: list[Face], *, width: int, height: int) -> list[Face]:
    """Return the faces largest first; see `find_faces` for the order of faces about as large."""
    if not faces:
        return []
    largest = max(one.width_px for one in faces)

    def rank(face: Face) -> tuple[int, float]:
        x, y = face.centre
        off_centre = float(np.hypot(x - width / 2, y - height / 2))
        if face.width_px >= largest * SIZES_ALIKE:
            return 0, off_centre
        return 1, float(-face.width_px)

    return sorted(faces, key=rank)
