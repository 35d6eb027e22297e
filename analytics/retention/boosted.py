"""Boosted trees that learn an effect, small on purpose: effects are faint and trees find noise.

    two_model            a tree model for each arm; the difference of their chances
    single_model         one model that sees the arm as a feature; asked twice
    transformed_outcome  outcome × (treated / e − control / (1 − e)): its mean is the effect
    doubly_robust        the same after a logistic model took away what it knows; right if either
                         the chances of the arms or that model are right (Kennedy 2023)

All read the base columns and write LightGBM's own text format.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from analytics.models import Floats
from analytics.retention.designs import Features
from analytics.retention.linear import Logistic
from analytics.retention.trials import Trial

#: Parts of the rows for the logistic model's chances, each from models of the other parts.
FOLDS = 3
_SETTINGS: dict[str, Any] = {
    "learning_rate": 0.05, "num_leaves": 4, "min_data_in_leaf": 200,
    "bagging_fraction": 0.7, "bagging_freq": 1, "feature_fraction": 0.7, "lambda_l2": 10.0,
    "num_threads": 1, "verbosity": -1, "deterministic": True, "force_row_wise": True,
}  # fmt: skip
#: A leaf holds this share of the rows at most 200, so that small tables can be split at all.
_LEAF_SHARE = 0.01
ROUNDS = 100


class Way(StrEnum):
    """How trees are made to learn an effect."""

    TWO_MODEL = "two_model"
    SINGLE_MODEL = "single_model"
    TRANSFORMED_OUTCOME = "transformed_outcome"
    DOUBLY_ROBUST = "doubly_robust"


@dataclass(frozen=True, slots=True)
class TreeEffect:
    """Fitted trees. boosters: per arm, control first, for two_model; one for single_model; per
    treatment for the others, which predict the effect itself.
    """

    way: Way
    boosters: tuple[lgb.Booster, ...]
    arms: int

    def effects(self, features: Features) -> Floats:
        """Return the effect of each treatment against the control, shape (n, treatments)."""
        if self.way is Way.TWO_MODEL:
            chances = np.column_stack([one.predict(features.base) for one in self.boosters])
        elif self.way is Way.SINGLE_MODEL:
            asked = [with_arm(features.base, arm, self.arms) for arm in range(self.arms)]
            chances = np.column_stack([self.boosters[0].predict(one) for one in asked])
        else:
            effects = [one.predict(features.base) for one in self.boosters]
            return np.asarray(np.clip(np.column_stack(effects), -1.0, 1.0))
        return np.asarray(chances[:, 1:] - chances[:, :1])

    def files(self) -> dict[str, str]:
        texts = {f"trees_{i}.txt": one.model_to_string() for i, one in enumerate(self.boosters)}
        return {"way.txt": f"{self.way.value} {self.arms}", **texts}

    @classmethod
    def of_files(cls, files: dict[str, str]) -> TreeEffect:
        way, arms = files["way.txt"].split()
        texts = [files[f"trees_{i}.txt"] for i in range(len(files) - 1)]
        return cls(Way(way), tuple(lgb.Booster(model_str=one) for one in texts), int(arms))


@dataclass(frozen=True, slots=True)
class Trees:
    """The recipe."""

    way: Way
    rounds: int = ROUNDS

    def fit(self, features: Features, trial: Trial, *, seed: int) -> TreeEffect:
        arms = range(len(trial.arms))
        if self.way is Way.TWO_MODEL:
            groups = [trial.arm == arm for arm in arms]
            boosters = [
                self._learn(features.base[rows], trial.outcome[rows], seed, "binary")
                for rows in groups
            ]
        elif self.way is Way.SINGLE_MODEL:
            asked = with_arm(features.base, trial.arm, len(arms))
            boosters = [self._learn(asked, trial.outcome, seed, "binary")]
        else:
            nuisance = (
                nuisance_chances(features, trial, seed=seed)
                if self.way is Way.DOUBLY_ROBUST
                else np.zeros((len(trial.arm), len(arms)))
            )
            boosters = [self._direct(features, trial, nuisance, arm, seed) for arm in arms[1:]]
        return TreeEffect(self.way, tuple(boosters), len(arms))

    def _direct(
        self, features: Features, trial: Trial, nuisance: Floats, arm: int, seed: int
    ) -> lgb.Booster:
        rows = trial.against_control(arm)
        pseudo = pseudo_outcome(trial, nuisance, arm)[rows]
        return self._learn(features.base[rows], pseudo, seed, "regression")

    def _learn(self, rows: Floats, target: Floats, seed: int, objective: str) -> lgb.Booster:
        leaf = max(5, min(200, int(_LEAF_SHARE * len(rows))))
        settings = {**_SETTINGS, "objective": objective, "seed": seed, "min_data_in_leaf": leaf}
        return lgb.train(settings, lgb.Dataset(rows, target), num_boost_round=self.rounds)


def with_arm(base: Floats, arm: NDArray[np.int64] | int, arms: int) -> Floats:
    """Return the rows with a column for each treatment that says whether it was given."""
    codes = np.broadcast_to(np.asarray(arm), (len(base),))
    return np.hstack([base, (codes[:, None] == np.arange(1, arms)).astype(np.float64)])


def nuisance_chances(features: Features, trial: Trial, *, seed: int) -> Floats:
    """Return P(outcome) under each arm, shape (n, arms), from models that did not see the row."""
    folds = np.random.default_rng(seed).integers(0, FOLDS, len(trial.arm))
    chances = np.zeros((len(trial.arm), len(trial.arms)))
    for fold in range(FOLDS):
        others, own = folds != fold, folds == fold
        learnt = Logistic().fit(features.of(others), trial.of(others), seed=seed)
        chances[own] = learnt.chances(features.of(own))
    return chances


def pseudo_outcome(trial: Trial, nuisance: Floats, arm: int) -> Floats:
    """Return the doubly robust score of each row, shape (n,): its mean is the average effect.

    With a nuisance of zeros this is the transformed outcome. The propensity is that of the arm
    against the control only; rows of other arms have no score of their own (their part is the
    nuisance alone).
    """
    pair = trial.propensity[:, [0, arm]]
    chance = pair / pair.sum(axis=1, keepdims=True)
    score = nuisance[:, arm] - nuisance[:, 0]
    for side, code, sign in ((1, arm, 1.0), (0, 0, -1.0)):
        inside = trial.arm == code
        residual = trial.outcome[inside] - nuisance[inside, code]
        score[inside] += sign * residual / chance[inside, side]
    return np.asarray(score)
