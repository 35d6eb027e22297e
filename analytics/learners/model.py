"""A fitted model: how a table is read, weighted members, and the calibration of their sum.

    table ──Encoder──▶ matrix ──▶ member · weight ─┐
                             ├──▶ member · weight ─┼─Σ──▶ log-odds ──Calibration──▶ probability
                             └──▶ member · weight ─┘

A single member is a blend of one. Several may come from one learner: those of its folds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analytics.learners.calibrating import Calibration
from analytics.learners.encoding import Encoder
from analytics.learners.members import Member
from analytics.models import Floats
from analytics.tables.columns import Schema


@dataclass(frozen=True)
class Part:
    """A member and how much its log-odds count."""

    member: Member
    weight: float


@dataclass(frozen=True)
class TableModel:
    """`analytics.models.Model`, for tables.

    facts: how it was learnt (recipe, seed, rows, rounds, weights), for its card.
    out_of_fold: P(label = 1) of each training row by members that had not seen it, shape (rows,);
    None for a model that was loaded, or learnt without folds. Never saved.
    """

    encoder: Encoder
    parts: tuple[Part, ...]
    calibration: Calibration
    facts: Mapping[str, Any] = field(default_factory=dict)
    out_of_fold: Floats | None = field(default=None, repr=False, compare=False)

    @property
    def schema(self) -> Schema:
        return self.encoder.schema

    def probability(self, table: pd.DataFrame) -> Floats:
        """Return P(label = 1), shape (n,). Raises FeatureMismatch: a column is absent."""
        return self.probability_of(self.encoder.matrix(table))

    def probability_of(self, matrix: Floats) -> Floats:
        """Return P(label = 1) for rows that are encoded already (see encoding.py), shape (n,)."""
        return self.calibration.probability(self.log_odds(matrix))

    def score(self, values: Mapping[str, Any]) -> float:
        """Return P(label = 1) of one row without the cost of a frame; the fast path of serving.

        values: number, flag as 0/1 or bool, category as text, None for unknown, by feature.
        Raises FeatureMismatch: a feature is absent or not of its kind.
        """
        return float(self.probability_of(self.encoder.row(values))[0])

    def log_odds(self, matrix: Floats) -> Floats:
        """Return the weighted sum of the members' log-odds, before calibration, shape (n,)."""
        if not len(matrix):
            return np.zeros(0)
        if len(self.parts) == 1 and self.parts[0].weight == 1:
            return self.parts[0].member.log_odds(matrix)
        total = np.zeros(len(matrix))
        for part in self.parts:
            total += part.weight * part.member.log_odds(matrix)
        return total

    def contributions(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return shape (n, features) and the base, shape (n,); their sum is `log_odds`."""
        return self.contributions_of(self.encoder.matrix(table))

    def contributions_of(self, matrix: Floats) -> tuple[Floats, Floats]:
        """Return the contributions of rows that are encoded already."""
        each, base = np.zeros(matrix.shape), np.zeros(len(matrix))
        for part in self.parts if len(matrix) else ():
            added, start = part.member.contributions(matrix)
            each += part.weight * added
            base += part.weight * start
        return each, base

    def save(self, folder: Path) -> None:
        """Write model.json and a native file or two per member into an empty folder."""
        from analytics.learners.storing import save  # noqa: PLC0415  # storing knows every kind

        save(self, folder)
