"""The grid of a line: N characters one pitch apart, found by what the net says at every x.

    strip × pitch ─▶ the net at every x ─▶ best path: N middles, steps of PITCH ± 2 px
                                            and nothing before the first and behind the last

So the number of characters (30, 36, 44) is found, not assumed, and a line that widens towards the
camera is followed.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.ocrb import GAP, PITCH, WINDOW_HEIGHT, WINDOW_WIDTH, Floats, load_ocrb
from identity.document.strips import Strip

#: How many pixels a step may be longer or shorter than PITCH, and what each costs, in nats.
_STEPS = (-2, -1, 0, 1, 2)
_STEP_COST = 0.12
NONE = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the net says at each x of a strip scaled to PITCH: log P, shape (w, classes)."""

    scores: Floats
    pitch_scale: float

    @property
    def best(self) -> Floats:
        """The best character at each x, shape (w,)."""
        found: Floats = self.scores[:, :GAP].max(axis=1)
        return found


def profile(strip: Strip, pitch: float, *, step: int = 1) -> Profile:
    """Return what the net says along the strip when its pitch (in columns) is this."""
    scale = PITCH / pitch
    width = max(WINDOW_WIDTH + 1, round(strip.grey.shape[1] * scale))
    grey = strip.grey
    if scale < 0.8:
        grey = cv2.GaussianBlur(grey, (0, 0), 0.35 / scale, sigmaY=1e-3)
    scaled = cv2.resize(grey, (width, WINDOW_HEIGHT), interpolation=cv2.INTER_LINEAR)
    padded = np.pad(scaled, ((0, 0), (WINDOW_WIDTH // 2, WINDOW_WIDTH // 2)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_WIDTH, axis=1)
    windows = windows.transpose(1, 0, 2)[:width:step]
    return Profile(load_ocrb().log_probabilities(np.ascontiguousarray(windows)), scale)


def start_scores(best: Floats, gap: Floats, count: int) -> tuple[Floats, NDArray[np.int8]]:
    """Return for each x the score of `count` characters of which the first stands there.

    The second array, shape (count, w), holds the step (px off PITCH) taken after each.
    """
    width = len(best)
    after = np.full(width, NONE, np.float32)
    after[:] = _outside(gap, 1)
    score = best + after
    steps = np.zeros((count, width), np.int8)
    for at in range(count - 2, -1, -1):
        options = np.stack(
            [
                _shift(score, PITCH + step, fill=float(NONE)) - _STEP_COST * abs(step)
                for step in _STEPS
            ]
        )
        chosen = options.argmax(axis=0)
        steps[at] = chosen + _STEPS[0]
        score = best + np.take_along_axis(options, chosen[None], axis=0)[0]
    return (score + _outside(gap, -1)).astype(np.float32), steps


def _outside(gap: Floats, side: int) -> Floats:
    """Return the cost of text right (1) or left (-1) of each x: log P(GAP) where it is least.

    The least, not the mean: half way to the next character the net says GAP as well.
    """
    first, last = round(0.7 * PITCH), round(2.1 * PITCH)
    shifted = [_shift(gap, side * by, fill=0.0) for by in range(first, last)]
    found: Floats = 1.5 * np.maximum(np.min(shifted, axis=0), -6.0)
    return found


def _shift(values: Floats, by: int, *, fill: float) -> Floats:
    """Return values[x + by] at each x."""
    found = np.full(len(values), fill, np.float32)
    if abs(by) >= len(values):
        return found
    if by >= 0:
        found[: len(values) - by] = values[by:]
    else:
        found[-by:] = values[:by]
    return found


def follow(start: int, steps: NDArray[np.int8]) -> list[int]:
    """Return the middles of a grid that starts at `start`."""
    places = [start]
    for at in range(len(steps) - 1):
        places.append(places[-1] + PITCH + int(steps[at][places[-1]]))
    return places
