"""What a model is put together from: members, each a learner of its own, all alike to the blend.

    Learner.fit(matrix, labels, …) ──▶ Member ──log_odds──▶ one number per row
                                        ├──contributions──▶ the same number, feature by feature
                                        └──save──▶ one native file

A matrix is encoding.py's: float64, one column per feature, NaN unknown, categories as places.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np

from analytics.models import Floats, Labels
from analytics.tables.columns import Schema

#: Log-odds are kept within what a probability of float64 can say.
LOG_ODDS_MOST = 30.0
_ONE_THREAD_ROWS = 5_000


class Member(Protocol):
    """A fitted learner."""

    kind: ClassVar[str]

    def log_odds(self, matrix: Floats) -> Floats:
        """Return one number per row, shape (n,); higher is likelier. Calibration comes later."""

    def contributions(self, matrix: Floats) -> tuple[Floats, Floats]:
        """Return shape (n, features) and the base, shape (n,); they add up to `log_odds`."""

    def save(self, stem: Path) -> list[Path]:
        """Write files that begin with `stem`; return them."""


class Learner(Protocol):
    """How to fit a member. `rounds` is the size that growing() found, None: the learner's own."""

    kind: ClassVar[str]

    def fit(
        self,
        matrix: Floats,
        labels: Labels,
        schema: Schema,
        *,
        seed: int,
        rounds: int | None = None,
    ) -> Member:
        """Return the member learnt from these rows."""  # fmt: skip

    def settings(self) -> dict[str, Any]:
        """Return what a card says about it."""


def threads_for(rows_count: int) -> int:
    """Return how many threads to score with; fewer rows than this are done before one wakes."""
    return 1 if rows_count < _ONE_THREAD_ROWS else (os.cpu_count() or 1)


def logit(probability: Floats) -> Floats:
    """Return log-odds, kept within ± LOG_ODDS_MOST."""
    tiny = 1 / (1 + np.exp(LOG_ODDS_MOST))
    inside = np.clip(probability, tiny, 1 - tiny)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def expit(log_odds: Floats) -> Floats:
    """Return probabilities; no overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * log_odds)))
