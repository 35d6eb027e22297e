"""A customer's own face, again: is it a live one, and the same as before? One to one.

    recording ─▶ live, doing these steps? ─▶ five straight frames ─▶ embeddings
                                                │
                        add    all against the selfie ─▶ their mean is the template
                        prove  all against the template of the key

The middle of the five distances decides, at the threshold of `identity/face`: a template that is
already a mean lies nearer to everybody, and a second mean would lie nearer still. Two of five
frames may be poor; three that fit are needed.

What can be mended is told (`liveness_…`). Every doubt, of life or of likeness, is one word,
`face_unclear`: whoever holds up a picture learns nothing of what gave it away.

What it does not stop: docs/threat-model.md. A film of the very steps fed in place of the camera
passes, so the bank decides which acts a face may confirm (bank/policies/step_up.toml).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from bank.domain.face_keys import FaceAnswer
from bank.domain.findings import Weight
from identity.document.reading import Picture
from identity.face.faces import Embedding
from identity.face.port import DlibMatcher, FaceMatcher
from identity.liveness.challenges import Challenge
from identity.liveness.gestures import relative_yaw
from identity.liveness.judging import judge
from identity.liveness.watching import Frame, Watch, watch

SAMPLES_COUNT: Final = 5
SAMPLES_LEAST: Final = 3
STRAIGHT_DEG: Final = 15.0
UNCLEAR: Final = "face_unclear"
OUTDATED: Final = "face_outdated"
_NUMBERS: Final = np.dtype("<f8")

_MATCHER: Final = DlibMatcher()


def add(
    frames: Sequence[Frame],
    challenge: Challenge,
    selfie: Picture,
    *,
    matcher: FaceMatcher = _MATCHER,
) -> FaceAnswer:
    """Return the template of a live face that is the selfie's, or what was wrong."""
    seen = watch(frames)
    refused = _refusal(frames, challenge, matcher, seen)
    if refused is not None:
        return refused
    faces = matcher.find(selfie)
    mine = samples(frames, matcher, seen)
    if not faces or not is_same(matcher, mine, matcher.embed(selfie, faces[0], thorough=True)):
        return FaceAnswer(passed=False, codes=(UNCLEAR,))
    template = packed(np.mean(np.stack(mine), axis=0))
    return FaceAnswer(passed=True, template=template, model=model_of(matcher))


def prove(
    frames: Sequence[Frame],
    challenge: Challenge,
    template: bytes,
    *,
    model: str,
    matcher: FaceMatcher = _MATCHER,
) -> FaceAnswer:
    """Return whether a live face is the one the template was made from.

    `model` made it; numbers of two models do not compare, so such a key has to be made anew.
    """
    if model != model_of(matcher):
        return FaceAnswer(passed=False, codes=(OUTDATED,))
    seen = watch(frames)
    refused = _refusal(frames, challenge, matcher, seen)
    if refused is not None:
        return refused
    kept = np.frombuffer(template, dtype=_NUMBERS).astype(np.float64)
    passed = is_same(matcher, samples(frames, matcher, seen), kept)
    return FaceAnswer(passed=passed, codes=() if passed else (UNCLEAR,))


def model_of(matcher: FaceMatcher) -> str:
    """Return the name by which templates of this matcher are known."""
    return f"{matcher.name} {matcher.version}"


def samples(
    frames: Sequence[Frame], matcher: FaceMatcher, seen: Watch | None = None
) -> list[Embedding]:
    """Return the embedding of the straightest frame in each of equal parts of the recording."""
    seen = watch(frames) if seen is None else seen
    yaw = np.abs(relative_yaw(seen))
    chosen = []
    for part in np.array_split(np.arange(len(yaw)), SAMPLES_COUNT):
        known = part[~np.isnan(yaw[part]) & ~np.isnan(seen.yaw[part])]
        if len(known) and yaw[known].min() < STRAIGHT_DEG:
            chosen.append(int(known[np.argmin(yaw[known])]))
    return [matcher.embed(frames[index].picture, seen.face(index)) for index in chosen]


def is_same(matcher: FaceMatcher, mine: Sequence[Embedding], other: Embedding) -> bool:
    """Say whether the middle of the distances to `other` is the same person's."""
    if len(mine) < SAMPLES_LEAST:
        return False
    distances = [matcher.compare(one, other).distance for one in mine]
    return matcher.threshold.is_same(float(np.median(distances)))


def packed(template: Embedding) -> bytes:
    """Return a template as it is kept: little-endian doubles."""
    return template.astype(_NUMBERS).tobytes()


def _refusal(
    frames: Sequence[Frame], challenge: Challenge, matcher: FaceMatcher, seen: Watch
) -> FaceAnswer | None:
    """Return why the recording shows no live person doing the steps; None: it does."""
    result = judge(frames, challenge, matcher=matcher, seen=seen)
    if result.passed:
        return None
    mendable = [one.code for one in result.findings if one.weight is Weight.RETRY]
    return FaceAnswer(passed=False, codes=tuple(dict.fromkeys(mendable)) or (UNCLEAR,))
