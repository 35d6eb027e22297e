"""Is a live person before the camera, doing what was asked? Frames in, findings out.

    frames ─▶ watch ─▶ gestures ─▶ those asked for, in this order, in time?
                 ├───▶ relief of the turns, repetition, jumps, raster
                 └───▶ embeddings of five straight frames: one person, and the selfie's?

    code                     weight   when
    liveness_passed          note     nothing below but hints
    liveness_few_frames      retry    under 12 frames, or pauses longer than 1.2 s
    liveness_out_of_time     retry    times that do not grow, or beyond the limit
    liveness_face_lost       retry    no face in more than a fifth of the frames
    liveness_several_faces   retry    a second face half as wide in three frames
    liveness_step_missing    retry    about=the first step that was not seen
    liveness_wrong_order     retry    other gestures, or in another order
    liveness_jump            review   the face leaps from one frame to the next
    liveness_cut             review   the scene is another one from one frame to the next
    liveness_repeated        review   frames come again: a loop or a still picture
    liveness_flat            review   turns without relief: paper, or a screen turned
    liveness_face_changed    review   another person in the middle
    liveness_not_the_selfie  review   not the person of the selfie
    liveness_screen          hint     a fine raster on the face

What it does not stop: a recording of the very steps asked for (two in 24 by chance, or made on
demand), a video fed in place of the camera, a face swapped by software, a mask with relief.
`at_ms` comes from the page: the door checks its own clock as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bank.domain.findings import Breakdown, Finding, Weight
from identity.document.reading import Picture
from identity.face.faces import Embedding
from identity.face.port import DlibMatcher, FaceMatcher
from identity.liveness import hints
from identity.liveness.challenges import Challenge
from identity.liveness.gestures import (
    Gesture,
    gestures_of,
    matched,
    missing_steps,
    relative_yaw,
)
from identity.liveness.watching import Frame, Watch, watch

__all__ = ["PASS_LEAST", "Frame", "LivenessResult", "judge"]

#: `LivenessResult.score` from which a recording passes.
PASS_LEAST: Final = 0.5
FRAMES_LEAST: Final = 12
PAUSE_MOST_MS: Final = 1200
LATE_MS: Final = 1000
FACE_SHARE_LEAST: Final = 0.8
SECOND_FACE_SHARE: Final = 0.5
JUMP_MOST: Final = 0.6
CUT_MOST: Final = 10.0
REPEATED_MOST: Final = 0.25
RELIEF_LEAST: Final = 0.06
RASTER_MOST: Final = 11.0
#: Distance between the earlier and the later part of one recording (means of embeddings), and of
#: one moment from all others: one moment alone may just be badly seen.
CHANGED_DISTANCE: Final = 0.42
ODD_ONE_DISTANCE: Final = 0.66
SAMPLES_COUNT: Final = 5

_MATCHER: Final = DlibMatcher()


@dataclass(frozen=True, slots=True)
class LivenessResult:
    """`score` in [0, 1]; passed from PASS_LEAST on. `gestures` is what was seen, for staff."""

    passed: bool
    score: float
    findings: list[Finding]
    gestures: tuple[Gesture, ...] = ()


def judge(
    frames: Sequence[Frame],
    challenge: Challenge,
    *,
    selfie: Picture | None = None,
    matcher: FaceMatcher = _MATCHER,
    seen: Watch | None = None,
) -> LivenessResult:
    """Return whether the recording shows a live person doing the challenge.

    `seen` is what `watch` made of these frames, where the caller has it already.
    """
    found = _times(frames, challenge)
    if len(frames) < FRAMES_LEAST:
        return LivenessResult(passed=False, score=0.0, findings=found)
    seen = watch(frames) if seen is None else seen
    # Faces turned too far to be found are not lost.
    share = 1.0 - float(np.isnan(relative_yaw(seen)).mean())
    if share < FACE_SHARE_LEAST:
        found.append(_retry("face_lost", f"{share:.0%} of the frames show a face."))
    if share < 0.3:
        return LivenessResult(passed=False, score=0.0, findings=found)
    found += _company(seen)
    gestures = gestures_of(seen)
    in_order = matched(gestures, challenge.steps)
    found += _steps(gestures, in_order, challenge)
    found += _passive(frames, seen, gestures)
    found += _identity(frames, seen, selfie, matcher)
    return _result(found, gestures, in_order, challenge)


def _result(
    found: list[Finding],
    gestures: Sequence[Gesture],
    in_order: Sequence[Gesture] | None,
    challenge: Challenge,
) -> LivenessResult:
    """Return the verdict: half for the steps in order, half for how clear they were."""
    against = [one for one in found if one.weight in {Weight.RETRY, Weight.REVIEW}]
    if against or in_order is None:
        done = len(challenge.steps) - len(missing_steps(gestures, challenge.steps))
        score = 0.45 * done / len(challenge.steps) / (1 + len(against))
        return LivenessResult(False, score, found, tuple(gestures))
    clear = min(min(one.strength, 2.0) for one in in_order) - 1
    score = PASS_LEAST + 0.3 + 0.2 * clear - 0.1 * len(found)
    text = "A live person did what was asked, in order and in time."
    note = Finding("liveness_passed", Breakdown.LIVENESS, Weight.NOTE, text, score=score)
    return LivenessResult(True, score, [*found, note], tuple(gestures))


def _times(frames: Sequence[Frame], challenge: Challenge) -> list[Finding]:
    times = np.array([frame.at_ms for frame in frames], dtype=np.float64)
    found = []
    pauses = np.diff(times)
    if len(frames) < FRAMES_LEAST or (len(pauses) and pauses.max() > PAUSE_MOST_MS):
        found.append(_retry("few_frames", f"{len(frames)} frames, or a pause between them."))
    if len(times) and (
        times[0] < 0 or (pauses <= 0).any() or times[-1] > challenge.limit_s * 1000 + LATE_MS
    ):
        found.append(_retry("out_of_time", f"The recording ends at {times[-1] / 1000:.1f} s."))
    return found


def _company(seen: Watch) -> list[Finding]:
    if int((seen.second > SECOND_FACE_SHARE * np.nanmedian(seen.width)).sum()) < 3:
        return []
    return [_retry("several_faces", "A second person is in the recording.")]


def _steps(
    gestures: Sequence[Gesture], in_order: Sequence[Gesture] | None, challenge: Challenge
) -> list[Finding]:
    if in_order is not None:
        return []
    missing = missing_steps(gestures, challenge.steps)
    if missing:
        text = f"Not seen: {', '.join(missing)}."
        return [_retry("step_missing", text, about=missing[0])]
    seen = ", ".join(one.step for one in gestures)
    return [_retry("wrong_order", f"Asked: {', '.join(challenge.steps)}. Seen: {seen}.")]


def _passive(frames: Sequence[Frame], seen: Watch, gestures: Sequence[Gesture]) -> list[Finding]:
    found = []
    leap = hints.jump(seen)
    if leap > JUMP_MOST:
        found.append(_review("jump", f"The face leaps by {leap:.1f} of its widths.", leap / 2))
    change = hints.cut(seen)
    if change > CUT_MOST:
        found.append(_review("cut", f"The scene changes by {change:.0f} levels.", change / 20))
    repeated = hints.repetition(seen)
    if repeated > REPEATED_MOST:
        text = f"{repeated:.0%} of the frames come again, unchanged."
        found.append(_review("repeated", text, repeated))
    turns = [one for one in gestures if one.step.startswith("turn")]
    straight = _straightest(seen, 1)
    if turns and straight:
        yaw = np.nan_to_num(np.abs(seen.yaw - seen.yaw[straight[0]]))
        most = [one.first + int(yaw[one.first : one.last + 1].argmax()) for one in turns]
        depth = max(hints.relief(seen, straight[0], at) for at in most)
        if depth < RELIEF_LEAST:
            text = f"The turn shows no relief ({depth:.3f}): a flat picture would do the same."
            found.append(_review("flat", text, 1 - depth / RELIEF_LEAST / 2))
    grain = hints.raster([frame.picture for frame in frames], seen)
    if grain > RASTER_MOST:
        text = f"A fine raster lies on the face ({grain:.1f})."
        found.append(
            Finding("liveness_screen", Breakdown.LIVENESS, Weight.HINT, text,
                    score=min(1.0, grain / RASTER_MOST / 2))
        )  # fmt: skip
    return found


def _identity(
    frames: Sequence[Frame], seen: Watch, selfie: Picture | None, matcher: FaceMatcher
) -> list[Finding]:
    chosen = _straightest(seen, SAMPLES_COUNT)
    mine = [matcher.embed(frames[index].picture, seen.face(index)) for index in chosen]
    if len(mine) < 2:
        return []
    found = []
    apart, odd = _apart(mine, matcher)
    if apart > CHANGED_DISTANCE or odd > ODD_ONE_DISTANCE:
        apart = max(apart, odd)
        text = f"Moments of the recording differ like two people (distance {apart:.2f})."
        found.append(_review("face_changed", text, min(1.0, apart)))
    if selfie is not None:
        found += _beside_selfie(selfie, np.median(np.stack(mine), axis=0), matcher)
    return found


def _apart(mine: Sequence[Embedding], matcher: FaceMatcher) -> tuple[float, float]:
    """Return how far the recording's parts lie apart wherever it is cut, and its oddest moment."""
    stacked = np.stack(mine)
    parts = [(stacked[:cut], stacked[cut:]) for cut in range(2, len(mine) - 1)]
    others = [(stacked[[at]], np.delete(stacked, at, axis=0)) for at in range(len(mine))]

    def farthest(pairs: Sequence[tuple[Embedding, Embedding]]) -> float:
        return max(
            (
                matcher.compare(one.mean(axis=0), other.mean(axis=0)).distance
                for one, other in pairs
            ),
            default=0.0,
        )

    return farthest(parts), farthest(others)


def _beside_selfie(selfie: Picture, middle: Embedding, matcher: FaceMatcher) -> list[Finding]:
    faces = matcher.find(selfie)
    if not faces:
        return []
    comparison = matcher.compare(matcher.embed(selfie, faces[0]), middle)
    if comparison.same_person:
        return []
    text = f"The recording shows somebody else than the selfie ({comparison.distance:.2f})."
    return [_review("not_the_selfie", text, min(1.0, comparison.distance))]


def _straightest(seen: Watch, count: int) -> list[int]:
    """Return the straightest frame of each of `count` equal parts of the recording."""
    yaw = np.abs(relative_yaw(seen))
    parts = np.array_split(np.arange(len(yaw)), count)
    chosen = []
    for part in parts:
        known = part[~np.isnan(yaw[part])]
        if len(known):
            best = int(known[np.argmin(yaw[known])])
            if yaw[best] < 15:
                chosen.append(best)
    return chosen


def _retry(what: str, text: str, *, about: str = "") -> Finding:
    return Finding(f"liveness_{what}", Breakdown.LIVENESS, Weight.RETRY, text, about=about)


def _review(what: str, text: str, score: float) -> Finding:
    shown = float(np.clip(score, 0.0, 1.0))
    return Finding(f"liveness_{what}", Breakdown.LIVENESS, Weight.REVIEW, text, score=shown)
