"""Is the selfie the document's portrait itself? Two photos of a person never lie alike.

    face A ─▶ upright chip ─┐                       ┌─ fine shift, turn and scale (ECC)
                            ├─▶ grey, same size ────┤
    face B ─▶ upright chip ─┘                       └─▶ correlation of what is left: 0 … 1

A copy keeps every shadow and hair in place, after printing, recompression or a change of
brightness too. Another photo of the same person, minutes later, does not.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.face.faces import Face, chip_of

SAME_PICTURE_LEAST: Final = 0.95
_SIDE_PX: Final = 96


def picture_likeness(first: Picture, first_face: Face, second: Picture, second_face: Face) -> float:
    """Return in [0, 1] how well one face lies on the other, pixel by pixel; mirrored too."""
    one, other = _plain(first, first_face), _plain(second, second_face)
    return max(_correlation(one, other), _correlation(one, np.ascontiguousarray(other[:, ::-1])))


def _plain(picture: Picture, face: Face) -> NDArray[np.float32]:
    """Return the face in grey, 96×96, as blurred as a printed portrait, even in brightness."""
    chip = chip_of(picture, face)[50:350, 50:350]
    small = cv2.resize(cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY), (_SIDE_PX, _SIDE_PX),
                       interpolation=cv2.INTER_AREA).astype(np.float32)  # fmt: skip
    soft = cv2.GaussianBlur(small, (0, 0), 1.5)
    around = cv2.GaussianBlur(small, (0, 0), 12.0)
    spread = np.sqrt(cv2.GaussianBlur((soft - around) ** 2, (0, 0), 12.0)) + 4.0
    return ((soft - around) / spread).astype(np.float32)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    warp = np.eye(2, 3, dtype=np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-5)
    try:
        found, _ = cv2.findTransformECC(one, other, warp, cv2.MOTION_AFFINE, stop, None, 5)
    except cv2.error:  # did not converge: they do not lie alike
        return 0.0
    return float(np.clip(found, 0.0, 1.0))
