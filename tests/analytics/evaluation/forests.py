"""A tiny recipe to evaluate, and tables of which the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from analytics.models import quietly
from analytics.tables.columns import Column, Kind, Schema
from analytics.tables.values import numbers_of

SCHEMA = Schema(
    (
        Column("age", Kind.NUMBER),
        Column("tenure", Kind.NUMBER),
        Column("amount", Kind.NUMBER),
        Column("segment", Kind.CATEGORY, levels=("basic", "plus", "private")),
    )
)


def a_table(rows=500, *, seed=1):
    """Return a table and its labels: short tenure and a basic segment make it likelier."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "age": random.integers(18, 80, rows),
            "tenure": random.exponential(4.0, rows).round(1),
            "amount": random.lognormal(5, 1, rows).round(2),
            "segment": random.choice(["basic", "plus", "private"], rows, p=[0.5, 0.3, 0.2]),
        }
    )
    odds = 0.2 - 0.3 * table["tenure"] + 1.2 * (table["segment"] == "basic")
    labels = (random.random(rows) < 1 / (1 + np.exp(-odds.to_numpy()))).astype(np.int8)
    return table, labels


def matrix(table, schema):
    return np.column_stack(
        [
            [column.levels.index(text) if text in column.levels else -1 for text in table[column.name]]
            if column.kind is Kind.CATEGORY
            else np.nan_to_num(numbers_of(table[column.name]), nan=-1.0)
            for column in schema.columns
        ]
    ).astype(float)  # fmt: skip


class TinyModel:
    def __init__(self, schema, forest):
        self.schema = schema
        self.forest = forest

    def probability(self, table):
        # The trees one by one: the forest's own way starts a pool, which costs more than they do.
        values = matrix(table, self.schema).astype(np.float32)
        trees = [one.predict_proba(values, check_input=False) for one in self.forest.estimators_]
        return np.mean(trees, axis=0)[:, 1]

    def contributions(self, table):
        values = matrix(table, self.schema)
        spread = (values - values.mean(axis=0)) / (values.std(axis=0) + 1e-9)
        return spread * self.forest.feature_importances_, np.zeros(len(table))

    def save(self, folder):
        raise NotImplementedError


class TinyForest:
    """Keeps the rows it learnt from, so that a test can look at them."""

    def __init__(self, name="tiny", *, leaf=10, trees=5):
        self.name = name
        self.leaf = leaf
        self.trees = trees
        self.learnt = []

    def fit(self, table, labels, schema, *, seed=7, progress=quietly):
        self.learnt.append(table.index.to_numpy())
        forest = RandomForestClassifier(
            self.trees, min_samples_leaf=self.leaf, random_state=seed, n_jobs=1
        )
        progress(0.5)
        return TinyModel(schema, forest.fit(matrix(table, schema), labels))
