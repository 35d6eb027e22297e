"""The page of a document within a picture: found, straightened, turned upright.

    corners: outline with four corners around the zone ──┐
             else what the zone's own geometry says     ─┼─▶ page, upright, landscape
             else an outline of a card's shape          ─┘   ▲ text and face say which way is up

Doc 9303 fixes where the zone stands on a page to the millimetre, so a page that fills the picture,
or lies on a table of its own colour, is still placed by its zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import MrzFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identity.document.blocks import Block
    from identity.document.reading import Picture
    from identity.document.text import TextLine

#: Longer side of a page made straight, at most, in px.
PAGE_PX = 1600
_OUTLINE_PX = 700
#: Corners: top left, top right, bottom right, bottom left; (x, y) in px, shape (4, 2).
Corners = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Sizes in mm: the page, the middle of the first character and of the last line, line feed."""

    width: float
    height: float
    first_x: float
    last_y: float
    feed: float


_PITCH_MM = 2.54
_SHEETS = {
    MrzFormat.TD1: _Sheet(85.6, 54.0, 5.9, 48.4, 4.4),
    MrzFormat.TD2: _Sheet(105.0, 74.0, 7.0, 65.5, 6.35),
    MrzFormat.MRVB: _Sheet(105.0, 74.0, 7.0, 65.5, 6.35),
    MrzFormat.TD3: _Sheet(125.0, 88.0, 7.0, 79.5, 6.35),
    MrzFormat.MRVA: _Sheet(120.0, 80.0, 6.0, 71.5, 6.35),
}
_ASPECT_LEAST, _ASPECT_MOST = 1.2, 1.95


@dataclass(frozen=True, slots=True)
class Page:
    """A page made straight. `corners` in the picture; `by` says what found them."""

    picture: Picture
    corners: Corners
    by: str


def page_of_zone(picture: Picture, block: Block, mrz_format: MrzFormat) -> Page:
    """Return the page that carries a zone, upright."""
    expected = _expected_corners(block, mrz_format)
    inside = np.concatenate([row.places for row in block.rows])
    best: Corners | None = None
    for corners in find_outlines(picture):
        turned = _like(corners, expected)
        if turned is None or not _holds(turned, inside):
            continue
        if _distance(turned, expected) < 0.16 and (
            best is None or _distance(turned, expected) < _distance(best, expected)
        ):
            best = turned
    if best is not None:
        return Page(straighten(picture, best), best, "outline")
    return Page(straighten(picture, expected), expected, "zone")


def page_of_outline(picture: Picture) -> Page | None:
    """Return the largest outline of a card's shape, landscape, not yet known which way up."""
    for outline in find_outlines(picture):
        corners = outline
        sides = [float(np.hypot(*(b - a))) for a, b in pairwise([*corners, corners[0]])]
        wide, high = sides[0] + sides[2], sides[1] + sides[3]
        if wide < high:
            corners = np.roll(corners, -1, axis=0)
            wide, high = high, wide
        if _ASPECT_LEAST < wide / high < _ASPECT_MOST:
            return Page(straighten(picture, corners), corners, "outline")
    return None


def straighten(picture: Picture, corners: Corners) -> Picture:
    """Return the page within these corners, at its own resolution, at most PAGE_PX wide."""
    sides = [float(np.hypot(*(b - a))) for a, b in pairwise([*corners, corners[0]])]
    wide, high = max(sides[0], sides[2]), max(sides[1], sides[3])
    scale = min(1.0, PAGE_PX / max(wide, high, 1.0))
    width, height = max(16, round(wide * scale)), max(16, round(high * scale))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return np.asarray(
        cv2.warpPerspective(
            picture, matrix, (width, height),
            flags=cv2.INTER_AREA if scale < 0.7 else cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        np.uint8,
    )  # fmt: skip


def find_outlines(picture: Picture) -> list[Corners]:
    """Return quadrangles that may be pages, the largest first; corners clockwise."""
    scale = min(1.0, _OUTLINE_PX / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    area = small.shape[0] * small.shape[1]
    found: list[tuple[float, Corners]] = []
    for mask in _edge_masks(small):
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            hull = cv2.convexHull(contour)
            size = cv2.contourArea(hull)
            if size < 0.06 * area or size > 0.97 * area:
                continue
            for share in (0.02, 0.04, 0.07):
                shape = cv2.approxPolyDP(hull, share * cv2.arcLength(hull, True), True)
                if len(shape) == 4 and cv2.contourArea(shape) > 0.85 * size:
                    corners = _clockwise(shape.reshape(4, 2).astype(np.float64)) / scale
                    found.append((float(size), corners))
                    break
    found.sort(key=lambda one: -one[0])
    return [corners for _, corners in found]


def _edge_masks(small: Picture) -> list[NDArray[np.uint8]]:
    lab = cv2.cvtColor(cv2.bilateralFilter(small, 7, 40, 7), cv2.COLOR_RGB2LAB)
    masks = []
    kernel = np.ones((5, 5), np.uint8)
    edges = np.zeros(small.shape[:2], np.uint8)
    for channel in cv2.split(lab):
        high = float(np.percentile(cv2.Laplacian(channel, cv2.CV_32F), 99)) * 2 + 20
        edges |= cv2.Canny(channel, high * 0.4, high)
    masks.append(cv2.morphologyEx(edges, cv2.MORPH_CLOSE, kernel))
    masks.append(cv2.dilate(edges, kernel))
    for channel in cv2.split(lab)[:1]:
        _, light = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        masks.append(cv2.morphologyEx(light, cv2.MORPH_OPEN, kernel))
    return [np.asarray(mask, np.uint8) for mask in masks]


def _clockwise(points: Corners) -> Corners:
    """Return the corners clockwise (in a picture's axes), from the one nearest to the top left."""
    middle = points.mean(axis=0)
    order = np.argsort(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]))
    points = points[order]
    found: Corners = np.roll(points, -int(points.sum(axis=1).argmin()), axis=0)
    return found


def _expected_corners(block: Block, mrz_format: MrzFormat) -> Corners:
    """Return where the page's corners are when the zone stands where Doc 9303 puts it."""
    sheet = _SHEETS[mrz_format]
    count = len(block.rows[0].places)
    millimetres, places = [], []
    for at, row in enumerate(block.rows):
        y = sheet.last_y - (len(block.rows) - 1 - at) * sheet.feed
        millimetres.append(
            np.stack([sheet.first_x + _PITCH_MM * np.arange(count), np.full(count, y)], axis=1)
        )
        places.append(row.places)
    known = np.concatenate(millimetres)
    known = np.concatenate([known, np.ones((len(known), 1))], axis=1)
    affine, *_ = np.linalg.lstsq(known, np.concatenate(places), rcond=None)
    wanted = np.array(
        [[0, 0, 1], [sheet.width, 0, 1], [sheet.width, sheet.height, 1], [0, sheet.height, 1]]
    )
    corners: Corners = wanted @ affine
    return corners


def _like(corners: Corners, expected: Corners) -> Corners | None:
    """Return the corners begun at the one that corresponds to the expected first, or None."""
    if _turns_right(corners) != _turns_right(expected):
        corners = corners[::-1]
    return min(
        (np.roll(corners, -at, axis=0) for at in range(4)),
        key=lambda one: _distance(one, expected),
    )


def _turns_right(corners: Corners) -> bool:
    x, y = corners.T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) > 0


def _distance(corners: Corners, expected: Corners) -> float:
    """Return how far corners are from where they are expected, in widths of the page."""
    width = float(np.hypot(*(expected[1] - expected[0])))
    return float(np.hypot(*(corners - expected).T).mean()) / max(width, 1.0)


def _holds(corners: Corners, points: NDArray[np.float64]) -> bool:
    shape = corners.astype(np.float32).reshape(-1, 1, 2)
    return all(
        cv2.pointPolygonTest(shape, (float(x), float(y)), False) >= 0 for x, y in points[::7]
    )


def quarter_turns(lines: Sequence[TextLine]) -> int:
    """Return by how many quarter turns a page without a zone must be turned so that text lies.

    0 or 1, counter-clockwise: text's direction is known only modulo 180 degrees.
    """
    lying = sum(line.length for line in lines if abs(line.direction[0]) >= abs(line.direction[1]))
    standing = sum(line.length for line in lines if abs(line.direction[0]) < abs(line.direction[1]))
    return 1 if standing > 1.5 * lying else 0
