"""The recipe of a stream's members: sixty small trees, learnt in a second, not calibrated.

They are calibrated together, by the newest labelled rows (following.py). Chosen on the rows of
bank-marketing before the stretch that is reported: docs/benchmarks.md.
"""

from __future__ import annotations

from analytics.learners.boosting import LightGBM
from analytics.learners.fitting import Ingredient, TableRecipe

_SETTINGS = {
    "num_leaves": 8, "learning_rate": 0.06, "min_data_in_leaf": 30, "lambda_l2": 5.0,
    "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1,
}  # fmt: skip
ROUNDS = 60

QUICK = TableRecipe(
    "quick", (Ingredient(LightGBM(_SETTINGS, rounds_most=ROUNDS)),), calibrates=False
)
