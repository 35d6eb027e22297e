"""How large should a member become? Grown on part of the training rows, watched on the rest.

fold 1   loss by round  ╲__________╱     the mean curve's lowest point is the size of all;
fold 2   loss by round   ╲________╱      one number for all folds, so that a fold's own
…                                        noise does not flatter its predictions
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from analytics.learners.members import Member
from analytics.models import Floats, Labels
from analytics.tables.columns import Schema


@dataclass(frozen=True)
class Grown:
    """A member grown to the full, its loss on the watched rows by round, and how to cut it."""

    member: Member
    losses: Floats
    cut: Callable[[Any, int], Member]


class Growing(Protocol):
    """A learner whose size is to be found."""

    def grow(
        self,
        matrix: Floats,
        labels: Labels,
        schema: Schema,
        *,
        seed: int,
        watched: tuple[Floats, Labels],
    ) -> Grown:
        """Return a member grown on the rows, watched on others."""  # fmt: skip


def best_rounds(curves: Sequence[Floats]) -> int:
    """Return the number of rounds, at least 1, at which the mean loss is lowest.

    A fold that stopped early is taken to stay where it stopped.
    """
    length = max(len(curve) for curve in curves)
    padded = [np.pad(curve, (0, length - len(curve)), mode="edge") for curve in curves]
    return int(np.argmin(np.mean(padded, axis=0))) + 1
