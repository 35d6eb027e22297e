"""Logistic regression with interactions: who does it anyway, and whom a treatment moves.

    log-odds(outcome) =   main · wide              what is known without any treatment, generously
                        + shared · any · base      what every treatment does, sparingly
                        + own_j · (arm j − its share of any) · base     what sets arm j apart

Each term has a normal prior of its own width around 0 (a ridge): a rich shape of the outcome
takes noise away from the effect, and the effect itself stays near "the same log-odds for
everybody" until many people say otherwise. Arms teach each other through `shared`.

`LogisticPairs` learns each treatment from its own rows and the control's alone: one model more for
each, and nothing of one arm colours another.

The class transformation lives here too (Jaśkowski and Jaroszewicz 2012): z is 1 for treated with
the outcome and control without it; P(z) learnt directly is half the effect, from one half.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from analytics.models import Floats
from analytics.retention.designs import Features
from analytics.retention.trials import Trial

#: Prior deviations of log-odds per deviation of a column.
MAIN_SD = 0.3
EFFECT_SD = 0.2
#: Prior deviation of a treatment's average effect in log-odds.
AVERAGE_SD = 1.0


@dataclass(frozen=True, slots=True)
class LinearEffect:
    """A fitted logistic with interactions. Log-odds = intercept + features · coefficients."""

    intercept: float
    main: Floats
    #: Per arm (control first): what is added to the log-odds, and per column of the effect part.
    added: Floats
    effect: Floats
    #: How many of the wide columns the effect part uses.
    columns: int

    def chances(self, features: Features) -> Floats:
        """Return P(outcome) under each arm, shape (n, arms)."""
        base = self.intercept + features.wide @ self.main
        moved = features.wide[:, : self.columns] @ self.effect.T
        return np.asarray(expit(base[:, None] + self.added[None, :] + moved))

    def effects(self, features: Features) -> Floats:
        """Return the effect of each treatment against the control, shape (n, treatments)."""
        chances = self.chances(features)
        return np.asarray(chances[:, 1:] - chances[:, :1])

    def files(self) -> dict[str, str]:
        written = {
            "intercept": self.intercept, "main": self.main.tolist(),
            "added": self.added.tolist(), "effect": self.effect.tolist(),
            "columns": self.columns,
        }  # fmt: skip
        return {"linear.json": json.dumps(written)}

    @classmethod
    def of_files(cls, files: dict[str, str]) -> LinearEffect:
        read = json.loads(files["linear.json"])
        return cls(
            read["intercept"], np.array(read["main"]), np.array(read["added"]),
            np.array(read["effect"]), read["columns"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Logistic:
    """The recipe. `effect_sd` widens what treatments may differ by; `products_sd` lets squares
    and products modify the effect too, 0 keeps to the base columns.
    """

    effect_sd: float = EFFECT_SD
    products_sd: float = 0.0
    main_sd: float = MAIN_SD

    def fit(self, features: Features, trial: Trial, *, seed: int) -> LinearEffect:
        """Learn from all arms at once. `seed` is not used: the optimum is one."""
        del seed
        coding = _coding(trial.treatments, float(np.mean(trial.arm > 0)))
        k = features.wide.shape[1] if self.products_sd else features.base.shape[1]
        part = features.wide[:, :k]
        sds = np.full(k, self.effect_sd)
        sds[features.base.shape[1] :] = self.products_sd
        codes = coding[trial.arm]
        # A prior of width s on a coefficient is a prior of width 1 on the column times s.
        columns = np.hstack(
            [
                features.wide * self.main_sd,
                codes * AVERAGE_SD,
                *(part * sds * codes[:, [j]] for j in range(codes.shape[1])),
            ]
        )
        learnt = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=100)
        coefficients = learnt.fit(columns, trial.outcome).coef_[0]
        width, arms = features.wide.shape[1], codes.shape[1]
        by_code = coefficients[width + arms :].reshape(arms, k) * sds
        return LinearEffect(
            intercept=float(learnt.intercept_[0]),
            main=coefficients[:width] * self.main_sd,
            added=coding @ coefficients[width : width + arms] * AVERAGE_SD,
            effect=coding @ by_code,
            columns=k,
        )


@dataclass(frozen=True, slots=True)
class PairsEffect:
    """Fitted logistics, one per treatment against the control."""

    pairs: tuple[LinearEffect, ...]

    def effects(self, features: Features) -> Floats:
        """Return the effect of each treatment against the control, shape (n, treatments)."""
        return np.hstack([one.effects(features) for one in self.pairs])

    def files(self) -> dict[str, str]:
        return {f"pair_{i}.json": one.files()["linear.json"] for i, one in enumerate(self.pairs, 1)}

    @classmethod
    def of_files(cls, files: dict[str, str]) -> PairsEffect:
        texts = [files[f"pair_{i}.json"] for i in range(1, len(files) + 1)]
        return cls(tuple(LinearEffect.of_files({"linear.json": one}) for one in texts))


@dataclass(frozen=True, slots=True)
class LogisticPairs:
    """The recipe: the same priors, each treatment alone with the control."""

    logistic: Logistic = Logistic()

    def fit(self, features: Features, trial: Trial, *, seed: int) -> PairsEffect:
        pairs = [trial.pair(arm) for arm in range(1, len(trial.arms))]
        return PairsEffect(
            tuple(self.logistic.fit(features.of(rows), one, seed=seed) for rows, one in pairs)
        )


@dataclass(frozen=True, slots=True)
class ClassEffect:
    """Fitted class transformations, one per treatment: shape (treatments, 1 + base columns)."""

    coefficients: Floats

    def effects(self, features: Features) -> Floats:
        """Return the effect of each treatment against the control, shape (n, treatments)."""
        odds = self.coefficients[:, 0] + features.base @ self.coefficients[:, 1:].T
        return np.asarray(2 * expit(odds) - 1)

    def files(self) -> dict[str, str]:
        return {"classes.json": json.dumps(self.coefficients.tolist())}

    @classmethod
    def of_files(cls, files: dict[str, str]) -> ClassEffect:
        return cls(np.array(json.loads(files["classes.json"])))


@dataclass(frozen=True, slots=True)
class ClassTransformation:
    """The recipe; rows weigh by the inverse of their propensity, so arms may be of any size."""

    effect_sd: float = EFFECT_SD

    def fit(self, features: Features, trial: Trial, *, seed: int) -> ClassEffect:
        del seed
        return ClassEffect(
            np.array([self._one(features, trial, j) for j in range(1, len(trial.arms))])
        )

    def _one(self, features: Features, trial: Trial, arm: int) -> Any:
        rows = trial.against_control(arm)
        changed = trial.outcome[rows] == (trial.arm[rows] > 0)
        learnt = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=100)
        learnt.fit(features.base[rows] * self.effect_sd, changed, trial.weight(arm))
        return np.append(learnt.intercept_[0], learnt.coef_[0] * self.effect_sd)


def _coding(treatments: int, share: float) -> Floats:
    """Return what each arm has in the shared and own columns, shape (arms, columns).

    Shared: whether treated at all, less the share of treated. Own (two treatments or more): the
    arm, less its part of all treatments, so that own columns sum to 0 over the treatments.
    """
    shared = np.append(-share, np.full(treatments, 1 - share))[:, None]
    if treatments == 1:
        return np.asarray(shared)
    own = np.vstack([np.zeros(treatments), np.eye(treatments) - 1 / treatments])
    return np.hstack([shared, own])
