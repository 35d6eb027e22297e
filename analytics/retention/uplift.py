"""Uplift: what each treatment changes for each person, with how sure that is.

    table, treated, outcome
        │ 5 folds: every learner, rows it did not see ─▶ beliefs (learners.py)
        │                                             └▶ calibration: is an effect said to be
        │                                                twice as large really twice as large?
        │ all rows: the believed learners
        └ HALVES random halves of the rows: the same again ─▶ how much the answer moves

    effect = average + slope · (learners' effect − their mean)

The average is the doubly robust one of the trial. The slope is learnt on unseen rows and drawn
towards 1; it is never below 0. An effect is P(outcome | treated) − P(outcome | not treated), in
[-1, 1]: where the outcome is churn, a good treatment has a negative one.

The interval covers the average's error, the slope's, what another sample of people would have
taught the learners (the spread over halves of n is that of samples of n), and that learners of
another kind (WITNESSES) see the person otherwise. Without the last it held the truth 70 times in
a hundred instead of 90; tests/analytics/retention measures it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from analytics.models import Floats, Progress, quietly
from analytics.retention import files
from analytics.retention.boosted import nuisance_chances, pseudo_outcome
from analytics.retention.designs import Design, Features
from analytics.retention.learners import LEARNERS, SHARED, Effect, beliefs, unseen_effects
from analytics.retention.trials import Trial, estimated_propensity, trial_of
from analytics.tables.columns import Schema

HALVES = 12
#: Learners that are asked whether they agree, believed or not.
WITNESSES = ("class_transformation", "doubly_robust")
#: Before looking, a slope is 1, give or take this much.
SLOPE_SD = 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the learners' effect of one treatment becomes the effect that is said."""

    average: float
    average_error: float
    slope: float
    slope_error: float
    #: The learners' mean effect of the training rows.
    mean: float


@dataclass(frozen=True, slots=True)
class Effects:
    """Effects and their intervals, each shape (n, treatments), in [-1, 1]."""

    value: Floats
    low: Floats
    high: Floats
    error: Floats
    level: float


@dataclass(frozen=True, slots=True)
class Uplift:
    """A fitted model of effects. `halves`: the believed learners again, each of half the rows."""

    design: Design
    arms: tuple[str, ...]
    #: Per treatment: how much each learner is believed, summing to 1.
    belief: tuple[Mapping[str, float], ...]
    #: Per treatment: every learner's Qini on unseen training rows.
    qinis: tuple[Mapping[str, float], ...]
    learners: Mapping[str, Effect]
    #: Per witness: itself, and the mean of its effects of the training rows, shape (treatments,).
    witnesses: Mapping[str, Effect]
    witness_means: Mapping[str, tuple[float, ...]]
    halves: tuple[Mapping[str, Effect], ...]
    #: Per half: the mean of its effects of the training rows, shape (treatments,).
    half_means: tuple[tuple[float, ...], ...]
    calibrations: tuple[Calibration, ...]
    #: The share of untreated training rows with the outcome.
    control_rate: float

    @property
    def schema(self) -> Schema:
        return self.design.schema

    @classmethod
    def fit(
        cls,
        table: pd.DataFrame,
        treated: ArrayLike,
        outcome: ArrayLike,
        schema: Schema,
        *,
        arms: Sequence[str] | None = None,
        propensity: ArrayLike | Literal["estimate"] | None = None,
        learners: Sequence[str] = tuple(LEARNERS),
        halves: int = HALVES,
        seed: int = 7,
        progress: Progress = quietly,
    ) -> Uplift:
        """Learn effects from a trial, or with `propensity="estimate"` from what was done.

        table: n rows with the schema's columns, as of before the treatment. treated, outcome,
        arms, propensity: as in `trials.trial_of`. learners: names of LEARNERS.
        Raises BadTable, CannotLearn, FeatureMismatch.
        """
        given = None if isinstance(propensity, str) else propensity
        trial = trial_of(treated, outcome, arms=arms, propensity=given)
        assert len(table) == len(trial.arm), (len(table), len(trial.arm))
        # Many small matrices: threads of a busy machine would wait for each other.
        with threadpool_limits(limits=1):
            design = Design.fit(table, schema, trial.outcome)
            features = design.features(table)
            if isinstance(propensity, str):
                chances = estimated_propensity(features.base, trial.arm, len(trial.arms))
                trial = trial_of(trial.arm, outcome, arms=trial.arms, propensity=chances)
            return _learnt(
                design, features, trial, learners, halves=halves, seed=seed, progress=progress
            )

    def effect(self, table: pd.DataFrame, *, level: float = 0.9) -> Effects:
        """Return the effect of each treatment for each row, with its interval.

        level: how often the interval should hold the truth, in (0, 1).
        Raises FeatureMismatch: a column of the schema is absent.
        """
        assert 0 < level < 1, level
        features = self.design.features(table)
        raw = _combined(self.learners, self.belief, features)
        average = np.array([one.average for one in self.calibrations])
        slope = np.array([one.slope for one in self.calibrations])
        away = raw - np.array([one.mean for one in self.calibrations])
        average_error = np.array([one.average_error for one in self.calibrations])
        slope_error = np.array([one.slope_error for one in self.calibrations])
        variance = average_error**2 + (away * slope_error) ** 2
        if self.witnesses:
            otherwise = [
                one.effects(features) - np.array(self.witness_means[name]) - away
                for name, one in self.witnesses.items()
            ]
            variance = variance + slope**2 * np.mean(np.square(otherwise), axis=0)
        if self.halves:
            moved = [
                _combined(half, self.belief, features) - np.array(mean)
                for half, mean in zip(self.halves, self.half_means, strict=True)
            ]
            variance = variance + slope**2 * np.var(moved, axis=0, ddof=1)
        value = np.clip(average + slope * away, -1.0, 1.0)
        error = np.sqrt(variance)
        wide = float(norm.ppf((1 + level) / 2)) * error
        low, high = np.clip(value - wide, -1.0, 1.0), np.clip(value + wide, -1.0, 1.0)
        return Effects(value, low, high, error, level)

    def save(self, folder: Path) -> None:
        """Write JSON and LightGBM's text format, with hashes. See `files.py`."""
        files.save(self, folder)

    @classmethod
    def load(cls, folder: Path) -> Uplift:
        """Read what `save` wrote. Raises BrokenModel: a file is absent or was changed."""
        return files.load(folder)


def _learnt(
    design: Design,
    features: Features,
    trial: Trial,
    learners: Sequence[str],
    *,
    halves: int,
    seed: int,
    progress: Progress,
) -> Uplift:
    chosen = {name: LEARNERS[name] for name in learners if name != SHARED or trial.treatments > 1}
    unseen = unseen_effects(
        chosen, features, trial, seed=seed, progress=lambda share: progress(0.6 * share)
    )
    belief, qinis = beliefs(unseen, trial, seed=seed)
    kept = {name: one for name, one in chosen.items() if any(name in b for b in belief)}
    fitted = {name: one.fit(features, trial, seed=seed) for name, one in kept.items()}
    witnesses = {
        name: fitted.get(name) or LEARNERS[name].fit(features, trial, seed=seed)
        for name in WITNESSES
    }
    again, half_means = [], []
    for half in range(halves):
        rows = _half(trial, seed=seed + 1 + half)
        part, seen = features.of(rows), trial.of(rows)
        again.append({name: one.fit(part, seen, seed=seed) for name, one in kept.items()})
        half_means.append(_means(_combined(again[-1], belief, features)))
        progress(0.6 + 0.4 * (half + 1) / halves)
    means = _combined(fitted, belief, features).mean(axis=0)
    return Uplift(
        design=design,
        arms=trial.arms,
        belief=belief,
        qinis=qinis,
        learners=fitted,
        witnesses=witnesses,
        witness_means={name: _means(one.effects(features)) for name, one in witnesses.items()},
        halves=tuple(again),
        half_means=tuple(half_means),
        calibrations=_calibrations(_weighted(unseen, belief), trial, features, means, seed=seed),
        control_rate=float(trial.outcome[trial.arm == 0].mean()),
    )


def _means(effects: Floats) -> tuple[float, ...]:
    return tuple(float(one) for one in effects.mean(axis=0))


def _combined(
    learners: Mapping[str, Effect], belief: tuple[Mapping[str, float], ...], features: Features
) -> Floats:
    return _weighted({name: one.effects(features) for name, one in learners.items()}, belief)


def _weighted(effects: Mapping[str, Floats], belief: tuple[Mapping[str, float], ...]) -> Floats:
    """Return the believed effect of each treatment, shape (n, treatments)."""
    return np.column_stack(
        [
            np.sum([share * effects[name][:, arm] for name, share in believed.items()], axis=0)
            for arm, believed in enumerate(belief)
        ]
    )


def _half(trial: Trial, *, seed: int) -> NDArray[np.intp]:
    """Return half of the rows, at random, with their part of each arm and outcome."""
    rng = np.random.default_rng(seed)
    kinds = 2 * trial.arm + trial.outcome.astype(np.int64)
    parts = [rng.permutation(np.flatnonzero(kinds == kind)) for kind in np.unique(kinds)]
    return np.concatenate([part[: (len(part) + 1) // 2] for part in parts])


def _calibrations(
    unseen: Floats, trial: Trial, features: Features, means: Floats, *, seed: int
) -> tuple[Calibration, ...]:
    """Regress doubly robust scores on unseen effects (the best linear predictor of effects)."""
    nuisance = nuisance_chances(features, trial, seed=seed)
    found = []
    for arm in range(1, len(trial.arms)):
        rows = trial.against_control(arm)
        score = pseudo_outcome(trial, nuisance, arm)[rows]
        found.append(_calibration(score, unseen[rows, arm - 1], mean=float(means[arm - 1])))
    return tuple(found)


def _calibration(score: Floats, unseen: Floats, *, mean: float) -> Calibration:
    away = unseen - unseen.mean()
    average, spread = float(score.mean()), float(away @ away)
    slope, error = 1.0, SLOPE_SD
    if spread > 1e-12:
        seen_slope = float(away @ score) / spread
        residual = score - average - seen_slope * away
        seen_error = float(np.sqrt(np.sum((away * residual) ** 2))) / spread
        trust, prior = 1 / max(seen_error, 1e-6) ** 2, 1 / SLOPE_SD**2
        slope = (trust * seen_slope + prior) / (trust + prior)
        error = float(np.sqrt(1 / (trust + prior)))
    average_error = float(score.std()) / float(np.sqrt(len(score)))
    return Calibration(average, average_error, max(0.0, slope), error, mean)
