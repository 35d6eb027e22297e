"""Framing: where the document lies in a picture, and which sides of the picture it runs into.

    picture ─▶ 400 px ─▶ candidates by tone, by colour, by contour ─▶ straight? full? an edge all
                                                                      round? ─▶ the best as Page

A page that fills the picture is not found: nothing of the table is left to tell it from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.measures import Mask, gradient

SIDES = ("left", "top", "right", "bottom")

#: Longer side at which a page is looked for.
PAGE_LOOK_PX = 400


@dataclass(frozen=True, slots=True)
class Page:
    """Where the document lies, as a polygon in pixels of the picture, shape (n, 2).

    `touches` maps each side of the picture the page runs into to how much of that side it
    covers, 0-1. `longest_px` and `area_share` measure what is visible of it.
    """

    polygon: NDArray[np.float64]
    longest_px: float
    area_share: float
    touches: dict[str, float]

    def mask(self, shape: tuple[int, ...]) -> Mask:
        """Return the page's pixels in a picture of this shape."""
        filled = np.zeros(shape[:2], np.uint8)
        cv2.fillPoly(filled, [np.round(self.polygon).astype(np.int32)], 1)
        return filled.astype(bool)


def find_page(picture: Picture) -> Page | None:
    """Return the document in the picture; None where it fills it, or where none stands out."""
    height, width = picture.shape[:2]
    scale = min(1.0, PAGE_LOOK_PX / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 1.5), cv2.COLOR_RGB2LAB)
    edges = np.max([np.hypot(*gradient(np.asarray(lab[..., k]), 1.0)) for k in range(3)], axis=0)
    best: tuple[float, NDArray[np.float64]] | None = None
    for mask in _page_masks(lab, edges):
        judged = _judge_page(mask, edges)
        if judged is not None and (best is None or judged[0] > best[0]):
            best = judged
    if best is None or best[0] < 0.6:
        return None
    polygon = best[1]
    area = float(cv2.contourArea(polygon.astype(np.float32))) / (size[0] * size[1])
    sides = np.linalg.norm(polygon - np.roll(polygon, 1, axis=0), axis=1)
    return Page(
        polygon=polygon / scale,
        longest_px=float(sides.max()) / scale,
        area_share=area,
        touches=_touches(polygon, size),
    )


def _page_masks(lab: NDArray[np.uint8], edges: NDArray[np.float32]) -> Iterator[NDArray[np.uint8]]:
    """Yield what may be the page, 0 or 1, each by another cue."""
    rim = max(2, max(lab.shape[:2]) // 60)
    frame = np.ones(lab.shape[:2], bool)
    frame[rim:-rim, rim:-rim] = False
    apart = np.linalg.norm(lab.astype(np.float32) - np.median(lab[frame], axis=0), axis=2)
    cues = [lab[..., 0], apart.clip(0, 255).astype(np.uint8)]
    cues.append(
        np.hypot(lab[..., 1].astype(float) - 128, lab[..., 2].astype(float) - 128)
        .clip(0, 255)
        .astype(np.uint8)
    )
    for cue in cues:
        _, bright = cv2.threshold(cue, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        yield np.asarray(bright, np.uint8)
        yield np.asarray(1 - bright, np.uint8)
    strong = (edges >= max(3.0, float(np.quantile(edges, 0.9)))).astype(np.uint8)
    for reach in (3, 7):
        kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (reach, reach))
        wall = cv2.dilate(strong, kernel)
        # What the outside cannot reach is inside.
        yield np.asarray(1 - wall, np.uint8)
        yield np.asarray(
            cv2.morphologyEx(
                strong, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (15, 15))
            ),
            np.uint8,
        )


def _judge_page(
    mask: NDArray[np.uint8], edges: NDArray[np.float32]
) -> tuple[float, NDArray[np.float64]] | None:
    """Return (score 0-1, polygon) of the mask's largest piece, None where it is no page."""
    height, width = mask.shape
    whole = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    contours, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    outline = max(contours, key=cv2.contourArea)
    area = cv2.contourArea(outline)
    hull = cv2.convexHull(outline)
    full = cv2.contourArea(hull)
    if not 0.06 * width * height <= full <= 0.94 * width * height:
        return None
    polygon = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, closed=True), closed=True).reshape(
        -1, 2
    )
    if not 4 <= len(polygon) <= 6:
        return None
    short, long = sorted(cv2.minAreaRect(hull)[1])
    if full < 0.2 * width * height and not 1.25 <= long / max(short, 1.0) <= 1.75:
        # Small and not the shape of a card: a portrait, a stamp, a barcode.
        return None
    straight = cv2.contourArea(polygon.astype(np.float32)) / full
    support = _edge_support(polygon.astype(np.float64), edges)
    if support is None:
        return None
    return float(min(area / full, 1.0) * min(straight, 1.0) * support), polygon.astype(np.float64)


def _edge_support(polygon: NDArray[np.float64], edges: NDArray[np.float32]) -> float | None:
    """Return which share of the outline, the picture's rim left out, lies on an edge."""
    height, width = edges.shape
    near = cv2.dilate(edges, np.ones((5, 5), np.uint8))
    level = max(2.0, float(np.quantile(edges, 0.75)))
    on, seen = 0, 0
    for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        steps = max(2, int(np.hypot(*(end - start))))
        line = start + np.linspace(0, 1, steps)[:, None] * (end - start)
        x, y = line[:, 0].round().astype(int), line[:, 1].round().astype(int)
        free = (x > 3) & (y > 3) & (x < width - 4) & (y < height - 4)
        seen += int(free.sum())
        on += int((near[y[free], x[free]] >= level).sum())
    return on / seen if seen >= 0.3 * (width + height) else None


def _touches(polygon: NDArray[np.float64], size: tuple[int, int]) -> dict[str, float]:
    """Return which sides of the picture the page runs into, and over which share of them."""
    width, height = size
    rim = 3.0
    found = {}
    for side, axis, at, length in (
        ("left", 0, 0.0, height), ("top", 1, 0.0, width),
        ("right", 0, width - 1.0, height), ("bottom", 1, height - 1.0, width),
    ):  # fmt: skip
        on = [point[1 - axis] for point in polygon if abs(point[axis] - at) <= rim]
        if len(on) >= 2:
            found[side] = float((max(on) - min(on)) / length)
    return found
