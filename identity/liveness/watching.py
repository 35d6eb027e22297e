"""From frames to curves: where the face was, where it looked, what eyes and mouth did.

    frame ─▶ 360 px grey ─▶ HOG, else a doubtful find near the last box ─▶ box
    box ─▶ brightened where it is dim ─▶ 68 landmarks ─▶ Look
    all frames ─▶ Watch(times, yaw, eyes, smile, …), one value a frame

Fast: about 20 ms of CPU for a 640×480 frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.face import geometry, models
from identity.face.faces import Face
from identity.face.models import Box, Detected, Landmarks

_DETECT_PX: Final = 360
#: HOG's margin for a half profile, believed only where the face was a moment ago.
_DOUBTFUL: Final = -0.6
#: A half profile's box lies towards the nose: a quick turn leaves little in common with the last.
_OVERLAP_LEAST: Final = 0.2
_LANDMARK_PX: Final = 640
_SOFTEN_PX: Final = 1.0
#: How light (of 255) the lightest part of a well lit face is, and at which percentile it is read.
_WELL_LIT: Final = 160.0
_LIGHTEST_PERCENT: Final = 99.0
#: Looks at a face: right, down (shares of the box's side) and size.
_LOOKS: Final = (
    (0.0, 0.0, 1.0), (-0.04, 0.03, 1.0), (0.04, 0.03, 1.0), (0.0, -0.04, 0.95), (0.0, 0.0, 1.07),
)  # fmt: skip
_THUMB: Final = (48, 36)

Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the recording, `at_ms` milliseconds after the challenge was shown."""

    picture: Picture
    at_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """The curves of one recording of n frames.

    Values are NaN in frames without a face. `points` is (n, 68, 2) in pixels of the frame;
    `centre` is in widths of the face (its median width is 1). `second` is the width of the next
    largest face, `side` is `Detected.side`; both are 0 without one. `thumbs` is (n, 36, 48), grey.
    """

    at_ms: Curve
    points: NDArray[np.float64]
    width: Curve
    second: Curve
    centre: NDArray[np.float64]
    yaw: Curve
    pitch: Curve
    eyes: Curve
    smile: Curve
    mouth: Curve
    side: Curve
    thumbs: NDArray[np.float32]

    @property
    def has_face(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.yaw)

    def face(self, index: int) -> Face:
        """Return the face of frame `index`, as `faces.embed` wants it."""
        points = self.points[index]
        low, high = points.min(axis=0), points.max(axis=0)
        side = self.width[index]
        x, y = (low + high) / 2
        box = (round(x - side / 2), round(y - side / 2), round(x + side / 2), round(y + side / 2))
        return Face(box, points)


def watch(frames: Sequence[Frame]) -> Watch:
    """Return the curves of a recording."""
    count = len(frames)
    points = np.full((count, 68, 2), np.nan)
    width, second = np.full(count, np.nan), np.zeros(count)
    looks, side = np.full((count, 5), np.nan), np.zeros(count)
    thumbs = np.zeros((count, _THUMB[1], _THUMB[0]), dtype=np.float32)
    before: Box | None = None
    for index, frame in enumerate(frames):
        thumbs[index] = _thumb(frame.picture)
        faces = _faces(frame.picture, before)
        if not faces:
            continue
        box = before = faces[0].box
        if len(faces) > 1:
            second[index] = faces[1].box[2] - faces[1].box[0]
        found = _landmarks(frame.picture, box)
        look = geometry.look_of(found)
        points[index], width[index], side[index] = found, box[2] - box[0], faces[0].side
        looks[index] = (look.yaw, look.pitch, look.eyes, look.smile, look.mouth)
    scale = np.nanmedian(width) if np.isfinite(width).any() else 1.0
    return Watch(
        at_ms=np.array([frame.at_ms for frame in frames], dtype=np.float64),
        points=points, width=width, second=second, centre=points.mean(axis=1) / scale,
        yaw=looks[:, 0], pitch=looks[:, 1], eyes=looks[:, 2], smile=looks[:, 3],
        mouth=looks[:, 4], side=side, thumbs=thumbs,
    )  # fmt: skip


def _faces(picture: Picture, before: Box | None) -> list[Detected]:
    """Return the faces of a frame, largest first, in its own pixels."""
    scale = min(1.0, _DETECT_PX / max(picture.shape[:2]))
    small = cv2.cvtColor(geometry.resized(picture, scale), cv2.COLOR_RGB2GRAY).astype(np.uint8)
    found = [_back(one, scale) for one in models.detect(small)]
    if not found and before is not None:
        doubtful = [_back(one, scale) for one in models.detect(small, margin=_DOUBTFUL)]
        near = [one for one in doubtful if _overlap(one.box, before) >= _OVERLAP_LEAST]
        found = sorted(near, key=lambda one: -_overlap(one.box, before))[:1]
    return sorted(found, key=lambda one: one.box[0] - one.box[2])


def _back(one: Detected, scale: float) -> Detected:
    left, top, right, bottom = (round(edge / scale) for edge in one.box)
    return replace(one, box=(left, top, right, bottom))


def _overlap(one: Box, other: Box) -> float:
    """Return intersection over union."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    both = max(wide, 0) * max(high, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return both / max(sum(areas) - both, 1)


def _landmarks(picture: Picture, box: Box) -> Landmarks:
    """Return the landmarks of the face in a box: the median of several looks.

    One look trembles with the grain of the picture and with HOG's coarse boxes: a mouth is a
    tenth wider in one frame than in the next.
    """
    scale = min(1.0, _LANDMARK_PX / max(picture.shape[:2]))
    soft = cv2.GaussianBlur(geometry.resized(picture, scale), (0, 0), _SOFTEN_PX).astype(np.uint8)
    copy = _lit(soft, _moved(box, scale, *_LOOKS[0]))
    looks = np.stack([models.landmarks(copy, _moved(box, scale, *look)) for look in _LOOKS])
    median: Landmarks = np.median(looks, axis=0) / scale
    return median


def _lit(picture: Picture, box: Box) -> Picture:
    """Return the picture as bright as a well lit one, judged by what is in the box; no darker.

    In a dim room lids and chin differ from their surroundings by a few levels: landmarks slip to
    the neck, and shut eyes look open. Black stays black: a full stretch distorts well lit faces.
    """
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    left, top, right, bottom = (max(edge, 0) for edge in box)
    within = lab[top:bottom, left:right, 0]
    if not within.size:
        return picture
    gain = max(_WELL_LIT / max(float(np.percentile(within, _LIGHTEST_PERCENT)), 1.0), 1.0)
    levels = np.clip(np.arange(256) * gain, 0, 255).astype(np.uint8)
    lab[..., 0] = levels[lab[..., 0]]
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).astype(np.uint8)


def _moved(box: Box, scale: float, right: float, down: float, size: float) -> Box:
    """Return the box in the copy's pixels, moved by shares of its side and resized."""
    x0, y0, x1, y1 = (edge * scale for edge in box)
    side = x1 - x0
    x, y, half = (x0 + x1) / 2 + right * side, (y0 + y1) / 2 + down * side, side / 2 * size
    return round(x - half), round(y - half), round(x + half), round(y + half)


def _thumb(picture: Picture) -> NDArray[np.float32]:
    small = cv2.resize(picture, _THUMB, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
