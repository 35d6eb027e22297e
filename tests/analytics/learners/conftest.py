"""A small table in which something can be learnt, and small learners that learn it quickly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.learners.boosting import LightGBM
from analytics.learners.categorical import CatBoost
from analytics.learners.fitting import Ingredient, TableRecipe
from analytics.learners.forests import Forest, Isolation
from analytics.learners.linear import Logistic
from analytics.tables.columns import Column, Kind, Schema

SCHEMA = Schema(
    (
        Column("tenure", Kind.NUMBER, "months"),
        Column("charge_minor", Kind.NUMBER, "EUR minor units"),
        Column("plan", Kind.CATEGORY),
        Column("active", Kind.FLAG),
    )
)

SMALL_LIGHTGBM = LightGBM({"num_leaves": 4, "learning_rate": 0.2}, rounds_most=12, patience=4)
SMALL_CATBOOST = CatBoost({"depth": 3, "learning_rate": 0.3}, rounds_most=10, patience=4)
LEARNERS = {
    "logistic": Logistic(4),
    "lightgbm": SMALL_LIGHTGBM,
    "catboost": SMALL_CATBOOST,
    "forest": Forest(6, 3),
    "isolation": Isolation(6, 64),
}
RECIPES = {
    **{name: TableRecipe(name, (Ingredient(learner),)) for name, learner in LEARNERS.items()},
    "uncalibrated": TableRecipe("uncalibrated", (Ingredient(Forest(6, 1)),), calibrates=False),
    "blend": TableRecipe(
        "blend",
        (
            Ingredient(Logistic(4)),
            Ingredient(SMALL_LIGHTGBM, bagged=True),
            Ingredient(SMALL_CATBOOST, bagged=True),
        ),
    ),
}


def a_table(rows: int = 300, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(seed)
    tenure = random.integers(0, 72, rows).astype(float)
    charge = random.normal(6_000, 2_000, rows).round()
    plan = random.choice(["basic", "gold", "none"], rows)
    active = random.integers(0, 2, rows).astype(float)
    log_odds = 1 - tenure / 12 + (charge - 6_000) / 3_000 + 1.5 * (plan == "basic") - active
    labels = (random.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.int8)
    charge[random.random(rows) < 0.1] = np.nan
    table = pd.DataFrame({"tenure": tenure, "charge_minor": charge, "plan": plan, "active": active})
    return table, labels


@pytest.fixture(scope="session")
def fitted() -> dict:
    """Every small recipe, fitted on the same table."""
    table, labels = a_table()
    return {name: one.fit(table, labels, SCHEMA) for name, one in RECIPES.items()}
