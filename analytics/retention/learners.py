"""The learners of effects by name, and how much each is believed.

    every learner ──5 folds──▶ effects of rows it did not see ──▶ Qini ──▶ belief

    belief = exp(3 · (better by, in its own standard errors − 2))      the logistic's is 1

The logistic with interactions is the plainest, so it leads: another learner is believed as much
when its Qini is two standard errors higher (of the paired difference, by resampling), and hardly
when it is no better. Two, since eight learners are compared. Each treatment has its own beliefs.
Choosing the highest of eight noisy Qinis, or taking all eight alike, was worse on inner folds of
the benchmark's training halves (docs/cards/retention.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analytics.models import Floats, Progress, quietly
from analytics.retention.boosted import TreeEffect, Trees, Way
from analytics.retention.designs import Features
from analytics.retention.linear import (
    ClassEffect,
    ClassTransformation,
    LinearEffect,
    Logistic,
    LogisticPairs,
    PairsEffect,
)
from analytics.retention.qini import qini_of, rank
from analytics.retention.trials import Trial

FOLDS = 5
RESAMPLES = 40
#: A learner below this share of the whole belief is left out: it would only cost time.
BELIEF_LEAST = 0.05
#: A treatment with fewer rows of the rarer outcome keeps the leader: of so few, Qinis say nothing.
EVENTS_LEAST = 100
#: How many standard errors better a learner must be to be believed like the leader …
ERRORS_BETTER = 2.0
#: … and how fast belief grows with them.
STEEPNESS = 3.0
LEADER = "logistic"
#: All arms in one model; the leader's twin where there is one treatment only, so then left out.
SHARED = "logistic_shared"

Effect: TypeAlias = LinearEffect | PairsEffect | ClassEffect | TreeEffect


class Learner(Protocol):
    """How one learner learns effects; settings only, nothing fitted."""

    def fit(self, features: Features, trial: Trial, *, seed: int) -> Effect:
        """Learn from all rows given."""


LEARNERS: Mapping[str, Learner] = {
    LEADER: LogisticPairs(),
    "logistic_loose": LogisticPairs(Logistic(effect_sd=0.5)),
    "logistic_products": LogisticPairs(Logistic(products_sd=0.01)),
    SHARED: Logistic(),
    "class_transformation": ClassTransformation(),
    **{way.value: Trees(way) for way in Way},
}


def fitted_of(files: dict[str, str]) -> Effect:
    """Return the fitted learner whose `files()` these are."""
    if "linear.json" in files:
        return LinearEffect.of_files(files)
    if "pair_1.json" in files:
        return PairsEffect.of_files(files)
    if "classes.json" in files:
        return ClassEffect.of_files(files)
    return TreeEffect.of_files(files)


def unseen_effects(
    learners: Mapping[str, Learner],
    features: Features,
    trial: Trial,
    *,
    seed: int,
    progress: Progress = quietly,
) -> dict[str, Floats]:
    """Return each learner's effects of rows it did not learn from, shape (n, treatments)."""
    folds = folds_of(trial, seed=seed)
    found = {name: np.zeros((len(trial.arm), trial.treatments)) for name in learners}
    for fold in range(FOLDS):
        others, own = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        seen, asked, part = features.of(others), features.of(own), trial.of(others)
        for index, (name, learner) in enumerate(learners.items()):
            found[name][own] = learner.fit(seen, part, seed=seed).effects(asked)
            progress((fold + (index + 1) / len(learners)) / FOLDS)
    return found


def folds_of(trial: Trial, *, seed: int) -> NDArray[np.int64]:
    """Return a fold for each row, shape (n,); every fold has its part of each arm and outcome."""
    rng = np.random.default_rng(seed)
    folds = np.zeros(len(trial.arm), np.int64)
    kinds = 2 * trial.arm + trial.outcome.astype(np.int64)
    for kind in np.unique(kinds):
        rows = rng.permutation(np.flatnonzero(kinds == kind))
        folds[rows] = np.arange(len(rows)) % FOLDS
    return folds


def qini_draws(effect: Floats, trial: Trial, *, resamples: int, seed: int) -> tuple[float, Floats]:
    """Return the Qini of a trial of two arms, and the same for Poisson resamples of the rows.

    The same seed resamples the same rows, so that differences of learners are paired.
    """
    ranked = rank(effect, trial.arm, trial.outcome, trial.weight(1))
    drawn = np.zeros(resamples)
    for index in range(resamples):
        rng = np.random.default_rng((seed, index))
        again = rng.poisson(1.0, len(trial.arm)).astype(np.float64)
        drawn[index] = float(qini_of(ranked.counts(again)))
    return float(qini_of(ranked.counts())), drawn


def beliefs(
    unseen: Mapping[str, Floats], trial: Trial, *, seed: int
) -> tuple[tuple[dict[str, float], ...], tuple[dict[str, float], ...]]:
    """Return per treatment how much each learner is believed, and its Qini on unseen rows.

    unseen: per learner, shape (n, treatments). Beliefs of a treatment sum to 1.
    """
    believed, qinis = [], []
    for arm in range(1, len(trial.arms)):
        rows, pair = trial.pair(arm)
        measured = {
            name: qini_draws(effects[rows, arm - 1], pair, resamples=RESAMPLES, seed=seed)
            for name, effects in unseen.items()
        }
        events = pair.outcome[pair.arm == 1]
        rarer = min(events.sum(), len(events) - events.sum())
        believed.append(_belief(measured) if rarer >= EVENTS_LEAST else {_leader(measured): 1.0})
        qinis.append({name: value for name, (value, _) in measured.items()})
    return tuple(believed), tuple(qinis)


def _belief(measured: Mapping[str, tuple[float, Floats]]) -> dict[str, float]:
    """Return shares of belief; without the leader, the first learner leads."""
    leader = _leader(measured)
    value, drawn = measured[leader]
    belief = {leader: 1.0}
    for name, (other, others) in measured.items():
        if name != leader:
            error = float(np.std(others - drawn))
            better = (other - value) / error if error > 0 else 0.0
            belief[name] = float(np.exp(STEEPNESS * np.clip(better - ERRORS_BETTER, -5, 1)))
    total = sum(belief.values())
    kept = {name: one for name, one in belief.items() if one >= BELIEF_LEAST * total}
    return {name: one / sum(kept.values()) for name, one in kept.items()}


def _leader(names: Mapping[str, object]) -> str:
    return LEADER if LEADER in names else next(iter(names))
