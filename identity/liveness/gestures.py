"""Gestures in the curves of a recording: when somebody turned, blinked, smiled.

    yaw    ───╮      ╭────     turn_right: 12° beyond the usual, until back within 7°
              ╰──────╯
    eyes   ────╮ ╭────────     blink: eyes at most 79 % as open as usual, face straight
               ╰─╯
    smile  ───────╭───╮───     smile: mouth 6 % wider than usual for two frames, face straight
                  ╯   ╰

"Usual" is this recording's own: the median while the face is straight. So narrow eyes, a wide
mouth or a camera held low change nothing. A face lost in the middle of a turn has turned too far
to be found: the turn goes on. Two smiles with nothing between them are one.

Pure: a Watch in, gestures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from identity.liveness.watching import Curve, Watch

#: Landmarks understate a turn: a head turned by 20° reads as 14.
TURN_DEG: Final = 12.0
TURN_END_DEG: Final = 7.0
STRAIGHT_DEG: Final = 10.0
#: HOG's detectors for half profiles are believed where landmarks do not say the contrary.
SIDE_FROM_DEG: Final = -2.0
#: A face lost beside a frame turned this far is taken as turned further, for so many frames.
LOST_FROM_DEG: Final = 9.0
LOST_MOST_FRAMES: Final = 9
BLINK_SHARE: Final = 0.79
SMILE_SHARE: Final = 1.06
#: A smile nobody asked for is forgiven up to this, and up to the one that was asked for.
FAINT_SMILE: Final = 3.3
#: What the blink that was asked for has at least of the firmest one.
BLINK_LEAST: Final = 0.7
HELD_FRAMES: Final = 2
#: Until then nothing was asked for yet: how somebody sat down is no turn and no smile. A recording
#: cut shorter would not show it either.
SETTLING_MS: Final = 1000.0


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
    asked = [one for one in found if one.step == "blink" or seen.at_ms[one.last] >= SETTLING_MS]
    return _joined(sorted(asked, key=lambda one: one.first))


def relative_yaw(seen: Watch) -> Curve:
    """Return yaw against this recording's usual direction, smoothed over three frames.

    Where the detector of half profiles found the face, it is turned, whatever landmarks say that
    slid off a cheek.
    """
    if not seen.has_face.any():
        return seen.yaw
    usual = _usual_yaw(seen.yaw[seen.has_face])
    yaw = seen.yaw - usual
    if np.median(seen.side[seen.has_face]) == 0:
        believed = (seen.side != 0) & (yaw * seen.side >= SIDE_FROM_DEG)
        yaw = np.where(believed, seen.side * np.maximum(np.abs(yaw), 1.2 * TURN_DEG), yaw)
    return _through_losses(yaw)


def blink_curve(seen: Watch, straight: NDArray[np.bool_]) -> Curve:
    """Return how shut the eyes are: 0 as open as usual, 1 just enough for a blink."""
    usual = _usual(seen.eyes, straight, 0.55)
    curve: Curve = (1 - seen.eyes / usual) / (1 - BLINK_SHARE)
    return np.where(straight, curve, np.nan)


def smile_curve(seen: Watch, straight: NDArray[np.bool_]) -> Curve:
    """Return how much wider the mouth is: 0 as usual, 1 just enough for a smile."""
    usual = _usual(seen.smile, straight, 0.35)
    curve: Curve = (seen.smile / usual - 1) / (SMILE_SHARE - 1)
    return _median3(np.where(straight, curve, np.nan))


def missing_steps(gestures: Sequence[Gesture], steps: Sequence[str]) -> tuple[str, ...]:
    """Return the steps nobody did, in any order."""
    done = {one.step for one in gestures}
    return tuple(step for step in steps if step not in done)


def matched(gestures: Sequence[Gesture], steps: Sequence[str]) -> list[Gesture] | None:
    """Return one gesture for each step, in order, or None where the order was another.

    Turns must be exactly those asked for, each once, so a recording in which every gesture
    happens somewhere does not fit. A smile that was asked for must outdo every clear one. Blinks
    and faint smiles come by themselves: any number may lie anywhere, one must lie where it was
    asked, and the blink must be about as firm as the firmest. So a film fits two of the 24
    challenges rather than one.
    """
    turns = [one for one in gestures if one.step.startswith("turn")]
    smiles = [one for one in gestures if one.step == "smile"]
    if [one.step for one in turns] != [step for step in steps if step.startswith("turn")]:
        return None
    chosen: dict[int, Gesture] = dict(
        zip((at for at, step in enumerate(steps) if step.startswith("turn")), turns, strict=True)
    )
    for step in ("smile", "blink"):  # a smile is a mark for blinks, not the other way round
        for place in (at for at, asked in enumerate(steps) if asked == step):
            after = max((one.peak for at, one in chosen.items() if at < place), default=-1)
            before = min((one.peak for at, one in chosen.items() if at > place), default=10**9)
            fitting = [one for one in gestures if one.step == step and after < one.peak < before]
            if not fitting:
                return None
            chosen[place] = max(fitting, key=lambda one: one.strength)
    if "blink" in steps:
        most = max(one.strength for one in gestures if one.step == "blink")
        if chosen[steps.index("blink")].strength < BLINK_LEAST * most:
            return None
    if "smile" in steps:
        asked_for = chosen[steps.index("smile")]
        most = max(asked_for.strength, FAINT_SMILE)
        if any(one.strength > most for one in smiles if one is not asked_for):
            return None
    return [chosen[place] for place in range(len(steps))]


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


def _joined(gestures: Sequence[Gesture]) -> list[Gesture]:
    """Return the gestures with smiles in a row, blinks aside, made one."""
    joined: list[Gesture] = []
    for one in gestures:
        bold = next((at for at in reversed(joined) if at.step != "blink"), None)
        if one.step == "smile" and bold is not None and bold.step == "smile":
            strongest = max(bold, one, key=lambda at: at.strength)
            merged = replace(strongest, first=bold.first, last=one.last)
            joined[joined.index(bold)] = merged
        else:
            joined.append(one)
    return joined


def _through_losses(yaw: Curve) -> Curve:
    """Return the smoothed curve; faces lost beside a turned frame count as turned further."""
    filled, index = _median3(yaw), 0
    while index < len(yaw):
        if not np.isnan(yaw[index]):
            index += 1
            continue
        end = index
        while end < len(yaw) and np.isnan(yaw[end]):
            end += 1
        beside = [yaw[at] for at in (index - 1, end) if 0 <= at < len(yaw)]
        edge = max(beside, key=abs, default=0.0)
        if abs(edge) >= LOST_FROM_DEG and end - index <= LOST_MOST_FRAMES:
            filled[index:end] = np.sign(edge) * max(abs(edge), 1.2 * TURN_DEG)
        index = end
    return filled


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
    smooth: Curve = np.median(np.where(np.isnan(stacked), curve, stacked), axis=0)
    return smooth
