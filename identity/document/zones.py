"""Find the machine-readable zone of a picture, in any orientation.

    look     at          as it is   mirrored
    first    960 px         1          2
    second   1,600 px       3          4       only for larger pictures

The first zone ends the search. Where its check digits fail, other readers are asked (voters.py),
and doubtful cells may be mended (decoding.py). A zone whose digits fail is kept only if it reads
clearly and its characters suit their positions: text that merely looks alike is no zone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document import voters
from identity.document.blocks import Block, find_blocks
from identity.document.decoding import Decoded, decode
from identity.document.reading import Mrz, Picture
from identity.document.text import CLOSE_LOOK_PX, LOOK_PX, TextLine, find_text

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Larger pictures are made smaller: a page that fills one then has 40 px a character.
LONGEST_PX = 2600
_SCORE_LEAST = -0.6
_FAILING_SCORE_LEAST = -0.3
_FAILING_SHAPE_LEAST = 0.93


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone found. `picture` is the one its places refer to: turned round where mirrored."""

    mrz: Mrz
    block: Block
    picture: Picture
    is_mirrored: bool
    score: float


def find_zone(picture: Picture) -> Zone | None:
    """Return the zone of a picture (RGB, see `as_picture`), or None where there is none."""
    found = find_zone_among([picture])
    return None if found is None else found[1]


def find_zone_among(pictures: Sequence[Picture]) -> tuple[int, Zone] | None:
    """Return which of the pictures of one document carries a zone, and the zone; or None.

    All are given a look before any is given a closer one: to be sure that a side has no zone costs
    more than to find it on the other.
    """
    for look_px in (LOOK_PX, CLOSE_LOOK_PX):
        seen = [
            (at, picture, find_text(picture, look_px=look_px))
            for at, picture in enumerate(pictures)
            if look_px == LOOK_PX or max(picture.shape[:2]) > 1.1 * LOOK_PX
        ]
        for is_mirrored in (False, True):
            for at, picture, lines in seen:
                found = _in_lines(picture, lines, is_mirrored=is_mirrored)
                if found is not None:
                    return at, found
    return None


def _in_lines(picture: Picture, lines: list[TextLine], *, is_mirrored: bool) -> Zone | None:
    if is_mirrored:
        picture = np.ascontiguousarray(picture[:, ::-1])
        lines = [_mirrored(line, picture.shape[1]) for line in lines]
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    best: Zone | None = None
    for block in find_blocks(grey, lines):
        found = decode(block)
        if found is None or not is_zone(found):
            continue
        if not found.mrz.is_valid:
            votes = voters.votes_on(grey, block, found.mrz.lines)
            found = decode(block, votes=votes) or found
        zone = Zone(found.mrz, block, picture, is_mirrored, found.score)
        if zone.mrz.is_valid:
            return zone
        if best is None or zone.score > best.score:
            best = zone
    return best


def is_zone(found: Decoded) -> bool:
    """Whether a decoded block is a zone, and not text that looks like one."""
    if found.mrz.is_valid:
        return found.score > _SCORE_LEAST
    return found.score > _FAILING_SCORE_LEAST and found.shape > _FAILING_SHAPE_LEAST


def _mirrored(line: TextLine, width: int) -> TextLine:
    start, end = ((width - 1 - x, y) for x, y in (line.start, line.end))
    return replace(line, start=end, end=start)


def as_picture(picture: NDArray[np.uint8]) -> Picture:
    """Return RGB of at most LONGEST_PX and at least 16 px a side, whatever was given."""
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    picture = picture[..., :3] if picture.shape[2] >= 3 else np.repeat(picture[..., :1], 3, axis=2)
    scale = LONGEST_PX / max(picture.shape[:2])
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in picture.shape[:2])
        picture = np.asarray(
            cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8
        )
    below = [max(0, 16 - side) for side in picture.shape[:2]]
    if any(below):
        picture = np.pad(picture, ((0, below[0]), (0, below[1]), (0, 0)), mode="edge")
    return np.ascontiguousarray(picture)
