"""A trial: who was treated how, what they did, and the chance each had of every arm.

    arm          0 is the control, 1 … J the treatments
    propensity   P(arm | what was known), a column for each arm; known by whoever drew the lots,
                 the arms' shares where everybody had the same chance, or estimated

What was not drawn by lot is compared with care: an estimate only removes what the table shows,
and people whose chance of an arm was next to nothing say nothing about it, so propensities are
kept above LEAST_CHANCE.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression

from analytics.errors import BadTable, CannotLearn, TableProblem
from analytics.models import Floats

LEAST_CHANCE = 0.02
#: An arm with fewer rows, or fewer rows of the rarer outcome, teaches nothing about people.
ROWS_LEAST = 50
RARER_LEAST = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """arm and outcome are shape (n,), propensity (n, arms), its rows sum to 1."""

    arms: tuple[str, ...]
    arm: NDArray[np.int64]
    outcome: Floats
    propensity: Floats

    def of(self, rows: Any) -> Trial:
        return Trial(self.arms, self.arm[rows], self.outcome[rows], self.propensity[rows])

    @property
    def treatments(self) -> int:
        return len(self.arms) - 1

    def against_control(self, arm: int) -> NDArray[np.intp]:
        """Return the rows of one arm and of the control."""
        return np.flatnonzero((self.arm == 0) | (self.arm == arm))

    def pair(self, arm: int) -> tuple[NDArray[np.intp], Trial]:
        """Return the rows of one treatment and the control, and their trial of two arms."""
        rows = self.against_control(arm)
        chance = self.propensity[rows][:, [0, arm]]
        return rows, Trial(
            (self.arms[0], self.arms[arm]),
            np.asarray(self.arm[rows] > 0, np.int64),
            self.outcome[rows],
            chance / chance.sum(axis=1, keepdims=True),
        )

    def weight(self, arm: int) -> Floats:
        """Return inverse propensities of the rows of `against_control`, mean 1 in each group."""
        rows = self.against_control(arm)
        inverse = 1 / self.propensity[rows, self.arm[rows]]
        for group in (0, arm):
            inside = self.arm[rows] == group
            inverse[inside] /= inverse[inside].mean()
        return np.asarray(inverse)


def trial_of(
    treated: ArrayLike,
    outcome: ArrayLike,
    *,
    arms: Sequence[str] | None = None,
    propensity: ArrayLike | None = None,
) -> Trial:
    """Return the checked trial.

    treated: shape (n,), 0 for the control and 1 … J for the treatments, or names of arms.
    arms: the names, the control first; None where `treated` holds 0 and 1.
    propensity: shape (n, arms) or (arms,), or (n,) for P(treated) of a single treatment; None:
    everybody had the same chance, the arms' shares.
    Raises BadTable: a treatment that is no arm, an outcome that is not 0 or 1.
    CannotLearn: an arm without rows or with one outcome only.
    """
    names = tuple(arms) if arms is not None else ("control", "treated")
    assert len(names) >= 2, "a trial has a control and a treatment"
    arm = _codes(np.asarray(treated), names)
    result = np.asarray(outcome, np.float64)
    assert arm.shape == result.shape, (arm.shape, result.shape)
    strange = np.flatnonzero((result != 0) & (result != 1))
    if len(strange):
        raise _bad("outcome", "The outcome must be 0 or 1 in every row.", "out_of_range", strange)
    _refuse_too_little(names, arm, result)
    return Trial(names, arm, result, _propensity(propensity, arm, len(names)))


def estimated_propensity(base: Floats, arm: NDArray[np.int64], arms: int) -> Floats:
    """Return P(arm | features) by logistic regression, shape (n, arms).

    base: shape (n, k), standardised. Use it where the arms were chosen by rule or by people.
    """
    learnt = LogisticRegression(C=1.0, max_iter=1000).fit(base, arm)
    return _kept_apart(np.asarray(learnt.predict_proba(base))[:, :arms])


def _codes(treated: NDArray[Any], names: tuple[str, ...]) -> NDArray[np.int64]:
    if treated.dtype.kind in "biuf":
        codes = np.asarray(treated, np.float64)
        strange = np.flatnonzero(~np.isin(codes, np.arange(len(names))))
        allowed = ", ".join(f"{i} ({name})" for i, name in enumerate(names))
    else:
        places = {name: i for i, name in enumerate(names)}
        codes = np.array([places.get(str(one).strip(), -1) for one in treated], np.float64)
        strange = np.flatnonzero(codes < 0)
        allowed = ", ".join(names)
    if len(strange):
        sentence = f"{len(strange)} rows have a treatment that is no arm. Allowed: {allowed}."
        raise _bad("treatment", sentence, "unknown_level", strange)
    return codes.astype(np.int64)


def _refuse_too_little(names: tuple[str, ...], arm: NDArray[np.int64], outcome: Floats) -> None:
    for code, name in enumerate(names):
        inside = outcome[arm == code]
        if len(inside) < ROWS_LEAST:
            raise CannotLearn(
                f"The arm {name} has {len(inside)} rows; an effect takes at least {ROWS_LEAST} "
                "treated and as many untreated rows."
            )
        rarer = int(min(inside.sum(), len(inside) - inside.sum()))
        if rarer < RARER_LEAST:
            raise CannotLearn(
                f"In the arm {name} {rarer} rows have the rarer outcome; at least {RARER_LEAST} "
                "are needed. A constant outcome has no effect to learn."
            )


def _propensity(given: ArrayLike | None, arm: NDArray[np.int64], arms: int) -> Floats:
    n = len(arm)
    if given is None:
        shares = np.bincount(arm, minlength=arms) / n
        return np.tile(shares, (n, 1))
    chance = np.asarray(given, np.float64)
    if chance.ndim == 1 and arms == 2 and len(chance) == n:
        chance = np.column_stack([1 - chance, chance])
    elif chance.ndim == 1:
        chance = np.tile(chance, (n, 1))
    assert chance.shape == (n, arms), (chance.shape, n, arms)
    strange = np.flatnonzero((chance <= 0).any(axis=1) | (abs(chance.sum(axis=1) - 1) > 1e-6))
    if len(strange):
        sentence = "Propensities must be above 0 and sum to 1 in every row."
        raise _bad("propensity", sentence, "out_of_range", strange)
    return _kept_apart(chance)


def _kept_apart(chance: Floats) -> Floats:
    kept = np.maximum(chance, LEAST_CHANCE)
    return np.asarray(kept / kept.sum(axis=1, keepdims=True))


def _bad(column: str, sentence: str, code: str, rows: NDArray[np.intp]) -> BadTable:
    first = tuple(int(row) + 1 for row in rows[:10])
    return BadTable((TableProblem(code, column, sentence, first, len(rows)),))
