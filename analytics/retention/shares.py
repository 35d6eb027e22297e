"""Effects as shares of the risk, with what is believed before a campaign in them.

    chance of leaving p ──▶ with the offer 1 − (1 − p)^r,  r = exp(average_j + apart_j · features)

    average_j   begins at the strategy list's guess, and moves as campaigns measure
    apart_j     begins at 0: everybody gets the average share of their risk off; each column has
                its own prior, silent or speaking, that the rows decide upon (speaking.py)

Few rows leave little but averages, and then a plan ranks by risk and value, with the best average
offer. Many rows tell whom an offer suits. The risk itself is the churn model's, learnt from far
more rows than were ever in a campaign; here it only has to be taken away, by `main` of hazards.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from analytics.models import Floats, Progress, quietly
from analytics.retention import keeping
from analytics.retention.choosing import Avoided
from analytics.retention.designs import Design
from analytics.retention.hazards import Posterior, Priors, Rows, learn
from analytics.retention.speaking import Apart
from analytics.retention.strategies import StrategyBook
from analytics.retention.trials import Trial
from analytics.tables.columns import Schema

#: Guesses miss by more than those who guess think; chosen on paper towns 511 to 513.
GUESS_WIDER = 2.0
MAIN_SD = 0.3
ROUNDS = 8
_INTERCEPT_SD = 2.0
#: An offer of which nothing is guessed leaves the hazard as it is, give or take half of it.
_UNKNOWN = (0.0, 0.25)
_LEFT_LEAST = 0.05
_SD_LEAST = 0.02
#: Where a chance is 0 or 1, nothing is left to be avoided and no logarithm.
_CHANCE_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Shares:
    """A fitted model. The first column of `mean` and `covariance` is the average's."""

    design: Design
    #: The untreated first.
    arms: tuple[str, ...]
    #: Shape (treatments, 1 + base columns), log-hazards.
    mean: Floats
    #: Per treatment, shape (treatments, 1 + base columns, 1 + base columns).
    covariance: Floats
    #: How likely each column says whom an offer suits, shape (treatments, base columns).
    speaks: Floats
    #: Per arm: rows learnt from, and how many of them left.
    rows_count: tuple[int, ...]
    left_count: tuple[int, ...]

    @property
    def schema(self) -> Schema:
        return self.design.schema

    @classmethod
    def fit(
        cls,
        table: pd.DataFrame,
        trial: Trial,
        schema: Schema,
        *,
        book: StrategyBook,
        progress: Progress = quietly,
    ) -> Shares:
        """Learn from a trial drawn by lot; its outcome is leaving.

        table: n rows as of before the offers, with the schema's columns. book: its priors.
        Raises FeatureMismatch, CannotLearn.
        """
        assert len(table) == len(trial.arm), (len(table), len(trial.arm))
        # Many small matrices: threads of a busy machine would wait for each other.
        with threadpool_limits(limits=1):
            design = Design.fit(table, schema, trial.outcome)
            columns = _with_ones(design.features(table).base)
            rows = Rows(columns, columns, trial.arm, trial.outcome, len(trial.arms))
            guesses = [_guess(book, name) for name in trial.arms[1:]]
            apart = Apart.unknown(trial.treatments, columns.shape[1] - 1)
            found = None
            for number in range(ROUNDS):
                start = None if found is None else found.coefficients
                found = learn(rows, _priors(rows, guesses, apart), start=start)
                apart = apart.after(found.mean[:, 1:], _variance(found)[:, 1:])
                progress((number + 1) / ROUNDS)
        assert found is not None
        m = columns.shape[1]
        own = [slice(i * m, (i + 1) * m) for i in range(trial.treatments)]
        covariance = np.array([found.covariance[one, one] for one in own])
        rows_count = np.bincount(trial.arm, minlength=len(trial.arms))
        left_count = np.bincount(trial.arm, trial.outcome, minlength=len(trial.arms))
        return cls(
            design, trial.arms, found.mean, covariance, apart.speaks,
            tuple(rows_count.tolist()), tuple(left_count.astype(int).tolist()),
        )  # fmt: skip

    def left_of(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return the logarithm of what is left of the hazard, and its error; (n, treatments) each.

        Raises FeatureMismatch: a column of the schema is absent.
        """
        rows = _with_ones(self.design.features(table).base)
        variance = np.column_stack([np.sum((rows @ one) * rows, axis=1) for one in self.covariance])
        return rows @ self.mean.T, np.sqrt(variance)

    def avoided(self, table: pd.DataFrame, risk: Floats, *, source: str) -> dict[str, Avoided]:
        """Return what each offer avoids. risk: P(leaves), shape (n,), of the table's rows.

        The list's guess is in the answer already, so a plan weighs it no second time.
        """
        assert risk.shape == (len(table),), (risk.shape, len(table))
        log_left, log_error = self.left_of(table)
        # The mean of what is left, not the middle: an unsure share is a smaller one.
        left = np.exp(np.minimum(log_left + np.square(log_error) / 2, 3.0))
        stays = 1 - np.clip(risk, _CHANCE_LEAST, 1 - _CHANCE_LEAST)[:, None]
        value = (1 - stays) - (1 - stays**left)
        error = -np.log(stays) * stays**left * left * log_error
        return {
            name: Avoided(value[:, i], error[:, i], source, holds_prior=True)
            for i, name in enumerate(self.arms[1:])
        }

    def averages(self) -> list[Average]:
        """Return what each offer takes off the hazard of a customer like the average one."""
        left = np.exp(self.mean[:, 0])
        error = left * np.sqrt(self.covariance[:, 0, 0])
        return [
            Average(name, float(1 - left[i]), float(error[i]), self._telling(i))
            for i, name in enumerate(self.arms[1:])
        ]

    def save(self, folder: Path) -> None:
        """Write one JSON file with its hash. See `keeping.py`."""
        keeping.save(self, folder)

    @classmethod
    def load(cls, folder: Path) -> Shares:
        """Read what `save` wrote. Raises BrokenModel: the file is absent or was changed."""
        return keeping.load(folder)

    def _telling(self, treatment: int) -> tuple[str, ...]:
        found = {
            part.source for part, one in zip(self.design.parts, self.speaks[treatment], strict=True)
            if one > 0.5
        }  # fmt: skip
        return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Average:
    """One offer: the share of the hazard it takes away, and the columns that say for whom more."""

    offer: str
    share: float
    error: float
    told_by: tuple[str, ...]


def _with_ones(base: Floats) -> Floats:
    return np.hstack([np.ones((len(base), 1)), base])


def _variance(found: Posterior) -> Floats:
    return np.asarray(np.diag(found.covariance).reshape(found.mean.shape))


def _guess(book: StrategyBook, name: str) -> tuple[float, float]:
    """Return mean and deviation of the logarithm of what the offer leaves of the hazard."""
    known = {one.name: (one.prior_share, one.prior_sd) for one in book.strategies}
    share, sd = known.get(name, _UNKNOWN)
    left = max(_LEFT_LEAST, 1 - share)
    return float(np.log(left)), max(_SD_LEAST, GUESS_WIDER * sd / left)


def _priors(rows: Rows, guesses: list[tuple[float, float]], apart: Apart) -> Priors:
    k, more = rows.sizes
    rate = float(np.clip(rows.outcome.mean(), 1e-4, 0.9))
    mean, precision = np.zeros(k), np.full(k, MAIN_SD**-2)
    mean[0], precision[0] = np.log(-np.log1p(-rate)), _INTERCEPT_SD**-2
    averages, errors = (np.array(one)[:, None] for one in zip(*guesses, strict=True))
    of_arms = np.hstack([averages, apart.mean])
    sure = np.hstack([errors**-2.0, apart.precision])
    assert of_arms.size == more, (of_arms.shape, more)
    return Priors(np.append(mean, of_arms), np.append(precision, sure))
