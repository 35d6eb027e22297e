"""What a recording gives away by itself: flatness, repetition, a screen, a cut.

    relief      turned, the nose moves against the cheeks; on paper it does not
    repetition  the same frame twice, seconds apart, nearer than neighbours are: a loop
    raster      a fine regular pattern that skin does not have: pixels seen by pixels
    jump        the face elsewhere, or larger, from one frame to the next
    cut         the whole scene another one, from one frame to the next

Pure: numbers out, the judge decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.liveness.watching import Watch

#: Landmarks fixed to the skull: jaw, nose, corners of the eyes.
_RIGID: Final = [*range(0, 17, 2), *range(27, 36), 36, 39, 42, 45]
_APART_MS: Final = 900.0
#: Pixels of a thumb by which a hand may shift the whole scene from one frame to the next.
_SHIFT: Final = 3


def relief(seen: Watch, straight: int, turned: int) -> float:
    """Return how badly a flat sheet explains the move from frame `straight` to `turned`.

    Root mean square of what an affine map leaves, by the distance of the eyes: about 0.02 for
    paper, above 0.1 for a head turned by 20°.
    """
    from_, to = seen.points[straight][_RIGID], seen.points[turned][_RIGID]
    if np.isnan(from_).any() or np.isnan(to).any():
        return 0.0
    design = np.concatenate([from_, np.ones((len(from_), 1))], axis=1)
    flat, *_ = np.linalg.lstsq(design, to, rcond=None)
    left = np.sqrt(((design @ flat - to) ** 2).sum(axis=1).mean())
    eyes = np.linalg.norm(
        seen.points[straight][36:42].mean(axis=0) - seen.points[straight][42:48].mean(axis=0)
    )
    return float(left / max(float(eyes), 1e-6))


def repetition(seen: Watch) -> float:
    """Return the share of frames that come again, 0.9 s or more apart, as good as unchanged.

    As good as unchanged: a third of the difference that neighbouring frames usually have, since
    no one holds that still and no camera is that quiet.
    """
    count = len(seen.thumbs)
    if count < 6:
        return 0.0
    flat = seen.thumbs.reshape(count, -1)
    difference = np.array([np.abs(flat - one).mean(axis=1) for one in flat])
    neighbours = float(np.median(np.diag(difference, 1)))
    apart = np.abs(seen.at_ms[:, None] - seen.at_ms[None, :]) >= _APART_MS
    again = (apart & (difference <= neighbours / 3)).any(axis=1)
    return float(again.mean())


def jump(seen: Watch) -> float:
    """Return the largest step of the face between two frames that show it, in its own widths."""
    known = np.flatnonzero(seen.has_face)
    if len(known) < 2:
        return 0.0
    steps = np.linalg.norm(np.diff(seen.centre[known], axis=0), axis=1)
    # Longer pauses may hold longer ways; 400 ms is two frames of a slow phone.
    pauses = np.maximum(np.diff(seen.at_ms[known]) / 400.0, 1.0)
    sizes = np.abs(np.diff(np.log(np.maximum(seen.width[known], 1.0))))
    return float(max((steps / pauses).max(), (sizes / pauses).max()))


def cut(seen: Watch) -> float:
    """Return the largest change of the scene between neighbouring frames, in grey levels of 255.

    Median over the frame, brightness aside, at the shift that fits best: a head moves over less
    than half of the frame, and a hand that holds a phone shifts all of it. A person turning stays
    below 4; another room is above 15.
    """
    if len(seen.thumbs) < 2:
        return 0.0
    before, after = seen.thumbs[:-1], seen.thumbs[1:, _SHIFT:-_SHIFT, _SHIFT:-_SHIFT]
    height, width = after.shape[1:]
    least = np.full(len(after), np.inf)
    for down, right in product(range(2 * _SHIFT + 1), repeat=2):
        change = after - before[:, down : down + height, right : right + width]
        change = change - np.median(change, axis=(1, 2), keepdims=True)
        least = np.minimum(least, np.median(np.abs(change), axis=(1, 2)))
    return float(least.max())


def raster(pictures: Sequence[Picture], seen: Watch) -> float:
    """Return how far the strongest fine pattern stands out of the face's spectrum.

    Median over three frames. Faces before a camera: 3 to 9; a raster of pixels: 14 and more.
    """
    known = np.flatnonzero(seen.has_face)
    if not len(known):
        return 0.0
    chosen = known[np.linspace(0, len(known) - 1, 3).astype(int)]
    return float(np.median([_raster_of(pictures[index], seen.face(index).box) for index in chosen]))


def _raster_of(picture: Picture, box: tuple[int, int, int, int]) -> float:
    left, top, right, bottom = (max(edge, 0) for edge in box)
    face = cv2.cvtColor(picture[top:bottom, left:right], cv2.COLOR_RGB2GRAY).astype(np.float32)
    side = min(face.shape[:2])
    if side < 64:
        return 0.0
    face = face[:side, :side] - cv2.GaussianBlur(face[:side, :side], (0, 0), 2.0)
    window = np.hanning(side).astype(np.float32)
    spectrum = np.abs(np.fft.fftshift(np.fft.fft2(face * window[:, None] * window[None, :])))
    rows, columns = np.mgrid[0:side, 0:side] - side // 2
    radius = np.hypot(rows, columns) / side
    # JPEG draws its own pattern along the axes, at multiples of 1/8.
    fine = (radius > 0.2) & (radius < 0.5) & (np.abs(rows) > 1) & (np.abs(columns) > 1)
    values: NDArray[np.float64] = spectrum[fine]
    return float(values.max() / (np.median(values) * 4 + 1e-6))
