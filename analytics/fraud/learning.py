"""How the fraud room learns: boosted trees, and a network, for fraud that is rare and drifts.

    rows, labels, weights ──keep all fraud, a share of the rest──▶ members

Settings are usual ones for tables of this size. The span of training (28, 45 or 60 days), the
number of trees and how finely CatBoost cuts a feature were compared on weeks that
benchmarks/fraud.py names. Fraud is often a plain bound on one feature, so finer cuts find more of
it (32, 64, 254, 1,024 of them: average precision 0.735, 0.752, 0.766, 0.767 on one of those weeks)
and cost nothing when scoring. Few honest rows are enough: keeping a share of them, each weighing
more, learns the same from less, and probabilities stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import catboost
import lightgbm
import numpy as np

from analytics.deep.learning import network_member
from analytics.fraud.symmetric import Symmetric
from analytics.learners.boosting import Boosted
from analytics.learners.members import Member
from analytics.models import Floats, Labels

Fit: TypeAlias = Callable[[Floats, Labels, Floats, int], Member]

_LIGHTGBM = {
    "objective": "binary", "num_leaves": 15, "learning_rate": 0.03, "min_data_in_leaf": 30,
    "lambda_l2": 5.0, "feature_fraction": 0.4, "bagging_fraction": 0.8, "bagging_freq": 1,
    "verbose": -1, "num_threads": 1, "deterministic": True,
}  # fmt: skip
_LIGHTGBM_ROUNDS = 300
_CATBOOST = {
    "loss_function": "Logloss", "depth": 6, "learning_rate": 0.07, "iterations": 300,
    "l2_leaf_reg": 5.0, "rsm": 0.4, "verbose": False, "thread_count": 1,
    "allow_writing_files": False, "border_count": 1024,
}  # fmt: skip


def lightgbm_member(matrix: Floats, labels: Labels, weights: Floats, seed: int) -> Boosted:
    data = lightgbm.Dataset(matrix, labels, weight=weights, params={"verbose": -1})
    booster = lightgbm.train({**_LIGHTGBM, "seed": seed}, data, _LIGHTGBM_ROUNDS)
    return Boosted(lightgbm.Booster(model_str=booster.model_to_string()))


def catboost_member(matrix: Floats, labels: Labels, weights: Floats, seed: int) -> Symmetric:
    model = catboost.CatBoost({**_CATBOOST, "random_seed": seed})
    model.fit(catboost.Pool(matrix.astype(np.float32), labels, weight=weights))
    return Symmetric.of(model)


FITS: Mapping[str, Fit] = {
    "lightgbm": lightgbm_member,
    "catboost": catboost_member,
    "network": network_member,
}


def thinned(
    labels: Labels, weights: Floats, *, honest_share: float, seed: int
) -> tuple[np.ndarray, Floats]:
    """Return the rows to keep, ascending, and their weights: all fraud, a share of the rest.

    The kept honest rows weigh 1 / share more, so the weighted share of fraud stays.
    """
    if honest_share >= 1:
        return np.arange(len(labels)), weights
    drawn = np.random.default_rng(seed).random(len(labels)) < honest_share
    rows = np.flatnonzero((labels == 1) | drawn)
    return rows, weights[rows] * np.where(labels[rows] == 1, 1.0, 1 / honest_share)
