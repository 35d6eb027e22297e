"""Portraits for documents: an invented face, looking straight into the camera."""

from __future__ import annotations

from identity.document.reading import Picture
from identity.specimens.faces import render_face


def make_portrait(seed: int, *, size_px: int = 384) -> Picture:
    """Return the portrait of one invented face, RGB. The same seed is the same person."""
    return render_face(seed, size_px=size_px)
