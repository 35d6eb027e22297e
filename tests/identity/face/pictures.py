"""Pictures of invented people, each rendered once for all tests."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from identity.document.reading import Picture
from identity.specimens.faces import render_face

#: Two people the matcher tells apart (identity.specimens.faces.another_person).
ONE, OTHER = 7, 14


@lru_cache(maxsize=64)
def a_face(seed: int = ONE, **how: Any) -> Picture:
    return render_face(seed, **{"size_px": 360, **how})


def a_selfie(seed: int = ONE, sitting: int = 1) -> Picture:
    return a_face(seed, sitting=sitting, size_px=400)


def a_page(seed: int = ONE, *, ghost: bool = True) -> tuple[Picture, tuple[int, int, int, int]]:
    """Return a card with a portrait and, small and pale, its ghost; and where the portrait is."""
    page = np.full((540, 860, 3), 226, dtype=np.uint8)
    portrait = cv2.resize(a_face(seed), (300, 300))
    page[120:420, 40:340] = portrait
    if ghost:
        small = cv2.resize(portrait, (150, 150)).astype(np.float32)
        page[300:450, 660:810] = (0.6 * small + 0.4 * 226).astype(np.uint8)
    return page, (40, 120, 340, 420)


def two_faces(second_px: int) -> Picture:
    """Return a selfie with another person beside, whose picture is `second_px` wide."""
    scene = cv2.copyMakeBorder(a_selfie(), 0, 0, 0, 400, cv2.BORDER_REPLICATE).astype(np.uint8)
    second = cv2.resize(a_face(OTHER), (second_px, second_px), interpolation=cv2.INTER_AREA)
    scene[20 : 20 + second_px, 410 : 410 + second_px] = second
    return scene


def landscape() -> Picture:
    """Return a picture without anybody in it."""
    rows, columns = np.mgrid[0:300, 0:400].astype(np.float32)
    return np.stack([rows / 2, 120 + 60 * np.sin(columns / 40), 255 - rows / 2], axis=-1).astype(
        np.uint8
    )
