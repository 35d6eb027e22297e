"""Clusters: questions nobody could answer, put together by what they ask.

    questions ─▶ vectors (encoder; where there is none, weighted word stems) ─▶ greedy groups
                                                        name = the most central question

Greedy: the question asked most often opens a group, and each other joins the nearest group it is
near enough to. Pure but for the encoder that is handed in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.vectors import Encodes
from knowledge.words import terms_of

#: Cosines in [-1, 1] from which two questions are taken to ask the same.
NEAR_MEANING, NEAR_WORDS = 0.62, 0.45


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and how often it was asked."""

    id: str
    text: str
    language: str
    times: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions of one language that ask alike, the most central first: it names the cluster."""

    questions: tuple[Asked, ...]

    @property
    def name(self) -> str:
        return self.questions[0].text

    @property
    def times(self) -> int:
        return sum(one.times for one in self.questions)


def cluster(questions: Sequence[Asked], encoder: Encodes | None = None) -> list[Cluster]:
    """Return the clusters, the one asked most often first. Every question is in exactly one."""
    made: list[Cluster] = []
    for language in dict.fromkeys(one.language for one in questions):
        some = [one for one in questions if one.language == language]
        some.sort(key=lambda one: (-one.times, one.id))
        has_meaning = encoder is not None and language == "en"
        if has_meaning and encoder is not None:
            vectors = encoder.encode([one.text for one in some])
        else:
            vectors = _word_vectors(some)
        near = NEAR_MEANING if has_meaning else NEAR_WORDS
        made += [_named(some, vectors, rows) for rows in _groups(vectors, near)]
    return sorted(made, key=lambda one: (-one.times, one.name))


def _groups(vectors: NDArray[np.float32], near: float) -> list[list[int]]:
    """Return groups of rows; `vectors` (n, width), unit length."""
    groups: list[list[int]] = []
    for row, vector in enumerate(vectors):
        fits = [float(np.mean(vectors[group] @ vector)) for group in groups]
        best = int(np.argmax(fits)) if fits else -1
        if best >= 0 and fits[best] >= near:
            groups[best].append(row)
        else:
            groups.append([row])
    return groups


def _named(
    questions: Sequence[Asked], vectors: NDArray[np.float32], rows: Sequence[int]
) -> Cluster:
    weights = np.array([questions[row].times for row in rows], dtype=np.float32)
    central = (vectors[rows] @ vectors[rows].T) @ weights
    weigh = [
        (-round(float(fit), 4), -questions[row].times)
        for fit, row in zip(central, rows, strict=True)
    ]
    order = sorted(range(len(rows)), key=lambda at: (weigh[at], questions[rows[at]].id))
    return Cluster(tuple(questions[rows[at]] for at in order))


def _word_vectors(questions: Sequence[Asked]) -> NDArray[np.float32]:
    """Return rows of weighted word stems, shape (n, n_stems), unit length."""
    stems = [Counter(terms_of(one.text, one.language)) for one in questions]
    held = Counter(stem for one in stems for stem in one)
    places = {stem: place for place, stem in enumerate(sorted(held))}
    rows = np.zeros((len(questions), max(1, len(places))), dtype=np.float32)
    for row, one in enumerate(stems):
        for stem, count in one.items():
            rows[row, places[stem]] = count * np.log(1 + len(questions) / held[stem])
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(length > 0, length, 1)).astype(np.float32)
