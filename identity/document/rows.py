"""A row of a zone: characters on their places in the picture, and what the net reads there.

    TextLine ─▶ strip ─▶ grid ─▶ places in the picture ─▶ windows cut from the picture itself,
    with small misplacements ─▶ mean log P per character

The grid is found on the strip; the characters are read from the picture, once more and better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document import grids, strips
from identity.document.ocrb import CAP, GAP, PITCH, WINDOW_HEIGHT, WINDOW_WIDTH, Floats, load_ocrb
from identity.document.strips import Strip
from identity.document.text import TextLine

#: Widths of the formats of Doc 9303.
COUNTS = (30, 36, 44)
#: A grid this good needs no other pitch tried, a row no longer line.
FIT_GOOD = -0.12


@dataclass(frozen=True, slots=True)
class Row:
    """One line on its grid.

    `places`: points (x, y) in the picture, the middles of its characters, shape (n, 2).
    `log_p`: log P of each character of ALPHABET, shape (n, 37). `score`: mean log P of the best.
    `fit`: the same on the strip, less what stands before the first and behind the last.
    """

    places: NDArray[np.float64]
    cap_px: float
    log_p: Floats
    score: float
    fit: float

    @property
    def along(self) -> NDArray[np.float64]:
        """From the first to the last character, shape (2,)."""
        step: NDArray[np.float64] = self.places[-1] - self.places[0]
        return step

    @property
    def pitch_px(self) -> float:
        """Distance of neighbouring characters."""
        return float(np.hypot(*self.along)) / (len(self.places) - 1)


def pitch_px(strip: Strip, pitch: float) -> float:
    """Return a pitch in columns of the strip as pixels of the picture."""
    length = float(np.hypot(*np.diff(strip.axis, axis=0).T).sum())
    return float(pitch * length / strip.grey.shape[1])


def read_row(
    grey: NDArray[np.uint8], line: TextLine, *, backwards: bool, pitch: float,
    counts: Sequence[int] = COUNTS,
) -> Row | None:  # fmt: skip
    """Return the line read on its best grid; `pitch` in px is tried with its neighbours."""
    strip = strips.cut_strip(grey, line, backwards=backwards)
    if strip is None:
        return None
    columns_per_px = pitch / pitch_px(strip, 1.0)
    found = _best_grid(strip, columns_per_px, (1.0, 0.95, 1.05), counts)
    if found is None:
        return None
    even = strips.evened(strip, found.columns)
    if even is not None:
        again = _best_grid(even, float(PITCH), (1.0, 0.97, 1.03), counts)
        if again is not None and again.fit > found.fit:
            strip, found = even, again
    return _row_at(grey, strip, found)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Characters at `columns` of a strip; `fit`: mean log P of them and of nothing around them."""

    columns: NDArray[np.float64]
    fit: float


def _best_grid(
    strip: Strip, pitch: float, factors: Sequence[float], counts: Sequence[int]
) -> _Grid | None:
    """Return the best grid of `pitch` columns of the strip times one of the factors."""
    best: _Grid | None = None
    for factor in factors:
        shape = grids.profile(strip, pitch * factor)
        for count in counts:
            if len(shape.best) < PITCH * count:
                continue
            scores, steps = grids.start_scores(shape.best, shape.scores[:, GAP], count)
            start = int(scores.argmax())
            fit = float(scores[start]) / (count + 2)
            if fit > -50 and (best is None or fit > best.fit):
                columns = np.array(grids.follow(start, steps)) / shape.pitch_scale
                best = _Grid(columns, fit)
        if best is not None and best.fit > FIT_GOOD:
            break
    return best


#: Small misplacements over which the reading is averaged: x in pitches, y and height in capitals.
_WOBBLE_X = (-0.05, 0.05)
_WOBBLE = ((0.0, 1.0), (0.05, 1.0), (-0.05, 1.0), (0.0, 0.93), (0.0, 1.07))


def _row_at(grey: NDArray[np.uint8], strip: Strip, grid: _Grid) -> Row:
    """Return the row whose characters stand on this grid of the strip."""
    columns = grid.columns
    at = np.arange(len(strip.axis))
    places = np.stack([np.interp(columns, at, strip.axis[:, axis]) for axis in (0, 1)], axis=1)
    log_p = read_places(grey, places, strip.cap_px)
    return Row(places, strip.cap_px, log_p, float(log_p.max(axis=1).mean()), grid.fit)


def read_places(
    grey: NDArray[np.uint8], places: NDArray[np.float64], cap_px: float, *, slant: float = 0.0
) -> Floats:
    """Return log P of the characters at these places, averaged over small misplacements.

    slant: how far letters lean along the line, in heights of a capital.
    """
    along = (places[-1] - places[0]) / (len(places) - 1)
    unit = along / max(float(np.hypot(*along)), 1e-9)
    across = (np.array([-unit[1], unit[0]]) + slant * unit) * cap_px
    several = cut_places(
        grey,
        [
            Cut(places + x * along + y * across, along, across * height)
            for x in _WOBBLE_X
            for y, height in _WOBBLE
        ],
    )
    log_p = load_ocrb().log_probabilities(several.reshape(-1, WINDOW_HEIGHT, WINDOW_WIDTH))
    log_p = log_p.reshape(len(several), len(places), -1)
    quality = log_p[:, :, :GAP].max(axis=2).mean(axis=1)
    weights = np.exp(4 * (quality - quality.max()))
    mean = np.tensordot(weights / weights.sum(), log_p, axes=1)[:, :GAP]
    norm = np.log(np.exp(mean).sum(axis=1, keepdims=True))
    found: Floats = (mean - norm).astype(np.float32)
    # What is lost to GAP counts against the row, not against its letters.
    return np.asarray(found + np.minimum(0.0, norm) * 0.5, np.float32)


@dataclass(frozen=True, slots=True)
class Cut:
    """Windows to cut: centred on `places`, shape (n, 2); one pitch and one capital in px."""

    places: NDArray[np.float64]
    along: NDArray[np.float64]
    across: NDArray[np.float64]


def cut_places(grey: NDArray[np.uint8], cuts: Sequence[Cut]) -> Floats:
    """Return the windows of cuts of as many places each, shape (cuts, n, height, width).

    The part of the picture that holds them all is made small once, for all of them.
    """
    shape = (len(cuts), len(cuts[0].places), WINDOW_HEIGHT, WINDOW_WIDTH)
    inside = [
        _COLUMNS[None, :, None] * cut.along + _ROWS[:, None, None] * cut.across for cut in cuts
    ]
    # Windows are moved, not turned, so the outermost place and the outermost offset tell the rim.
    pairs = list(zip(cuts, inside, strict=True))
    lows = [cut.places.min(axis=0) + offset.min(axis=(0, 1)) for cut, offset in pairs]
    highs = [cut.places.max(axis=0) + offset.max(axis=(0, 1)) for cut, offset in pairs]
    low = np.maximum(np.floor(np.min(lows, axis=0)) - 4, 0).astype(int)
    high = np.ceil(np.max(highs, axis=0)).astype(int) + 5
    part = grey[low[1] : max(high[1], low[1] + 1), low[0] : max(high[0], low[0] + 1)]
    if part.size == 0:
        return np.zeros(shape, np.float32)
    shrink = min(
        min(float(np.hypot(*cut.along)) / PITCH, float(np.hypot(*cut.across)) / CAP) for cut in cuts
    )
    by = np.ones(2)
    if shrink > 1.3:
        size = tuple(max(1, round(side * 1.3 / shrink)) for side in part.shape[::-1])
        by = np.array(size) / part.shape[::-1]
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    values = part.astype(np.float32)
    found = np.empty(shape, np.float32)
    for at, (cut, offset) in enumerate(pairs):
        # Scaled before they are added: there are far fewer places and offsets than sums.
        starts = ((cut.places - low + 0.5) * by - 0.5).astype(np.float32)
        offsets = (offset * by).astype(np.float32)
        x = (starts[:, None, None, 0] + offsets[None, ..., 0]).reshape(-1, WINDOW_WIDTH)
        y = (starts[:, None, None, 1] + offsets[None, ..., 1]).reshape(-1, WINDOW_WIDTH)
        found[at] = cv2.remap(
            values, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ).reshape(shape[1:])
    return found


_COLUMNS = (np.arange(WINDOW_WIDTH) - (WINDOW_WIDTH - 1) / 2) / PITCH
_ROWS = (np.arange(WINDOW_HEIGHT) - (WINDOW_HEIGHT - 1) / 2) / CAP
