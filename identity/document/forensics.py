"""Forensics: traces of screens, of pasting and of double saving, each a score in [0, 1].

    screen_moire     two grids, the display's and the camera's, beat: lone peaks in the spectrum
    ela_score        error level: a pasted patch loses more than the rest when saved once more
    copy_move        the same patch at two places: key points that agree with each other
    recompression    saved as JPEG more than once: coefficients in combs

All are hints: printed patterns beat as well, honest pictures are edited by the phone that takes
them, messengers save twice. The error rates are measured (`identity/document/forensics_rates.py`,
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
    return _squashed(0.3 * light + 0.35 * (red + blue), half=4.2, width=0.55)


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
