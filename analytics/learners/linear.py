"""Logistic regression on splines: each feature a curve of its own, and no feature hides another.

    log-odds = base + curve(tenure) + curve(charges) + step(contract) + …

Its reasons are exact. Strength of the L2 penalty: by cross-validation within the training rows.
Stored as JSON: what the columns are, and a number for each.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from analytics.learners.expanding import Expansion
from analytics.learners.members import LOG_ODDS_MOST
from analytics.models import Floats, Labels
from analytics.tables.columns import Schema

_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0)
#: The penalty is chosen on at most so many rows; it changes little beyond.
_CHOOSING_ROWS = 20_000


@dataclass(frozen=True)
class Linear:
    """Fitted. `weights` are per expanded column, which are centred on `means`."""

    expansion: Expansion
    means: Floats
    weights: Floats
    base: float
    kind: ClassVar[str] = "linear"

    def log_odds(self, matrix: Floats) -> Floats:
        added = (self.expansion.expand(matrix) - self.means) @ self.weights
        return np.asarray(np.clip(self.base + added, -LOG_ODDS_MOST, LOG_ODDS_MOST))

    def contributions(self, matrix: Floats) -> tuple[Floats, Floats]:
        each = (self.expansion.expand(matrix) - self.means) * self.weights
        total = self.base + each.sum(axis=1)
        # Far out in a tail the total is held; so its parts are, in proportion.
        kept = np.clip(total, -LOG_ODDS_MOST, LOG_ODDS_MOST)
        added = total - self.base
        share = np.divide(kept - self.base, added, out=np.ones_like(added), where=kept != total)
        out = np.zeros((len(matrix), len(self.expansion.features)))
        np.add.at(out.T, np.array(self.expansion.owner, dtype=int), (each * share[:, None]).T)
        return out, np.full(len(matrix), self.base)

    def save(self, stem: Path) -> list[Path]:
        path = stem.with_suffix(".json")
        written = {
            "features": self.expansion.to_json(), "means": self.means.tolist(),
            "weights": self.weights.tolist(), "base": self.base,
        }  # fmt: skip
        path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
        return [path]

    @classmethod
    def load(cls, stem: Path) -> Self:
        written = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
        return cls(
            Expansion.from_json(written["features"]),
            np.array(written["means"]), np.array(written["weights"]), float(written["base"]),
        )  # fmt: skip


@dataclass(frozen=True)
class Logistic:
    """Learns a Linear. knots_count 0: plain numbers, the usual logistic regression."""

    knots_count: int = 6
    kind: ClassVar[str] = "logistic"

    def fit(
        self, matrix: Floats, labels: Labels, schema: Schema, *, seed: int,
        rounds: int | None = None,  # noqa: ARG002
    ) -> Linear:  # fmt: skip
        expansion = Expansion.fit(matrix, schema, knots_count=self.knots_count)
        columns = expansion.expand(matrix)
        means, spread = columns.mean(axis=0), columns.std(axis=0)
        spread[spread < 1e-12] = np.inf  # a constant column says nothing
        scaled = (columns - means) / spread
        strength = _strength(scaled, labels, seed)
        fitted = _logistic(scaled, labels, strength)
        weights = fitted.coef_[0] / spread
        return Linear(expansion, means, weights, float(fitted.intercept_[0]))

    def settings(self) -> dict[str, Any]:
        return {"knots_count": self.knots_count, "penalty": f"l2, C of {_STRENGTHS} by 3 folds"}


def _logistic(scaled: Floats, labels: Labels, strength: float) -> LogisticRegression:
    with warnings.catch_warnings():
        # Near the optimum already; the penalty keeps the weights small either way.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=strength, max_iter=300).fit(scaled, labels)


def _strength(scaled: Floats, labels: Labels, seed: int) -> float:
    """Return the strength with the best mean log-loss over three folds."""
    rows = np.random.default_rng(seed).permutation(len(labels))[:_CHOOSING_ROWS]
    if min(np.bincount(labels[rows], minlength=2)) < 5:
        return _STRENGTHS[0]
    losses = np.zeros(len(_STRENGTHS))
    folds = StratifiedKFold(3, shuffle=True, random_state=seed)
    for learn, look in folds.split(rows, labels[rows]):
        inside, outside = rows[learn], rows[look]
        for place, strength in enumerate(_STRENGTHS):
            margins = _logistic(scaled[inside], labels[inside], strength).decision_function(
                scaled[outside]
            )
            losses[place] += np.logaddexp(
                0, -np.where(labels[outside] == 1, margins, -margins)
            ).sum()
    return _STRENGTHS[int(np.argmin(losses))]
