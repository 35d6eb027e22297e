"""The two ideas of the house: a recipe learns from a table, and gives a model that scores one.

    Recipe.fit(table, labels, schema) ──▶ Model ──probability──▶ P(label = 1), calibrated
                                            ├──contributions──▶ why, feature by feature
                                            └──save──▶ files in native text formats or ONNX

Evaluation, registry, drift and serving know only these two; churn, fraud and a table brought by
the bank differ in their recipe and their schema.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.tables.columns import Schema

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int8]
#: Called with the share done, in [0, 1].
Progress: TypeAlias = Callable[[float], None]


def quietly(share: float) -> None:
    """Show no progress."""


class Model(Protocol):
    """A fitted model. Never pickled: `save` writes native formats, `learners.load` reads them."""

    @property
    def schema(self) -> Schema:
        """The features, in order."""

    def probability(self, table: pd.DataFrame) -> Floats:
        """Return P(label = 1) for each row, shape (n,), in [0, 1], calibrated.

        table: at least the schema's columns; others are ignored.
        Raises FeatureMismatch: a column of the schema is absent.
        """

    def contributions(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return what each feature adds in log-odds, shape (n, features), and the base, shape (n,).

        Base plus the row's sum is the log-odds before calibration; a blend's are the weighted
        sums of its members'.
        """

    def save(self, folder: Path) -> None:
        """Write the model's files into an empty folder."""


class Recipe(Protocol):
    """How to learn: members, their settings, and calibration, all from the training rows alone."""

    @property
    def name(self) -> str:
        """Short, for tables of results: "blend", "forest150"."""

    def fit(
        self,
        table: pd.DataFrame,
        labels: Labels,
        schema: Schema,
        *,
        seed: int = 7,
        progress: Progress = quietly,
    ) -> Model:
        """Learn P(label = 1).

        labels: shape (n,), 0 or 1.
        Raises CannotLearn: one class only, or fewer than 20 rows of the rarer one.
        """
