"""Measures of a picture: numbers that quality and forensics judge by, and what each is worth.

    blur_px    Zhuo & Sim 2011: an edge blurred by s falls by √((σ2²+s²)/(σ1²+s²)) when it is
               blurred again by σ1 and σ2; the fall at the strongest edges tells s, in pixels,
               whatever is in the picture. The worst of four directions: a hand that
               shakes leaves the edges along its movement sharp.
    glares     patches that are clipped to white, larger than print, with a halo.

Nothing here has an opinion: thresholds stand in quality.py. Shapes: a picture is RGB (h, w, 3)
uint8, grey is (h, w) uint8. Boxes are (left, top, right, bottom) in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]


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
    across, down = gradient(grey, coarse)
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
    small = np.hypot(*(one.ravel()[edges] for one in gradient(grey, fine)))
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


def gradient(
    grey: NDArray[np.uint8], sigma: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), sigma)
    across = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


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
