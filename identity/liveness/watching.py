"""From frames to curves: where the face was, where it looked, what eyes and mouth did.

    frame ─▶ 320 px grey ─▶ HOG, else the box before ─▶ 68 landmarks on 640 px ─▶ Look
    all frames ─▶ Watch(times, yaw, eyes, smile, …), one value a frame

Fast: about 15 ms of CPU for a 640×480 frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.face import geometry, models
from identity.face.faces import Face
from identity.face.models import Box, Landmarks

_DETECT_PX: Final = 360
_LANDMARK_PX: Final = 640
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
    largest face, 0 where there is none. `thumbs` is (n, 36, 48), grey.
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
    looks = np.full((count, 5), np.nan)
    thumbs = np.zeros((count, _THUMB[1], _THUMB[0]), dtype=np.float32)
    before: Box | None = None
    for index, frame in enumerate(frames):
        thumbs[index] = _thumb(frame.picture)
        boxes = _boxes(frame.picture)
        box = boxes[0] if boxes else before
        before = None
        if box is None:
            continue
        if len(boxes) > 1:
            second[index] = boxes[1][2] - boxes[1][0]
        found = _landmarks(frame.picture, box)
        look = geometry.look_of(found)
        points[index], width[index] = found, box[2] - box[0]
        looks[index] = (look.yaw, look.pitch, look.eyes, look.smile, look.mouth)
        # A face half turned away escapes the detector for a frame or two; landmarks do not.
        before = box if boxes else None
    scale = np.nanmedian(width) if np.isfinite(width).any() else 1.0
    return Watch(
        at_ms=np.array([frame.at_ms for frame in frames], dtype=np.float64),
        points=points, width=width, second=second, centre=points.mean(axis=1) / scale,
        yaw=looks[:, 0], pitch=looks[:, 1], eyes=looks[:, 2], smile=looks[:, 3],
        mouth=looks[:, 4], thumbs=thumbs,
    )  # fmt: skip


def _boxes(picture: Picture) -> list[Box]:
    """Return the faces of a frame, largest first, in its own pixels."""
    scale = min(1.0, _DETECT_PX / max(picture.shape[:2]))
    small = cv2.cvtColor(geometry.resized(picture, scale), cv2.COLOR_RGB2GRAY).astype(np.uint8)
    found = [one.box for one in models.detect(small)]
    found.sort(key=lambda box: box[0] - box[2])
    return [tuple(round(edge / scale) for edge in box) for box in found]


def _landmarks(picture: Picture, box: Box) -> Landmarks:
    scale = min(1.0, _LANDMARK_PX / max(picture.shape[:2]))
    copy = geometry.resized(picture, scale)
    left, top, right, bottom = (round(edge * scale) for edge in box)
    return models.landmarks(copy, (left, top, right, bottom)) / scale


def _thumb(picture: Picture) -> NDArray[np.float32]:
    small = cv2.resize(picture, _THUMB, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
