"""Measures of a picture: numbers that quality and forensics judge by, and what each is worth.

    blur_px    Zhuo & Sim 2011: an edge blurred by s falls by √((σ2²+s²)/(σ1²+s²)) when it is
               blurred again by σ1 and σ2; the fall at the strongest edges tells s, in pixels,
               whatever is in the picture. The worst of four directions: a hand that
               shakes leaves the edges along its movement sharp.
    find_page  the document in the picture: candidates by tone, by colour and by contour; the best
               is straight, full, and has an edge all round.
    glares     patches that are clipped to white, larger than print, with a halo.

Nothing here has an opinion: thresholds stand in quality.py. Shapes: a picture is RGB (h, w, 3)
uint8, grey is (h, w) uint8. Boxes are (left, top, right, bottom) in pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]

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


@dataclass(frozen=True, slots=True)
class Glare:
    box: Box
    area_share: float  # of the region that was searched


def blur_px(grey: Grey, *, region: Mask | None = None) -> float | None:
    """Return the blur of the strongest edges as a Gaussian's sigma in pixels.

    None where the picture has too few edges to say. Sharp is below 1; estimates above 10 mean
    no more than "very much".
    """
    fine, coarse = 1.0, 2.5
    across, down = _gradient(grey, coarse)
    strength = cv2.magnitude(across, down)
    inside = np.zeros(grey.shape, bool)
    inside[4:-4, 4:-4] = True
    if region is not None:
        inside &= region
    at = np.flatnonzero(inside)
    if at.size < 2_000:
        return None
    # One in three pixels tells the level; all that reach it are measured.
    strong = float(np.quantile(strength.ravel()[at[::3]], 0.96))
    edges = at[strength.ravel()[at] >= max(0.5 * strong, 0.5)]
    if edges.size < 100:
        return None
    small = np.hypot(*(one.ravel()[edges] for one in _gradient(grey, fine)))
    large = strength.ravel()[edges]
    turn = np.mod(np.arctan2(down.ravel()[edges], across.ravel()[edges]) + np.pi / 8, np.pi)
    spreads: list[float] = []
    for quarter in range(4):
        along = (turn // (np.pi / 4)).astype(int) == quarter
        if along.sum() < 100:
            continue
        fall = max(float(np.median(small[along] / large[along])), 1.001)
        spread = (coarse**2 - fall**2 * fine**2) / (fall**2 - 1.0)
        spreads.append(float(np.sqrt(max(spread, 0.0))))
    return max(spreads) if spreads else None


def find_page(picture: Picture) -> Page | None:
    """Return the document in the picture; None where it fills it, or where none stands out."""
    height, width = picture.shape[:2]
    scale = min(1.0, PAGE_LOOK_PX / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 1.5), cv2.COLOR_RGB2LAB)
    edges = np.max([np.hypot(*_gradient(np.asarray(lab[..., k]), 1.0)) for k in range(3)], axis=0)
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


def glares(picture: Picture, *, region: Mask | None = None, least: float = 0.001) -> list[Glare]:
    """Return the patches of glare inside `region` of at least that share of it, largest first.

    A patch is clipped in all colours, thicker than print, brighter than the paper around, and
    fades into it, and nothing can be read in it; white paper and white boxes do not.
    """
    level = picture.min(axis=2)
    inside = np.ones(level.shape, bool) if region is None else region
    whole = bool(inside.all())
    if not inside.any():
        return []
    paper = float(np.median(level[inside]))
    if paper > 215:
        return []
    longest = max(level.shape)
    thick = max(3, round(longest * 0.012)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thick, thick))
    clipped = ((level >= 246) & inside).astype(np.uint8)
    patches = cv2.morphologyEx(clipped, cv2.MORPH_OPEN, kernel)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(patches)
    found = []
    for label in range(1, count):
        left, top, wide, high, area = (int(one) for one in stats[label])
        share = area / float(inside.sum())
        if whole and _is_at_rim((left, top, left + wide, top + high), level.shape):
            continue
        if share >= least and _is_light(level, labels == label, paper, longest):
            found.append(Glare((left, top, left + wide, top + high), share))
    return sorted(found, key=lambda one: -one.area_share)


def chroma_spread(picture: Picture, *, region: Mask | None = None) -> float:
    """Return how much colour varies, in Lab units, beyond a cast that goes with brightness.

    A black-and-white copy under any lamp has below 3; a printed document has more.
    """
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float64)
    if region is not None:
        lab = lab[region.ravel()]
    if len(lab) < 100:
        return 0.0
    light = np.column_stack([np.ones(len(lab)), lab[:, 0], lab[:, 0] ** 2])
    fit, *_ = np.linalg.lstsq(light, lab[:, 1:], rcond=None)
    return float(np.sqrt(((lab[:, 1:] - light @ fit) ** 2).sum(axis=1).mean()))


def text_rows(grey: Grey, *, region: Mask | None = None) -> list[Box]:
    """Return boxes of what looks like lines of print, at the picture's own scale.

    Made for a picture of about 1,000 px: strokes are joined along the row, and a row is wide,
    thin and evenly dense.
    """
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))
    strokes = cv2.morphologyEx(
        grey, cv2.MORPH_BLACKHAT, cv2.getStructuringElement(cv2.MORPH_RECT, (15, 15))
    )
    level = max(25.0, float(np.quantile(strokes, 0.9)))
    ink = (strokes >= level).astype(np.uint8)
    if region is not None:
        ink &= region.astype(np.uint8)
    joined = cv2.morphologyEx(
        ink, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (21, 3))
    )
    joined = cv2.morphologyEx(joined, cv2.MORPH_OPEN, kernel)
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    rows = []
    for label in range(1, count):
        left, top, wide, high, area = (int(one) for one in stats[label])
        if 6 <= high <= 60 and wide >= 3 * high and area >= 0.4 * wide * high:
            rows.append((left, top, left + wide, top + high))
    return rows


def _gradient(
    grey: NDArray[np.uint8], sigma: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), sigma)
    across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


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


def _is_at_rim(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether a patch lies at the picture's rim: the scanner's lid, the sheet below."""
    left, top, right, bottom = box
    return left <= 1 or top <= 1 or right >= shape[1] - 1 or bottom >= shape[0] - 1


def _is_light(level: Grey, patch: Mask, paper: float, longest: int) -> bool:
    """Whether a clipped patch is light, not paper: it fades out, and nothing is printed on it."""
    near, far = max(2, round(longest * 0.005)), max(5, round(longest * 0.016))
    solid = patch.astype(np.uint8)

    def grown(by: int, how: int = cv2.MORPH_DILATE) -> Mask:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
        return np.asarray(cv2.morphologyEx(solid, how, kernel), bool)

    inner = grown(near)
    rim, ring = inner & ~patch, grown(far) & ~inner
    if not rim.any() or not ring.any():
        return False
    closed = grown(far, cv2.MORPH_CLOSE)
    printed = float((level[closed] < 200).mean())
    halo = float(np.median(level[ring])) > paper + 0.3 * (255.0 - paper)
    return halo and float(np.quantile(level[rim], 0.25)) > 215 and printed < 0.04
