"""Selfie against portrait: one to one, with every doubt as a finding.

    selfie ───▶ one face? ─────▶ quick embedding ─┐            ┌─ near ─▶ thorough, again
    portrait ─▶ the largest ───▶ quick embedding ─┴─ distance ─┤
                                                               └─ clear ─▶ match | differ
                    one photo twice? (same_picture) ──▶ review

    code                weight   when
    no_face             retry    no face in a picture
    several_faces       retry    a second face at least 40 % as wide as the first
    face_too_small      retry    under 90 pixels or an eighth of the selfie's width
    face_cut_off        retry    chin, forehead or cheek over the border
    face_turned_away    retry    more than 30° to a side, 25° up or down
    face_sideways       retry    the picture lies on its side
    eyes_closed         hint     eyes nearly shut
    faces_match         note     distance at most the threshold
    faces_unsure        review   above it, but a good likeness
    faces_differ        review   above it by more; reject where surely another person
    same_picture        review   the selfie *is* the document's portrait
    monochrome_portrait note     both were compared in grey

No one is searched for among others here: 1:1 only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bank.domain.findings import Breakdown, Finding, Weight
from identity.document.reading import Picture
from identity.face.faces import Embedding, Face
from identity.face.port import Comparison, DlibMatcher, FaceMatcher
from identity.face.same_picture import SAME_PICTURE_LEAST, picture_likeness
from identity.face.thresholds import THRESHOLD, Threshold

__all__ = [
    "THRESHOLD", "Comparison", "PictureComparison", "compare", "compare_pictures",
    "look_at_selfie",
]  # fmt: skip

FACE_LEAST_PX: Final = 90
FACE_LEAST_SHARE: Final = 1 / 8
SECOND_FACE_SHARE: Final = 0.4
TURNED_MOST_DEG: Final = 30.0
TILTED_MOST_DEG: Final = 25.0
EYES_CLOSED: Final = 0.17
#: Mean difference between colour channels below which a picture counts as black and white.
MONOCHROME_MOST: Final = 4.0

_MATCHER: Final = DlibMatcher()


@dataclass(frozen=True, slots=True)
class PictureComparison:
    """`faces` counts the faces of each picture; `comparison` is None where one has none."""

    faces: tuple[int, int]
    comparison: Comparison | None
    findings: tuple[Finding, ...]


def compare(first: Embedding, second: Embedding) -> Comparison:
    """Return how alike two embeddings of our own matcher are."""
    return _MATCHER.compare(first, second)


def compare_pictures(
    selfie: Picture, portrait: Picture, *, matcher: FaceMatcher = _MATCHER
) -> PictureComparison:
    """Return how alike the selfie's face and the portrait's are, and what is doubtful."""
    mine, theirs = matcher.find(selfie), matcher.find(portrait)
    found = [
        _finding("no_face", Weight.RETRY, "No face was found.", about=about)
        for faces, about in ((mine, "selfie"), (theirs, "portrait"))
        if not faces
    ]
    counts = (len(mine), len(theirs))
    if not mine or not theirs:
        return PictureComparison(counts, None, tuple(found))
    if _is_crowd(mine):
        found.append(_several(mine))
    if is_monochrome(selfie, mine[0]) != is_monochrome(portrait, theirs[0]):
        selfie, portrait = grey(selfie), grey(portrait)
        found.append(
            _finding(
                "monochrome_portrait", Weight.NOTE,
                "One picture is black and white: both were compared in grey.",
            )
        )  # fmt: skip
    comparison = _compared(matcher, (selfie, mine[0]), (portrait, theirs[0]))
    found.append(_verdict(comparison, matcher.threshold))
    found += _same_picture(comparison, (selfie, mine[0]), (portrait, theirs[0]))
    return PictureComparison(counts, comparison, tuple(found))


def look_at_selfie(picture: Picture, *, matcher: FaceMatcher = _MATCHER) -> list[Finding]:
    """Return what the customer can mend about the face in a selfie; empty: all is well."""
    faces = matcher.find(picture)
    if not faces:
        return [_finding("no_face", Weight.RETRY, "No face was found.", about="selfie")]
    found = [_several(faces)] if _is_crowd(faces) else []
    return found + _about_face(picture, faces[0])


def is_monochrome(picture: Picture, face: Face) -> bool:
    """Return whether the face is printed in black and white (a tint counts as none)."""
    left, top, right, bottom = (max(edge, 0) for edge in face.box)
    part = picture[top : bottom + 1, left : right + 1].astype(np.int16)
    if part.size == 0:
        return False
    differences = np.stack([part[..., 0] - part[..., 1], part[..., 1] - part[..., 2]])
    differences = differences - np.median(differences, axis=(1, 2), keepdims=True)
    return float(np.abs(differences).mean()) < MONOCHROME_MOST


def grey(picture: Picture) -> Picture:
    """Return the picture in grey, still with three channels."""
    lightness = picture.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    return np.repeat(np.round(lightness).astype(np.uint8)[..., None], 3, axis=2)


def _compared(
    matcher: FaceMatcher, mine: tuple[Picture, Face], theirs: tuple[Picture, Face]
) -> Comparison:
    comparison = matcher.compare(matcher.embed(*mine), matcher.embed(*theirs))
    if not comparison.near_threshold:
        return comparison
    return matcher.compare(
        matcher.embed(*mine, thorough=True), matcher.embed(*theirs, thorough=True)
    )


def _verdict(comparison: Comparison, threshold: Threshold) -> Finding:
    distance, limit = comparison.distance, threshold.distance
    score = float(np.clip(distance / (2 * limit), 0.0, 1.0))
    measured = f"distance {distance:.2f}, threshold {limit:.2f}"
    if comparison.same_person:
        text = f"Selfie and portrait show the same person ({measured})."
        return _finding("faces_match", Weight.NOTE, text, score=max(comparison.similarity, 0.0))
    if distance <= threshold.unsure:
        text = f"Selfie and portrait are alike, but not enough ({measured})."
        return _finding("faces_unsure", Weight.REVIEW, text, score=score)
    weight = Weight.REJECT if distance > threshold.far else Weight.REVIEW
    text = f"Selfie and portrait show different people ({measured})."
    return _finding("faces_differ", weight, text, score=score)


def _same_picture(
    comparison: Comparison, mine: tuple[Picture, Face], theirs: tuple[Picture, Face]
) -> list[Finding]:
    if not comparison.same_person:
        return []
    likeness = picture_likeness(*mine, *theirs)
    if likeness < SAME_PICTURE_LEAST:
        return []
    text = "The selfie is the document's portrait itself, or both are copies of one photo."
    return [_finding("same_picture", Weight.REVIEW, text, score=likeness)]


def _is_crowd(faces: Sequence[Face]) -> bool:
    return any(one.width_px >= SECOND_FACE_SHARE * faces[0].width_px for one in faces[1:])


def _several(faces: Sequence[Face]) -> Finding:
    text = f"{len(faces)} faces are in the picture: there should be one."
    return _finding("several_faces", Weight.RETRY, text, about="selfie")


def _about_face(picture: Picture, face: Face) -> list[Finding]:
    height, width = picture.shape[:2]
    look = face.look
    problems = (
        (
            face.width_px < max(FACE_LEAST_PX, FACE_LEAST_SHARE * min(width, height)),
            "face_too_small", Weight.RETRY, f"The face is {face.width_px} pixels wide.",
        ),
        (
            _is_cut_off(face, width=width, height=height),
            "face_cut_off", Weight.RETRY, "The face reaches over the picture's border.",
        ),
        (
            abs(look.yaw) > TURNED_MOST_DEG or abs(look.pitch) > TILTED_MOST_DEG,
            "face_turned_away", Weight.RETRY,
            f"The face looks {abs(look.yaw):.0f}° aside and {look.pitch:.0f}° up.",
        ),
        (
            face.turned != 0,
            "face_sideways", Weight.RETRY, f"The picture is turned by {face.turned}°.",
        ),
        (look.eyes < EYES_CLOSED, "eyes_closed", Weight.HINT, "The eyes look closed."),
    )  # fmt: skip
    return [
        _finding(code, weight, text, about="selfie")
        for is_so, code, weight, text in problems
        if is_so
    ]


def _is_cut_off(face: Face, *, width: int, height: int) -> bool:
    low, high = face.landmarks.min(axis=0), face.landmarks.max(axis=0)
    # Landmarks end at the brows; a forehead is about half as high as brows to chin.
    forehead = low[1] - 0.3 * (high[1] - low[1])
    return bool(low[0] < 0 or forehead < 0 or high[0] > width - 1 or high[1] > height - 1)


def _finding(
    code: str, weight: Weight, text: str, *, about: str = "", score: float | None = None
) -> Finding:
    return Finding(code, Breakdown.FACE_COMPARISON, weight, text, score=score, about=about)
