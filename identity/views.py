"""Views: a picture at the scale it is judged at, with the page and the print found in it.

picture ─▶ 1,000 px, grey ─▶ page ─▶ lines of print in it, along rows and along columns
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from identity import measures
from identity.document.reading import Picture
from identity.framing import Page, find_page
from identity.intake import downscaled

KINDS = ("selfie", "document_front", "document_back")
WORK_PX = 1_000
#: What is smaller than this share of the picture may be a portrait or a box of the document.
PART_SHARE_MOST = 0.35


@dataclass(frozen=True, slots=True)
class View:
    """A picture at work scale with what was found in it."""

    kind: str
    picture: Picture
    small: Picture
    grey: measures.Grey
    page: Page | None
    region: measures.Mask
    scale: float  # pixels of `small` in one of `picture`
    rows: list[measures.Box]  # lines of print, left to right
    columns: list[measures.Box]  # and from top to bottom, as they stand in the picture

    @property
    def is_document(self) -> bool:
        return self.kind != "selfie"

    @property
    def reads(self) -> str:
        """How print runs: "rows", "columns" (the document lies on its side), "" where unsure."""
        level, upright = (
            sum(max(box[2] - box[0], box[3] - box[1]) for box in one)
            for one in (self.rows, self.columns)
        )
        if level > 1.5 * upright:
            return "rows"
        return "columns" if upright > 1.5 * level else ""

    @property
    def across(self) -> tuple[str, str]:
        """The sides lines of print run towards."""
        return ("top", "bottom") if self.reads == "columns" else ("left", "right")


def view_of(picture: Picture, kind: str) -> View:
    small = downscaled(picture, WORK_PX)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    scale = max(small.shape[:2]) / max(picture.shape[:2])
    if kind == "selfie":
        return View(kind, picture, small, grey, None, _middle(grey.shape), scale, [], [])
    whole = np.ones(grey.shape, bool)
    page = find_page(small)
    rows = measures.text_rows(grey)
    columns = [
        (left, top, right, bottom)
        for top, left, bottom, right in measures.text_rows(np.ascontiguousarray(grey.T))
    ]
    if page is not None and _is_part(page, rows, columns, grey.shape):
        page = None
    region = whole if page is None else page.mask(grey.shape)
    if page is not None:
        rows, columns = ([box for box in one if _inside(box, region)] for one in (rows, columns))
    return View(kind, picture, small, grey, page, region, scale, rows, columns)


def _is_part(
    page: Page,
    rows: list[measures.Box],
    columns: list[measures.Box],
    shape: tuple[int, ...],
) -> bool:
    """Whether the "page" is a portrait or a box on the document: print goes on outside of it."""
    region = page.mask(shape)
    if page.area_share >= PART_SHARE_MOST:
        return False
    lines = max((rows, columns), key=len)
    outside = sum(1 for box in lines if not _inside(box, region))
    return outside >= 2 and outside > 0.4 * len(lines)


def _inside(box: measures.Box, region: measures.Mask) -> bool:
    left, top, right, bottom = box
    return bool(
        region[
            min((top + bottom) // 2, region.shape[0] - 1),
            min((left + right) // 2, region.shape[1] - 1),
        ]
    )


def _middle(shape: tuple[int, ...]) -> measures.Mask:
    """Return the oval where the page asks for the face."""
    oval = np.zeros(shape[:2], np.uint8)
    height, width = shape[:2]
    cv2.ellipse(
        oval,
        (width // 2, height // 2),
        (max(1, width * 3 // 10), max(1, height * 4 // 10)),
        0,
        0,
        360,
        1,
        -1,
    )
    return oval.astype(bool)
