"""The matcher as a port: a bank that licenses a better one plugs it in here.

    picture ─▶ find ─▶ faces ─▶ embed ─▶ vector ─┐
                                                 ├─▶ compare ─▶ Comparison
    picture ─▶ find ─▶ faces ─▶ embed ─▶ vector ─┘

One to one only: is this the same person as that? There is no search over many people here, and
no door for it. Every promise below is a test (tests/identity/face/test_port.py) that any
matcher must pass, the fake one as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from identity.document.reading import Picture
from identity.face import faces, models
from identity.face.faces import Embedding, Face
from identity.face.thresholds import THRESHOLD, Threshold, similarity_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """How alike two embeddings are.

    `distance` is at least 0, smaller is more alike; `similarity` in [-1, 1], see
    `thresholds.similarity_of`. `near_threshold`: embed both again, thoroughly, before believing.
    """

    distance: float
    similarity: float
    same_person: bool
    near_threshold: bool


class FaceMatcher(Protocol):
    """What the checks ask of a matcher.

    An embedding compares with embeddings of the same `name` and `version` only. `find` returns
    the largest face first. `embed` is deterministic and returns finite numbers of one shape.
    `compare` is symmetric, gives a picture compared with itself the similarity 1, and calls two
    the same person exactly where the distance is at most `threshold.distance`.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def threshold(self) -> Threshold: ...

    def find(self, picture: Picture) -> Sequence[Face]: ...

    def embed(self, picture: Picture, face: Face, *, thorough: bool = False) -> Embedding: ...

    def compare(self, first: Embedding, second: Embedding) -> Comparison: ...


class DlibMatcher:
    """dlib's detector, landmarks and ResNet; embeddings are means over several crops."""

    name = "dlib"

    def __init__(self, threshold: Threshold = THRESHOLD) -> None:
        self.threshold = threshold
        self.version = f"{models.version()}+crops-1"

    def find(self, picture: Picture) -> Sequence[Face]:
        return faces.find_faces(picture)

    def embed(self, picture: Picture, face: Face, *, thorough: bool = False) -> Embedding:
        return faces.embed(picture, face, thorough=thorough)

    def compare(self, first: Embedding, second: Embedding) -> Comparison:
        return compare_at(self.threshold, first, second)


def compare_at(threshold: Threshold, first: Embedding, second: Embedding) -> Comparison:
    """Return the comparison by Euclidean distance.

    Raises ValueError: the embeddings have different shapes, so they are of different matchers.
    """
    if first.shape != second.shape:
        raise ValueError("embeddings of different matchers do not compare")
    distance = float(np.linalg.norm(first - second))
    return Comparison(
        distance=distance,
        similarity=similarity_of(distance),
        same_person=threshold.is_same(distance),
        near_threshold=threshold.is_near(distance),
    )
