"""Forensics: traces of screens, of pasting and of double saving, each a score in [0, 1].

    screen_moire     two grids, the display's and the camera's, beat: lone peaks in the spectrum
    ela_score        error level: a pasted patch loses more than the rest when saved once more
    copy_move        the same patch at two places: key points that agree with each other

Whether a picture was saved twice as a whole says nothing here: intake saves every picture once
more, and so do messengers. What differs is a part that was saved less often than the rest.

All are hints: printed patterns beat as well, honest pictures are edited by the phone that takes
them. The error rates are measured (`identity/picture_rates.py`,
docs/cards/document.md) on simulations, which are kinder than the world. A score of 0.5 is where
the hint begins to count.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture

Grey = NDArray[np.uint8]

_TILE_PX = 256
_TILES_ACROSS = 3


def screen_moire(picture: Picture) -> float:
    """Return how much the picture looks photographed from a screen.

    Judged at the picture's own resolution: scaling takes the beat away or makes another.
    """
    channels = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    light, red, blue = (_spectral_peak(np.asarray(channels[..., k])) for k in range(3))
    # Print beats in brightness alone; sub-pixels of a display beat in colour too.
    return _squashed(0.3 * light + 0.35 * (red + blue), half=3.8, width=0.55)


def _spectral_peak(channel: Grey) -> float:
    """Return how far the highest lone peak of the spectrum stands out, in nepers of power.

    The mean of log spectra over tiles: what repeats everywhere stays, what is written somewhere
    averages out. Frequencies on the axes are left out: rows of print, and JPEG's blocks.
    """
    height, width = channel.shape
    tile = min(_TILE_PX, 128 if min(height, width) < _TILE_PX else _TILE_PX)
    if min(height, width) < tile:
        return 0.0
    window = np.outer(np.hanning(tile), np.hanning(tile)).astype(np.float32)
    tops = _places(height, tile)
    lefts = _places(width, tile)
    total = np.zeros((tile, tile), np.float32)
    for top in tops:
        for left in lefts:
            patch = channel[top : top + tile, left : left + tile].astype(np.float32)
            patch -= cv2.GaussianBlur(patch, (0, 0), 4)
            bound = 3 * float(patch.std()) + 1e-3
            waves = cv2.dft(patch.clip(-bound, bound) * window, flags=cv2.DFT_COMPLEX_OUTPUT)
            power = waves[..., 0] ** 2 + waves[..., 1] ** 2
            total += cv2.log(power + np.float32(1e-3 * float(power.mean()) + 1e-6))
    spectrum = np.fft.fftshift(total / (len(tops) * len(lefts))).astype(np.float32)
    standing = cv2.GaussianBlur(spectrum, (0, 0), 0.8) - _floor(spectrum)
    down, across = np.meshgrid(*(np.fft.fftshift(np.fft.fftfreq(tile)),) * 2, indexing="ij")
    radius = np.hypot(down, across)
    off_axes = (np.abs(down) >= 1.5 / tile) & (np.abs(across) >= 1.5 / tile)
    return float(standing[(radius > 0.08) & (radius < 0.5) & off_axes].max())


def _places(length: int, tile: int) -> list[int]:
    count = min(_TILES_ACROSS, max(1, length // tile))
    return [int(at) for at in np.linspace(0, length - tile, count)]


def _floor(spectrum: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the spectrum without its peaks (a wide median, on 8 bits as OpenCV wants it)."""
    low, high = float(spectrum.min()), float(spectrum.max())
    span = max(high - low, 1e-6)
    coarse = cv2.medianBlur(((spectrum - low) / span * 255).astype(np.uint8), 31)
    smooth = cv2.GaussianBlur(coarse.astype(np.float32) / 255 * span + low, (0, 0), 3)
    return np.asarray(smooth, np.float32)


def _squashed(value: float, *, half: float, width: float) -> float:
    """Return a value as a score: 0.5 at `half`, 0.88 two widths above."""
    return float(1.0 / (1.0 + np.exp(-(value - half) / width)))


def ela_score(picture: Picture, *, quality: int = 90) -> float:
    """Return how unevenly the picture loses when it is saved once more (error level analysis).

    What was pasted after the last saving has not settled yet: it loses more than all the rest of
    its kind. Compared are blocks of alike texture, since print always loses more than paper.
    """
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    again = _saved(grey, quality)
    loss = np.abs(grey.astype(np.float32) - again)
    block = 16
    high, wide = grey.shape[0] // block, grey.shape[1] // block
    if min(high, wide) < 8:
        return 0.0
    lost = _blocks(loss, block).mean(axis=(1, 3)).ravel()
    detail = _blocks(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), block).mean(axis=(1, 3)).ravel()
    order = np.argsort(detail)
    # Against the median of the 100 blocks nearest in texture.
    ranked = lost[order]
    expected = _running_median(ranked, 101)
    excess = np.zeros_like(lost)
    spread = _running_median(np.abs(ranked - expected), 101) + 0.05
    excess[order] = (ranked - expected) / spread
    # A patch is many such blocks together.
    together = cv2.blur(excess.reshape(high, wide).clip(-6, 12).astype(np.float32), (5, 3))
    return _squashed(float(together.max()), half=3.6, width=0.7)


def copy_move(picture: Picture) -> float:
    """Return how surely a patch of the picture stands at a second place as well.

    Corners that look the same (ORB) and agree on one shift. Letters look alike too, so what must
    agree are many corners over an area, moved by one and the same vector.
    """
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    finder = cv2.ORB.create(nfeatures=3000, fastThreshold=5, scaleFactor=1.2, nlevels=1)
    points, marks = finder.detectAndCompute(grey, None)
    if marks is None or len(points) < 50:
        return 0.0
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(marks, marks, k=2)
    places = np.array([point.pt for point in points])
    moves, starts = [], []
    for pair in pairs:
        other = next((one for one in pair if one.trainIdx != one.queryIdx), None)
        if other is None or other.distance > 18:
            continue
        move = places[other.trainIdx] - places[other.queryIdx]
        if np.hypot(*move) < 24:
            continue
        sign = 1.0 if (move[0], move[1]) > (0.0, 0.0) else -1.0
        moves.append(move * sign)
        starts.append(places[other.queryIdx if sign > 0 else other.trainIdx])
    if len(moves) < 8:
        return 0.0
    agreed = _largest_agreement(np.array(moves), np.array(starts), places)
    return _squashed(agreed, half=16.0, width=3.0)


def _saved(grey: Grey, quality: int) -> NDArray[np.float32]:
    done, packed = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.float32)


def _blocks(values: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Return the values as (rows, side, columns, side)."""
    high, wide = values.shape[0] // side, values.shape[1] // side
    return values[: high * side, : wide * side].reshape(high, side, wide, side)


def _running_median(values: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    half = width // 2
    padded = np.pad(values, half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    return np.asarray(np.median(windows, axis=1), np.float32)


def _largest_agreement(
    moves: NDArray[np.float64], starts: NDArray[np.float64], corners: NDArray[np.float64]
) -> float:
    """Return how many corners of one area, at different places, moved alike (3 px).

    In a copied patch most corners of the area move together; where letters happen to repeat, a few
    of many do.
    """
    cells = np.round(moves / 3.0).astype(int)
    _, group, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    best = 0
    for at in np.argsort(-counts)[:5]:
        apart = np.unique(np.round(starts[group.ravel() == at] / 5.0), axis=0) * 5.0
        if len(apart) < 6:
            continue
        low, high = np.quantile(apart, (0.1, 0.9), axis=0)
        if min(high - low) < 15:
            continue
        inside = apart[((apart >= low) & (apart <= high)).all(axis=1)]
        near = corners[((corners >= low - 3) & (corners <= high + 3)).all(axis=1)]
        among = np.unique(np.round(near / 5.0), axis=0)
        if len(inside) >= 0.4 * len(among):
            best = max(best, len(apart))
    return float(best)
