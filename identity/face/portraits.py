"""The holder's portrait on a document: the largest face, with its frame.

    page ─▶ faces ─▶ the largest (ghost images are smaller copies) ─▶ crop with hair and chin

The crop stands upright, also where the document lies on its side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from identity.document.reading import DocumentReading, Picture
from identity.face.faces import Face, find_faces
from identity.face.models import Box

#: How much of the face's box is kept beside, above and below it.
_BESIDE, _ABOVE, _BELOW = 0.45, 0.6, 0.45


@dataclass(frozen=True, slots=True)
class Portrait:
    """A portrait: its picture, and where it was, (left, top, right, bottom) within the page."""

    crop: Picture
    box: Box
    face: Face


def find_portrait(page: Picture) -> Portrait | None:
    """Return the largest face of the page with its surroundings, upright, or None."""
    faces = find_faces(page)
    if not faces:
        return None
    face = max(faces, key=lambda one: one.width_px)
    height, width = page.shape[:2]
    side = face.width_px
    beside, above, below = round(_BESIDE * side), round(_ABOVE * side), round(_BELOW * side)
    box = (
        max(face.box[0] - beside, 0),
        max(face.box[1] - above, 0),
        min(face.box[2] + beside, width),
        min(face.box[3] + (below if face.turned == 0 else above), height),
    )
    crop = page[box[1] : box[3], box[0] : box[2]]
    return Portrait(np.ascontiguousarray(np.rot90(crop, -face.turned // 90)), box, face)


def portrait_of(reading: DocumentReading, front: Picture) -> Picture | None:
    """Return the crop of the holder's portrait: from the page, else from the picture as sent."""
    for page in (reading.page, front):
        if page is None:
            continue
        found = find_portrait(page)
        if found is not None:
            return found.crop
    return None
