"""Recipes by name: which learners, with which settings. One set for every table.

| name                  | what                                           | for                   |
|-----------------------|------------------------------------------------|-----------------------|
| blend                 | logistic, LightGBM and CatBoost twice, stacked | the best guess        |
| logistic              | logistic regression on splines                 | the most readable     |
| lightgbm, catboost    | one booster, slow and small, size by folds     | the fastest good ones |
| forest                | 300 trees, leaves of 5 rows                    | trees without boosting|
| forest150             | 150 trees, default leaves, uncalibrated        | the recipe to beat    |
| …_defaults            | the boosters' own settings, uncalibrated       | comparison            |
| isolation             | isolation forest; labels only calibrate        | no labels: baseline   |

How the settings were chosen: docs/benchmarks.md, "Churn tables". Not per table.
"""

from __future__ import annotations

from analytics.errors import CannotLearn
from analytics.learners.boosting import LightGBM
from analytics.learners.categorical import CatBoost
from analytics.learners.fitting import Ingredient, TableRecipe
from analytics.learners.forests import Forest, Isolation
from analytics.learners.linear import Logistic

_TREES = {
    "learning_rate": 0.04, "num_leaves": 15, "lambda_l2": 10.0, "min_data_in_leaf": 20,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "max_cat_to_onehot": 8,
}  # fmt: skip
_SHALLOW_TREES = {
    **_TREES, "learning_rate": 0.03, "num_leaves": 8, "max_depth": 3, "lambda_l2": 20.0,
    "path_smooth": 20.0, "feature_fraction": 0.4,
}  # fmt: skip
#: For tables whose classes lie far apart, where shallow trees end long before the data do. Where
#: they do not, it stops early and is weighed near nothing; it learns in a tenth of CatBoost's time.
_LEAFY_TREES = {
    "learning_rate": 0.05, "num_leaves": 31, "lambda_l2": 1.0, "min_data_in_leaf": 20,
    "feature_fraction": 0.6, "bagging_fraction": 0.8, "bagging_freq": 1,
}  # fmt: skip
#: Pairs of categories at most: combinations of four took half as long again, were a little better
#: on one of two tables and a little worse on the other.
_SYMMETRIC = {
    "depth": 4, "learning_rate": 0.05, "l2_leaf_reg": 10.0, "rsm": 0.5, "random_strength": 2.0,
    "max_ctr_complexity": 2,
}  # fmt: skip
_DEEPER = {"depth": 6, "learning_rate": 0.05, "l2_leaf_reg": 5.0, "max_ctr_complexity": 1}

_RECIPES = {
    one.name: one
    for one in (
        TableRecipe(
            "blend",
            (
                Ingredient(Logistic()),
                Ingredient(LightGBM(_SHALLOW_TREES), bagged=True),
                Ingredient(LightGBM(_LEAFY_TREES, rounds_most=2000), bagged=True),
                Ingredient(CatBoost(_SYMMETRIC), bagged=True),
                Ingredient(CatBoost(_DEEPER), bagged=True),
            ),
        ),
        TableRecipe("logistic", (Ingredient(Logistic()),)),
        TableRecipe("lightgbm", (Ingredient(LightGBM(_TREES)),)),
        TableRecipe("catboost", (Ingredient(CatBoost(_SYMMETRIC)),)),
        TableRecipe("forest", (Ingredient(Forest(300, 5)),)),
        TableRecipe("forest150", (Ingredient(Forest(150, 1)),), calibrates=False),
        TableRecipe("isolation", (Ingredient(Isolation()),)),
        TableRecipe(
            "lightgbm_defaults", (Ingredient(LightGBM({}, rounds_most=100)),), calibrates=False
        ),
        TableRecipe(
            "catboost_defaults", (Ingredient(CatBoost({}, rounds_most=1000)),), calibrates=False
        ),
    )
}

NAMES = tuple(_RECIPES)


def recipe(name: str) -> TableRecipe:
    """Return the recipe of this name. Raises CannotLearn: there is none; says which there are."""
    try:
        return _RECIPES[name]
    except KeyError:
        raise CannotLearn(f"There is no recipe {name}; there are {', '.join(NAMES)}.") from None
