"""dlib's models, loaded once, used by one thread at a time.

    detect     HOG (frontal, 3 ms on 250×250) or a small CNN (any pose, 2 s on 640×480)
    landmarks  68 points: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, mouth 48-67
    chip       the face turned upright and cut out, 400×400 with half its size around it
    describe   ResNet: a 150×150 crop ─▶ 128 numbers; one person's lie close together

Nothing here knows what a finding is. dlib's objects are not thread-safe: one lock for all of
them, held for a call, never across calls. Models load at first use (0.9 s, about 300 MB).
"""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture

#: (left, top, right, bottom) in pixels; may reach over the border of the picture.
Box = tuple[int, int, int, int]
#: Shape (68, 2), float64, x and y in pixels.
Landmarks = NDArray[np.float64]

CHIP_PX = 400
CHIP_PADDING = 0.5
#: What the network was trained on: 150 pixels with a quarter around the face.
CROP_PX = 150

#: HOG is five detectors, two of them of faces half turned; which one answered says so.
_SIDES = {1: -1, 2: 1}

_LOCK = threading.RLock()


@dataclass(frozen=True, slots=True)
class Detected:
    """A face as a detector found it. `score` is the detector's own: HOG above 0, CNN up to 1.1.

    `side` is which way HOG found it turned, by some 20° or more: 1 to the subject's own left, -1
    to its right, 0 neither (or the CNN's, which does not say).
    """

    box: Box
    score: float
    side: int = 0


def detect(picture: Picture, *, margin: float = 0.0) -> list[Detected]:
    """Return upright frontal faces of at least 80 pixels (HOG).

    `margin` raises the bar; below 0 it lowers it, to half profiles and to chance.
    """
    with _LOCK:
        found = zip(*_detector().run(picture, 0, margin), strict=True)
    return [Detected(_box(box), float(score), _SIDES.get(view, 0)) for box, score, view in found]


def detect_any_pose(picture: Picture) -> list[Detected]:
    """Return faces of at least 50 pixels, half turned ones too (CNN; slow)."""
    with _LOCK:
        found = _cnn_detector()(picture, 0)
    return [Detected(_box(one.rect), float(one.confidence)) for one in found]


def landmarks(picture: Picture, box: Box) -> Landmarks:
    """Return the 68 landmarks of the face in `box`."""
    dlib = _dlib()
    with _LOCK:
        shape = _shape_predictor()(picture, dlib.rectangle(*box))
    return np.array([(part.x, part.y) for part in shape.parts()], dtype=np.float64)


def chip(picture: Picture, points: Landmarks) -> Picture:
    """Return the face upright, shape (400, 400, 3): the middle 300 are what the network sees."""
    dlib = _dlib()
    left, top = np.floor(points.min(axis=0)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int)
    parts = dlib.points([dlib.point(round(x), round(y)) for x, y in points])
    shape = dlib.full_object_detection(
        dlib.rectangle(int(left), int(top), int(right), int(bottom)), parts
    )
    cut: Picture = dlib.get_face_chip(picture, shape, size=CHIP_PX, padding=CHIP_PADDING)
    return cut


def describe(crops: list[Picture]) -> NDArray[np.float64]:
    """Return one row of 128 numbers for each crop of shape (150, 150, 3)."""
    assert all(one.shape == (CROP_PX, CROP_PX, 3) for one in crops)
    with _LOCK:
        return np.array(_network().compute_face_descriptor(crops), dtype=np.float64)


def version() -> str:
    """Return which models these are: an embedding says nothing beside one of another version."""
    return "dlib-resnet-v1"


def _box(rect: Any) -> Box:
    return (rect.left(), rect.top(), rect.right(), rect.bottom())


@cache
def _dlib() -> Any:
    import dlib  # noqa: PLC0415 - 60 ms that a branch without faces need not pay

    return dlib


@cache
def _paths() -> Any:
    with warnings.catch_warnings():
        # It still imports pkg_resources, which warns; setuptools is held below 81 for it.
        warnings.simplefilter("ignore")
        import face_recognition_models  # noqa: PLC0415 - as above
    return face_recognition_models


def _once(make: Any) -> Any:
    """Return the model, made by the first caller while the others wait."""

    @cache
    def made() -> Any:
        return make()

    def get() -> Any:
        with _LOCK:
            return made()

    return get


_detector = _once(lambda: _dlib().get_frontal_face_detector())
_cnn_detector = _once(
    lambda: _dlib().cnn_face_detection_model_v1(_paths().cnn_face_detector_model_location())
)
_shape_predictor = _once(lambda: _dlib().shape_predictor(_paths().pose_predictor_model_location()))
_network = _once(
    lambda: _dlib().face_recognition_model_v1(_paths().face_recognition_model_location())
)
