"""What 68 landmarks say about a face: where it looks, whether eyes and mouth are open.

                 pitch +  up                 eyes    open 0.3, shut below 0.18   (height / width)
                    │                        smile   width of the mouth, and rise of its corners
    yaw + ──────────┼────────── yaw -        mouth   height of the opening / width
    the subject's   │       the subject's
    left            │       right

Pictures are as a camera sees the subject, *not* mirrored: the subject's left is on the right of
the picture, and a head turned to its own left has positive yaw. Angles are in degrees.

Pure: arrays in, numbers out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.face.models import Landmarks

#: Landmarks that move little against the skull, and where they lie on an average head: x to the
#: right of the picture, y down, z away from the camera; millimetres from the tip of the nose.
_RIGID = (
    (27, 0, -37, 12), (28, 0, -26, 8), (29, 0, -14, 3), (30, 0, 0, 0), (31, -13, 11, 14),
    (33, 0, 14, 9), (35, 13, 11, 14), (36, -45, -35, 32), (39, -17, -33, 25), (42, 17, -33, 25),
    (45, 45, -35, 32), (48, -25, 37, 22), (54, 25, 37, 22), (8, 0, 78, 22),
)  # fmt: skip
_INDEX = [row[0] for row in _RIGID]
_MODEL = np.array([row[1:] for row in _RIGID], dtype=np.float64)

EYES_SHUT = 0.18
#: Scales from which down a picture is halved before it is resized.
_HALVED_FROM = 0.4


@dataclass(frozen=True, slots=True)
class Look:
    """A face in numbers. Angles in degrees; `eyes`, `smile` and `mouth` are ratios of lengths."""

    yaw: float
    pitch: float
    roll: float
    eyes: float
    smile: float
    mouth: float


def look_of(points: Landmarks) -> Look:
    """Return where the face looks and what its eyes and mouth do."""
    yaw, pitch, roll = pose(points)
    return Look(yaw, pitch, roll, eyes_open(points), smile_of(points), mouth_open(points))


def pose(points: Landmarks) -> tuple[float, float, float]:
    """Return (yaw, pitch, roll) in degrees: the average head that fits the landmarks best.

    A scaled orthographic camera: landmarks tell little about distance, and a
    phone is held at arm's length anyway. Roll is positive where the picture shows the head
    leaning counter-clockwise.
    """
    eyes = points[42:48].mean(axis=0) - points[36:42].mean(axis=0)
    lean = float(np.arctan2(eyes[1], eyes[0]))
    # Set upright first, so that a picture on its side has the yaw of the face, not of the picture.
    upright = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
    seen = (points[_INDEX] - points[_INDEX].mean(axis=0)) @ upright.T
    model = _MODEL - _MODEL.mean(axis=0)
    rows, *_ = np.linalg.lstsq(model, seen, rcond=None)
    first, second = rows[:, 0], rows[:, 1]
    scale = (np.linalg.norm(first) + np.linalg.norm(second)) / 2
    if scale < 1e-9:
        return 0.0, 0.0, 0.0
    rough = np.stack([first, second, np.cross(first, second) / scale]) / scale
    u, _, vt = np.linalg.svd(rough)
    turn = u @ np.diag([1.0, 1.0, float(np.linalg.det(u @ vt))]) @ vt
    # The camera looks along +z, so the nose points along -z: where did that vector go?
    nose = turn @ np.array([0.0, 0.0, -1.0])
    yaw = np.degrees(np.arctan2(nose[0], -nose[2]))
    pitch = np.degrees(np.arcsin(np.clip(-nose[1], -1.0, 1.0)))
    return float(yaw), float(pitch), -float(np.degrees(lean))


def eyes_open(points: Landmarks) -> float:
    """Return height by width of the eyes, mean of both (Soukupová and Čech 2016)."""
    return (_aspect(points[36:42]) + _aspect(points[42:48])) / 2


def smile_of(points: Landmarks) -> float:
    """Return how wide the mouth is and how far its corners rise over its middle, together.

    By the distance between the middles of the eyes: 0.8 at rest, a tenth more in a smile.
    """
    eyes = points[42:48].mean(axis=0) - points[36:42].mean(axis=0)
    between = max(float(np.linalg.norm(eyes)), 1e-6)
    down = np.array([-eyes[1], eyes[0]]) / between
    middle, corners = points[[51, 57, 62, 66]].mean(axis=0), points[[48, 54]].mean(axis=0)
    wide = float(np.linalg.norm(points[54] - points[48]))
    return (wide + float((middle - corners) @ down)) / between


def mouth_open(points: Landmarks) -> float:
    """Return the height of the opening between the lips by the mouth's width."""
    width = np.linalg.norm(points[64] - points[60])
    gaps = [np.linalg.norm(points[low] - points[up]) for up, low in ((61, 67), (62, 66), (63, 65))]
    return float(np.mean(gaps) / max(float(width), 1e-6))


def rotate(points: NDArray[np.float64], degrees: int, *, width: int, height: int) -> Landmarks:
    """Return points of a picture turned by `degrees` clockwise, in the picture before it.

    `width` and `height` are those of the picture before the turn.
    """
    x, y = points[:, 0], points[:, 1]
    if degrees == 90:
        return np.stack([y, height - 1 - x], axis=1)
    if degrees == 180:
        return np.stack([width - 1 - x, height - 1 - y], axis=1)
    if degrees == 270:
        return np.stack([width - 1 - y, x], axis=1)
    return points


def resized(picture: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Return the picture `scale` times as large, averaged where it shrinks.

    Large pictures are halved on the way: four pixels to one is what OpenCV does fastest, and 12
    megapixels cost a third of the time.
    """
    if abs(scale - 1.0) < 1e-3:
        return np.ascontiguousarray(picture)
    height, width = picture.shape[:2]
    goal = (max(round(width * scale), 1), max(round(height * scale), 1))
    while scale <= _HALVED_FROM and min(picture.shape[:2]) >= 4:
        height, width = picture.shape[0] // 2, picture.shape[1] // 2
        picture = cv2.resize(
            picture[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA
        ).astype(np.uint8)
        scale *= 2
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, goal, interpolation=how).astype(np.uint8)


def _aspect(eye: NDArray[np.float64]) -> float:
    heights = np.linalg.norm(eye[1] - eye[5]) + np.linalg.norm(eye[2] - eye[4])
    return float(heights / max(2 * float(np.linalg.norm(eye[0] - eye[3])), 1e-6))
