"""A tiny model of the house: logistic regression on the numbers, saved as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from analytics.errors import CannotLearn, FeatureMismatch
from analytics.models import Floats, Labels, Progress, quietly
from analytics.registry import Card, Window
from analytics.tables.columns import Column, Kind, Schema

SCHEMA = Schema((Column("age", Kind.NUMBER), Column("debt", Kind.NUMBER)))


class TinyModel:
    def __init__(self, schema: Schema, weights: Floats, base: float) -> None:
        self.schema, self.weights, self.base = schema, weights, base

    def probability(self, table: pd.DataFrame) -> Floats:
        lacking = [name for name in self.schema.names if name not in table]
        if lacking:
            raise FeatureMismatch(", ".join(lacking))
        numbers = table[list(self.schema.names)].to_numpy(float)
        return 1 / (1 + np.exp(-(np.nan_to_num(numbers) @ self.weights + self.base)))

    def contributions(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        numbers = np.nan_to_num(table[list(self.schema.names)].to_numpy(float))
        return numbers * self.weights, np.full(len(table), self.base)

    def save(self, folder: Path) -> None:
        written = {
            "schema": self.schema.as_json(),
            "weights": self.weights.tolist(),
            "base": self.base,
        }
        (folder / "model.json").write_text(json.dumps(written))


class TinyRecipe:
    name = "tiny"

    def fit(
        self,
        table: pd.DataFrame,
        labels: Labels,
        schema: Schema,
        *,
        seed: int = 7,
        progress: Progress = quietly,
    ) -> TinyModel:
        if min((labels == 0).sum(), (labels == 1).sum()) < 20:
            raise CannotLearn("too few")
        numbers = np.nan_to_num(table[list(schema.names)].to_numpy(float))
        fitted = LogisticRegression(max_iter=500).fit(numbers, labels)
        progress(1.0)
        return TinyModel(schema, fitted.coef_[0], float(fitted.intercept_[0]))


def load(folder: Path) -> TinyModel:
    written = json.loads((folder / "model.json").read_text())
    schema = Schema.from_json(written["schema"])
    return TinyModel(schema, np.array(written["weights"]), written["base"])


def constant(probability: float, schema: Schema = SCHEMA) -> TinyModel:
    """Return a model that says the same of everybody."""
    odds = float(np.log(probability / (1 - probability)))
    return TinyModel(schema, np.zeros(len(schema.columns)), odds)


def a_card(**changes) -> Card:
    told = {
        "name": "churn",
        "recipe": "tiny",
        "schema": SCHEMA,
        "window": Window(100, 20),
        "seed": 7,
        **changes,
    }
    return Card(**told)
