"""One line of text cut out straight: its axis, its height, its likely pitch.

    TextLine ─▶ rough strip ─▶ rows with ink, piece by piece ─▶ bent axis ─▶ fine strip
    fine strip ─▶ its echo with itself ─▶ likely pitches

What stands in it is read on a grid (identity/document/grids.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.ocrb import CAP, PITCH, WINDOW_HEIGHT, Floats
from identity.document.text import TextLine

#: Rough strips: a capital is about this high, with as much again above and below.
_ROUGH_CAP = 20
_ROUGH_HEIGHT = 60
#: Free room left and right of the line's ends, in capitals.
_ROOM = 2.5
_PIECES = 8
#: Likely pitch of OCR-B in heights of a capital; wide, because pictures are squeezed.
_PITCH_LEAST, _PITCH_MOST = 0.62, 1.45


@dataclass(frozen=True, slots=True)
class Strip:
    """A line straightened: grey, shape (WINDOW_HEIGHT, w), CAP px high, before its pitch is known.

    `axis` are points (x, y) in the picture along the middle of the line, first to last column.
    """

    grey: Floats
    cap_px: float
    axis: NDArray[np.float64]


def cut_strip(grey: NDArray[np.uint8], line: TextLine, *, backwards: bool) -> Strip | None:
    """Return the line straightened, read from its end where `backwards`; None for a speck."""
    start, end = np.array(line.start), np.array(line.end)
    if backwards:
        start, end = end, start
    if line.length < 8 * line.height or line.height < 2:
        return None
    along = (end - start) / line.length
    across = np.array([-along[1], along[0]])
    room = _ROOM * line.height
    start, end = start - along * room, end + along * room
    columns = max(64, round((line.length + 2 * room) / line.height * _ROUGH_CAP))
    places = np.linspace(0, 1, columns)[:, None]
    axis = start + places * (end - start)
    rough = _sample(grey, axis, across, line.height / _ROUGH_CAP, _ROUGH_HEIGHT)
    found = _find_rows(rough)
    if found is None:
        return None
    middles, cap_rows = found
    cap_px = cap_rows * line.height / _ROUGH_CAP
    axis = axis + ((middles - (_ROUGH_HEIGHT - 1) / 2) * line.height / _ROUGH_CAP)[:, None] * across
    fine = _sample(grey, axis, across, cap_px / CAP, WINDOW_HEIGHT)
    return Strip(fine, cap_px, axis)


def _sample(
    grey: NDArray[np.uint8], axis: NDArray[np.float64], across: NDArray[np.float64],
    px_per_row: float, rows: int,
) -> Floats:  # fmt: skip
    """Return the picture sampled along an axis: rows × len(axis), averaged when made smaller."""
    px_per_column = float(np.hypot(*(axis[-1] - axis[0]))) / max(1, len(axis) - 1)
    shrink = min(px_per_row, px_per_column)
    low, high = axis.min(axis=0), axis.max(axis=0)
    margin = rows * px_per_row + 4
    left, top = np.maximum(0, np.floor(low - margin)).astype(int)
    right, bottom = np.ceil(high + margin).astype(int)
    part = grey[top : max(bottom, top + 1), left : max(right, left + 1)]
    if part.size == 0:
        return np.zeros((rows, len(axis)), np.float32)
    factor = 1.0
    if shrink > 1.3:
        factor = 1.3 / shrink
        size = (max(1, round(part.shape[1] * factor)), max(1, round(part.shape[0] * factor)))
        fx, fy = size[0] / part.shape[1], size[1] / part.shape[0]
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    else:
        fx = fy = 1.0
    offsets = (np.arange(rows) - (rows - 1) / 2) * px_per_row
    points = axis[None] + offsets[:, None, None] * across
    map_x = ((points[..., 0] - left + 0.5) * fx - 0.5).astype(np.float32)
    map_y = ((points[..., 1] - top + 0.5) * fy - 0.5).astype(np.float32)
    found: Floats = cv2.remap(
        part.astype(np.float32), map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return found


def _find_rows(rough: Floats) -> tuple[NDArray[np.float64], float] | None:
    """Return the middle row for each column and the height of capitals, in rows of the strip."""
    soft = cv2.GaussianBlur(rough, (0, 0), 1.0)
    edges = np.abs(cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3))
    edges = np.minimum(edges, np.percentile(edges, 97))
    # The neighbours are text as well: what is far from the middle counts less.
    rows = np.arange(len(rough))
    closeness = np.exp(-(((rows - rows.mean()) / (0.9 * _ROUGH_CAP)) ** 4))[:, None]
    columns = rough.shape[1]
    bounds = np.linspace(0, columns, _PIECES + 1).astype(int)
    whole = _rows_of(edges.mean(axis=1), closeness[:, 0])
    if whole is None:
        return None
    middle, cap = whole
    xs, ys, weights = [], [], []
    for first, last in pairwise(bounds):
        piece = edges[:, first:last].mean(axis=1)
        around = np.exp(-(((rows - middle) / (0.75 * cap)) ** 4))
        found = _centre(piece, around, cap)
        if found is not None:
            xs.append((first + last) / 2)
            ys.append(found[0])
            weights.append(found[1])
    at = np.arange(columns, dtype=np.float64)
    if len(xs) < 4:
        return np.full(columns, middle), cap
    fit = _robust_fit(np.array(xs) / columns, np.array(ys), np.array(weights))
    middles = np.polyval(fit, at / columns)
    straight = np.empty_like(edges)
    shift_y = (rows[:, None] + (middles - (len(rows) - 1) / 2)[None]).astype(np.float32)
    shift_x = np.broadcast_to(at[None], shift_y.shape).astype(np.float32)
    cv2.remap(edges, shift_x, shift_y, cv2.INTER_LINEAR, straight, cv2.BORDER_REPLICATE)
    again = _rows_of(straight.mean(axis=1), closeness[:, 0])
    if again is None:
        return middles, cap
    return middles + (again[0] - (len(rows) - 1) / 2), again[1]


def _rows_of(energy: Floats, closeness: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return middle and height of the band of rows around the strongest one."""
    values = (energy - np.percentile(energy, 5)) * closeness
    peak = int(values.argmax())
    level = 0.42 * float(np.percentile(values[max(0, peak - 5) : peak + 6], 70))
    if level <= 0:
        return None
    top, bottom = peak, peak
    while top > 0 and values[top - 1] > level:
        top -= 1
    while bottom < len(values) - 1 and values[bottom + 1] > level:
        bottom += 1
    high = float(bottom - top + 1)
    if top > 0:
        high += float((values[top] - level) / max(values[top] - values[top - 1], 1e-6)) - 0.5
    if bottom < len(values) - 1:
        high += (
            float((values[bottom] - level) / max(values[bottom] - values[bottom + 1], 1e-6)) - 0.5
        )
    if high < 6:
        return None
    return (top + bottom) / 2, high


def _centre(energy: Floats, around: NDArray[np.float64], cap: float) -> tuple[float, float] | None:
    """Return the row on which a band of `cap` rows holds the most ink, and how much."""
    values = (energy - energy.min()) * around
    size = max(3, round(cap))
    kernel = np.ones(size) / size
    held = np.convolve(values, kernel, mode="same")
    peak = int(held.argmax())
    if held[peak] <= 0:
        return None
    low, high = max(0, peak - size // 2), min(len(values), peak + size // 2 + 1)
    part = values[low:high]
    return float((np.arange(low, high) * part).sum() / max(part.sum(), 1e-9)), float(held[peak])


def _robust_fit(
    xs: NDArray[np.float64], ys: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a parabola through the points; the furthest third weighs less and less."""
    scale = weights / max(weights.max(), 1e-9)
    degree = 1
    fit = np.polyfit(xs, ys, degree, w=scale)
    for _ in range(3):
        off = np.abs(np.polyval(fit, xs) - ys)
        scale = weights / max(weights.max(), 1e-9) / (1 + (off / 1.0) ** 2)
        degree = 2 if len(xs) >= 6 else 1
        fit = np.polyfit(xs, ys, degree, w=scale)
    return fit


def evened(strip: Strip, columns: NDArray[np.float64]) -> Strip | None:
    """Return the strip stretched so that characters found at `columns` are evenly spaced.

    In a slanted view the near end of a line is wider. None where it is even already, within a
    third of a pitch, or where the places make no sense.
    """
    at = np.arange(len(columns), dtype=np.float64)
    line, curve = np.polyfit(at, columns, 1), np.polyfit(at, columns, 2)
    if np.abs(np.polyval(line, at) - np.polyval(curve, at)).max() < 0.3 * line[0]:
        return None
    # Characters that may stand before the first and behind the last are placed by the curve too.
    more = np.arange(-46, len(columns) + 46, dtype=np.float64)
    places = np.polyval(curve, more)
    pitches = np.diff(places)
    sane = np.flatnonzero((pitches < 0.6 * line[0]) | (pitches > 1.6 * line[0]))
    first = max((one + 1 for one in sane if more[one] < 0), default=0)
    last = min((one for one in sane if more[one] > 0), default=len(places) - 1)
    more, places = more[first : last + 1], places[first : last + 1]
    inside = (places >= 0) & (places < strip.grey.shape[1])
    if inside.sum() < len(columns):
        return None
    more, places = more[inside], places[inside]
    wanted = np.interp(np.arange(more[0], more[-1], 1 / PITCH), more, places)
    map_x = np.broadcast_to(wanted.astype(np.float32), (WINDOW_HEIGHT, len(wanted)))
    map_y = np.broadcast_to(
        np.arange(WINDOW_HEIGHT, dtype=np.float32)[:, None], (WINDOW_HEIGHT, len(wanted))
    )
    grey = cv2.remap(strip.grey, np.ascontiguousarray(map_x), np.ascontiguousarray(map_y), 1)
    columns_at = np.arange(len(strip.axis))
    axis = np.stack([np.interp(wanted, columns_at, strip.axis[:, one]) for one in (0, 1)], axis=1)
    return Strip(grey, strip.cap_px, axis)


def guess_pitches(strip: Strip) -> list[float]:
    """Return likely distances of characters, in columns of the strip, the likeliest first."""
    ratio = _columns_per_cap(strip)
    ink = cv2.GaussianBlur(strip.grey[4:-4], (0, 0), 1.0)
    edges = np.abs(np.diff(ink, axis=1)).mean(axis=0)
    signal = edges - cv2.blur(edges[None], (max(3, int(3 * ratio)), 1))[0]
    size = len(signal)
    power = np.abs(np.fft.rfft(signal, 4 * size)) ** 2
    echo = np.fft.irfft(power)[:size]
    lags = np.arange(size)
    least, most = int(_PITCH_LEAST * ratio), int(np.ceil(_PITCH_MOST * ratio))
    inside = (lags >= least) & (lags <= min(most, size - 2))
    if not inside.any():
        return [ratio]
    # A true pitch also echoes at its double and triple.
    value = echo / max(float(echo[0]), 1e-9)
    places = np.linspace(least, most, 120)
    strength = np.sum([np.interp(places * times, lags, value) for times in (1, 2, 3, 4, 5)], axis=0)
    peaks = [
        at
        for at in range(1, len(places) - 1)
        if strength[at] >= strength[at - 1] and strength[at] >= strength[at + 1]
    ]
    peaks.sort(key=lambda at: -strength[at])
    return [_refined(value, float(places[at])) for at in peaks[:2]] or [ratio]


def _refined(value: NDArray[np.float64], pitch: float) -> float:
    """Return the pitch sharpened on its far echoes."""
    lags = np.arange(len(value))
    for times in (4, 8, 14, 20):
        if pitch * times > len(value) * 0.7:
            break
        spread = 0.35 * pitch
        places = np.linspace(pitch * times - spread, pitch * times + spread, 41)
        strength = np.interp(places, lags, value)
        pitch = float(places[int(strength.argmax())]) / times
    return pitch


def _columns_per_cap(strip: Strip) -> float:
    length = float(np.hypot(*np.diff(strip.axis, axis=0).T).sum())
    return float(strip.grey.shape[1] / max(length, 1e-6) * strip.cap_px)
