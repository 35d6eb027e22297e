"""Gestures in the curves of a recording: when somebody turned, blinked, smiled.

    yaw    ───╮      ╭────     turn_right: 18° beyond the usual, until back within 10°
              ╰──────╯
    eyes   ────╮ ╭────────     blink: eyes at most 72 % as open as usual, face straight
               ╰─╯
    smile  ───────╭───╮───     smile: mouth 9 % wider than usual for two frames, face straight
                  ╯   ╰

"Usual" is this recording's own: the median while the face is straight. So narrow eyes, a wide
mouth or a camera held low change nothing.

Pure: a Watch in, gestures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from identity.liveness.watching import Curve, Watch

TURN_DEG: Final = 16.0
TURN_END_DEG: Final = 10.0
STRAIGHT_DEG: Final = 13.0
BLINK_SHARE: Final = 0.74
SMILE_SHARE: Final = 1.09
HELD_FRAMES: Final = 2


@dataclass(frozen=True, slots=True)
class Gesture:
    """One gesture: frames `first` to `last`, strongest at `peak`; `strength` 1 is just enough."""

    step: str
    first: int
    last: int
    peak: int
    strength: float


def gestures_of(seen: Watch) -> list[Gesture]:
    """Return all gestures in the order they began."""
    yaw = relative_yaw(seen)
    straight = np.abs(yaw) < STRAIGHT_DEG
    found = [
        *_runs("turn_left", yaw / TURN_DEG, TURN_END_DEG / TURN_DEG, HELD_FRAMES),
        *_runs("turn_right", -yaw / TURN_DEG, TURN_END_DEG / TURN_DEG, HELD_FRAMES),
        *_runs("blink", blink_curve(seen, straight), 0.8, 1),
        *_runs("smile", smile_curve(seen, straight), 0.6, HELD_FRAMES),
    ]
    return sorted(found, key=lambda one: one.first)


def relative_yaw(seen: Watch) -> Curve:
    """Return yaw against this recording's usual direction, smoothed over three frames."""
    if not seen.has_face.any():
        return seen.yaw
    usual = _usual_yaw(seen.yaw[seen.has_face])
    return _median3(seen.yaw - usual)


def blink_curve(seen: Watch, straight: NDArray[np.bool_]) -> Curve:
    """Return how shut the eyes are: 0 as open as usual, 1 just enough for a blink."""
    usual = _usual(seen.eyes, straight, 0.55)
    curve: Curve = (1 - seen.eyes / usual) / (1 - BLINK_SHARE)
    return np.where(straight, curve, np.nan)


def smile_curve(seen: Watch, straight: NDArray[np.bool_]) -> Curve:
    """Return how much wider the mouth is: 0 as usual, 1 just enough for a smile."""
    usual = _usual(seen.smile, straight, 0.35)
    curve: Curve = (seen.smile / usual - 1) / (SMILE_SHARE - 1)
    return np.where(straight, curve, np.nan)


def missing_steps(gestures: Sequence[Gesture], steps: Sequence[str]) -> tuple[str, ...]:
    """Return the steps nobody did, in any order."""
    done = {one.step for one in gestures}
    return tuple(step for step in steps if step not in done)


def matched(gestures: Sequence[Gesture], steps: Sequence[str]) -> list[Gesture] | None:
    """Return one gesture for each step, in order, or None where the order was another.

    Turns and smiles must be exactly those asked for, each once, so a recording in which every
    gesture happens somewhere does not fit. Blinks come by themselves: any number may lie
    anywhere, and one must lie where it was asked.
    """
    bold = [one for one in gestures if one.step != "blink"]
    wanted = [step for step in steps if step != "blink"]
    if [one.step for one in bold] != wanted:
        return None
    blinks = [one for one in gestures if one.step == "blink"]
    taken: list[Gesture] = []
    for place, step in enumerate(steps):
        if step != "blink":
            taken.append(bold[sum(1 for one in steps[:place] if one != "blink")])
            continue
        after = taken[-1].peak if taken else -1
        later = [one for one in steps[place + 1 :] if one != "blink"]
        before = bold[len(wanted) - len(later)].peak if later else 10**9
        fitting = [one for one in blinks if after < one.peak < before]
        if not fitting:
            return None
        taken.append(max(fitting, key=lambda one: one.strength))
    return taken


def _runs(step: str, curve: Curve, end: float, held: int) -> list[Gesture]:
    """Return where the curve reaches 1 for `held` frames, each until it falls below `end`."""
    level = np.nan_to_num(curve, nan=-1.0)
    found, index = [], 0
    while index < len(level):
        if level[index] < 1:
            index += 1
            continue
        last = index
        while last + 1 < len(level) and level[last + 1] >= end:
            last += 1
        part = level[index : last + 1]
        if int((part >= 1).sum()) >= held:
            peak = index + int(part.argmax())
            found.append(Gesture(step, index, last, peak, float(part.max())))
        index = last + 1
    return found


def _usual_yaw(yaw: Curve) -> float:
    """Return where this person looks when not turning: the densest 16° of all frames."""
    counts = [int((np.abs(yaw - one) <= 8).sum()) for one in yaw]
    middle = yaw[int(np.argmax(counts))]
    return float(np.median(yaw[np.abs(yaw - middle) <= 8]))


def _usual(curve: Curve, straight: NDArray[np.bool_], quantile: float) -> float:
    known = curve[straight & ~np.isnan(curve)]
    return float(np.quantile(known, quantile)) if len(known) else float("nan")


def _median3(curve: Curve) -> Curve:
    padded = np.concatenate([curve[:1], curve, curve[-1:]])
    stacked = np.stack([padded[:-2], padded[1:-1], padded[2:]])
    with np.errstate(all="ignore"):
        smooth: Curve = np.where(np.isnan(curve), np.nan, np.nanmedian(stacked, axis=0))
    return smooth
