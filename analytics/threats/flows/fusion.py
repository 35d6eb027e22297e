"""Scores of different members made one: how many normal rows look less bad.

    rank(score) = share of normal rows that score lower        0.99: worse than 99 in 100

    fused = Σ weight · rank / Σ weight                         in [0, 1]

Scores of a forest and errors of an autoencoder have nothing in common but their order, and
probabilities learnt from yesterday's attacks say little of tomorrow's; how many normal rows look
as bad is a number both share. The reference is of rows out of fold: a member has not seen them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from analytics.models import Floats

#: The highest scores are kept one by one, the rest at so many quantiles.
_TAIL, _QUANTILES = 1_000, 2_000


@dataclass(frozen=True)
class Reference:
    """Scores of normal rows, each once and ascending; how many rows score below each, and up to it.

    All three have shape (kept,); `count` is how many rows there were.
    """

    scores: Floats
    below: Floats
    upto: Floats
    count: int

    @classmethod
    def of(cls, scores: Floats) -> Self:
        """Summarise scores of normal rows, at least one."""
        ordered = np.sort(scores)
        count = len(ordered)
        tail = np.arange(max(0, count - _TAIL), count)
        spread = np.linspace(0, count - 1, min(count, _QUANTILES)).astype(np.int64)
        kept = np.unique(ordered[np.concatenate([spread, tail])])
        below, upto = (
            np.searchsorted(ordered, kept, side=side).astype(np.float64)
            for side in ("left", "right")
        )
        return cls(kept, below, upto, count)

    def ranks(self, scores: Floats) -> Floats:
        """Return the share of normal rows that score lower, ties counting half; (n,), in [0, 1]."""
        place = np.searchsorted(self.scores, scores, side="left")
        inside = np.minimum(place, len(self.scores) - 1)
        is_kept = (place < len(self.scores)) & (self.scores[inside] == scores)
        # Between two that were kept lie the rows above the one and below the other.
        above_last = np.append(self.below, float(self.count))[place]
        upto_before = np.append(0.0, self.upto)[place]
        between = (above_last + upto_before) / 2
        exact = (self.below[inside] + self.upto[inside]) / 2
        return np.asarray(np.where(is_kept, exact, between) / self.count)

    def as_json(self) -> dict[str, Any]:
        return {
            "scores": self.scores.tolist(), "below": self.below.tolist(),
            "upto": self.upto.tolist(), "count": self.count,
        }  # fmt: skip

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> Self:
        scores, below, upto = (
            np.array(written[one], dtype=np.float64) for one in ("scores", "below", "upto")
        )
        return cls(scores, below, upto, int(written["count"]))


def fused(ranks: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return the weighted mean over members, shape (n,)."""
    total = sum(weight * one for weight, one in zip(weights, ranks, strict=True))
    return np.asarray(total / sum(weights))
