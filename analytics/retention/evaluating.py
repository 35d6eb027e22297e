"""How well effects can be told apart on a table that a bank brings: learn on some, measure on all.

    table ──parts──▶ learn on the others, say the effect of this part, the same for each part
                                 └──▶ every row has an effect from a model that never saw it
                                                └──▶ measures per treatment, against the control

Beside the learnt effect stands the ranking by risk: who is likely to have the outcome anyway,
learnt the same way from the control rows. It is what a campaign without a trial would use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression

from analytics.errors import BadTable, CannotLearn, TableProblem
from analytics.models import Floats, Progress, quietly
from analytics.retention.designs import Design
from analytics.retention.measures import Report, calibration_error, measure
from analytics.retention.qini import TOP_SHARE
from analytics.retention.trials import Trial, estimated_propensity, trial_of
from analytics.retention.uplift import Uplift
from analytics.tables.columns import Schema
from analytics.tables.values import texts_of

#: Names that a control group goes by.
CONTROLS = ("0", "control", "none", "no", "nothing", "no e-mail", "no email", "untreated", "false")
PARTS = 2
_UNUSUAL_LEAST = 20


@dataclass(frozen=True, slots=True)
class ArmReport:
    """Measures of one treatment: of the learnt effect, and of the ranking by risk."""

    arm: str
    uplift: Report
    by_risk: Report
    calibration_error: float

    def as_json(self) -> dict[str, Any]:
        return {
            "arm": self.arm,
            "uplift": self.uplift.as_json(),
            "by_risk": self.by_risk.as_json(),
            "calibration_error": self.calibration_error,
        }


def arms_of(
    table: pd.DataFrame, column: str, *, control: str | None = None, arms: Sequence[str] = ()
) -> tuple[tuple[str, ...], NDArray[np.object_]]:
    """Return the arms, the control first, and each row's arm as text.

    control: its name in the column; None: the one name of CONTROLS that is there. arms: the
    treatments wanted; none given: all others. Rows of arms that are not wanted stay in the text,
    and are for the caller to leave out and to tell.
    Raises BadTable: no such column, unknown treatments. CannotLearn: one arm only, or no control.
    """
    if column not in table.columns:
        raise _problem("missing_column", column, f"There is no column {column}.")
    names = texts_of(table[column]).astype(str).astype(object)
    blank = np.flatnonzero(names == "")
    if len(blank):
        sentence = f"{len(blank)} rows of {column} are empty: each row needs its treatment."
        raise _problem("unknown_level", column, sentence, blank)
    found = sorted(set(names))
    told = ", ".join(found[:10])
    if len(found) < 2:
        raise CannotLearn(
            f"{column} has one value only ({told}): an effect takes treated and untreated rows."
        )
    known = [one for one in found if one.lower() in CONTROLS]
    if control is None and len(known) != 1:
        raise CannotLearn(f"Which of {told} in {column} is the control? Name it with --control.")
    first = known[0] if control is None else control
    if first not in found:
        raise _problem("unknown_level", column, f"{column} has no {first}; it has {told}.")
    wanted = tuple(arms) or tuple(one for one in found if one != first)
    absent = [one for one in wanted if one not in found]
    if absent:
        sentence = f"{column} has no {', '.join(absent)}; it has {told}."
        raise _problem("unknown_level", column, sentence)
    return (first, *wanted), names


def evaluate(
    table: pd.DataFrame,
    treated: ArrayLike,
    outcome: ArrayLike,
    schema: Schema,
    *,
    arms: Sequence[str],
    propensity: Literal["estimate"] | None = None,
    wants_less: bool = False,
    share: float = TOP_SHARE,
    parts: int = PARTS,
    seed: int = 7,
    progress: Progress = quietly,
) -> tuple[ArmReport, ...]:
    """Return the measures of each treatment, on all rows, none of which its model has seen.

    wants_less: the outcome is bad (churn), so measures are of avoiding it.
    propensity: "estimate" where arms were not drawn by lot.
    Raises BadTable, CannotLearn, FeatureMismatch.
    """
    trial = trial_of(treated, outcome, arms=arms)
    folds = _parts(trial, parts, seed)
    effects = np.zeros((len(table), trial.treatments))
    risk = np.zeros(len(table))
    for part in range(parts):
        seen, own = np.flatnonzero(folds != part), np.flatnonzero(folds == part)
        model = Uplift.fit(
            table.iloc[seen], trial.arm[seen], trial.outcome[seen], schema, arms=trial.arms,
            propensity=propensity, halves=0, seed=seed, progress=_part_of(progress, part, parts),
        )  # fmt: skip
        effects[own] = model.effect(table.iloc[own]).value
        risk[own] = _risk(model.design, table, trial, seen, own)
    if propensity:
        base = Design.fit(table, schema, trial.outcome).features(table).base
        chances = estimated_propensity(base, trial.arm, len(trial.arms))
        trial = trial_of(trial.arm, trial.outcome, arms=trial.arms, propensity=chances)
    return _reports(trial, effects, risk, wants_less=wants_less, share=share, seed=seed)


def suspicions(
    table: pd.DataFrame, trial: Trial, schema: Schema, *, drawn_by_lot: bool = True
) -> tuple[str, ...]:
    """Return a sentence for each column that looks as if it was written after the treatment.

    Two signs: the arms differ in it, which lots do not do; or whoever leaves its usual value
    always has the same outcome.
    """
    base_of = Design.fit(table, schema, trial.outcome)
    base = base_of.features(table).base
    told = {}
    for place, part in enumerate(base_of.parts):
        column = base[:, place]
        if drawn_by_lot and _differs(column, trial):
            told[part.source] = f"{part.source} differs between the arms"
        values, counts = np.unique(column, return_counts=True)
        unusual = trial.outcome[column != values[counts.argmax()]]
        if len(unusual) >= _UNUSUAL_LEAST and unusual.min() == unusual.max():
            told[part.source] = f"{part.source} gives the outcome away"
    return tuple(
        f"{one}: was it known before the treatment? If not, leave it out with --ignore."
        for one in told.values()
    )


def _differs(column: Floats, trial: Trial) -> bool:
    """Say whether means differ by more than lots would do in one of 15,000 columns."""
    control = column[trial.arm == 0]
    for arm in range(1, len(trial.arms)):
        treated = column[trial.arm == arm]
        error = np.sqrt(control.var() / len(control) + treated.var() / len(treated))
        if error > 0 and abs(treated.mean() - control.mean()) > 4 * error:
            return True
    return False


def _reports(
    trial: Trial, effects: Floats, risk: Floats, *, wants_less: bool, share: float, seed: int
) -> tuple[ArmReport, ...]:
    sign = -1.0 if wants_less else 1.0
    outcome = 1 - trial.outcome if wants_less else trial.outcome
    found = []
    for arm in range(1, len(trial.arms)):
        rows = trial.against_control(arm)
        given = (trial.arm[rows] > 0, outcome[rows], trial.weight(arm))
        uplift = measure(sign * effects[rows, arm - 1], *given, share=share, seed=seed)
        by_risk = measure(risk[rows], *given, share=share, shuffles=0, seed=seed)
        found.append(ArmReport(trial.arms[arm], uplift, by_risk, calibration_error(uplift.groups)))
    return tuple(found)


def _part_of(progress: Progress, part: int, parts: int) -> Progress:
    return lambda done: progress((part + done) / parts)


def _parts(trial: Trial, parts: int, seed: int) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    kinds = 2 * trial.arm + trial.outcome.astype(np.int64)
    folds = np.zeros(len(kinds), np.int64)
    for kind in np.unique(kinds):
        rows = rng.permutation(np.flatnonzero(kinds == kind))
        folds[rows] = np.arange(len(rows)) % parts
    return folds


def _risk(
    design: Design, table: pd.DataFrame, trial: Trial, seen: NDArray[np.intp], own: NDArray[np.intp]
) -> Floats:
    """Return P(outcome) without a treatment, from the control rows among those seen."""
    control = seen[trial.arm[seen] == 0]
    learnt = LogisticRegression(C=0.1, max_iter=1000)
    learnt.fit(design.features(table.iloc[control]).base, trial.outcome[control])
    return np.asarray(learnt.predict_proba(design.features(table.iloc[own]).base)[:, 1])


def _problem(
    code: str, column: str, sentence: str, rows: NDArray[np.intp] | None = None
) -> BadTable:
    first = () if rows is None else tuple(int(row) + 1 for row in rows[:10])
    count = 0 if rows is None else len(rows)
    return BadTable((TableProblem(code, column, sentence, first, count),))
