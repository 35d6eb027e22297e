"""The fraud model: one member or a few, their log-odds averaged, with reasons for staff.

    row ──▶ member ─╮
        ──▶ member ─┴─ mean of log-odds ─▶ P(fraud)
                                          reasons: the largest contributions

Implements analytics.models.Model, so that evaluation, registry and drift need to know nothing of
fraud. `score` is the door for one payment: a row of the state, no table in between. Probabilities
and reasons are for staff and for the decision; a customer is never told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from analytics.deep.network import Network
from analytics.errors import BrokenModel, CannotLearn, FeatureMismatch
from analytics.fraud.features import MINOR, positions
from analytics.fraud.learning import FITS, thinned
from analytics.fraud.symmetric import Symmetric
from analytics.learners.boosting import Boosted
from analytics.learners.members import Member, expit
from analytics.models import Floats, Labels, Progress, quietly
from analytics.tables.columns import Column, Schema
from bank.domain.money import Money
from bank.whole_files import sha256_of

FILE = "fraud.json"
_FORMAT = "florin fraud model 1"
_RARER_LEAST = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """A feature that raises the probability. log_odds: by how much."""

    feature: str
    value: float
    log_odds: float
    sentence: str


class FraudModel:
    """Fitted. Members see a float32 matrix in the schema's order; NaN is unknown."""

    def __init__(self, schema: Schema, members: Sequence[Member]) -> None:
        self._schema = schema
        self.members = tuple(members)
        self._positions: list[int] | None = None

    @property
    def schema(self) -> Schema:
        return self._schema

    def log_odds(self, matrix: Floats) -> Floats:
        """Return the members' mean, shape (n,)."""
        total = self.members[0].log_odds(matrix)
        for member in self.members[1:]:
            total = total + member.log_odds(matrix)
        return total / len(self.members)

    def probabilities(self, matrix: Floats) -> Floats:
        return expit(self.log_odds(matrix))

    def probability(self, table: pd.DataFrame) -> Floats:
        """Return P(fraud) for each row. Raises FeatureMismatch: a column is absent."""
        return self.probabilities(self._matrix(table))

    def contributions(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        return self._contributions(self._matrix(table))

    def score(self, row: Sequence[float]) -> float:
        """Return P(fraud) of one row of `State.features`."""
        return float(self.probabilities(self._one(row))[0])

    def score_with_reasons(
        self, row: Sequence[float], *, reasons_most: int = 4, currency: str = ""
    ) -> tuple[float, list[Reason]]:
        """Return P(fraud) and what raised it most, the strongest first, from one pass.

        currency: of the payment; with it reasons say amounts as money, not in minor units.
        """
        matrix = self._one(row)
        parts, base = self._contributions(matrix)
        probability = float(expit(base + parts.sum(axis=1))[0])
        strongest = np.argsort(-parts[0])[:reasons_most]
        return probability, [
            _reason(
                self._schema.columns[place],
                float(matrix[0, place]),
                float(parts[0, place]),
                currency=currency,
            )
            for place in strongest.tolist()
            if parts[0, place] > 0
        ]

    def save(self, folder: Path) -> None:
        """Write members in their native formats and a card of files with their SHA-256."""
        listed = []
        for place, member in enumerate(self.members):
            files = member.save(folder / f"member{place}")
            hashes = {file.name: sha256_of(file) for file in files}
            listed.append({"kind": member.kind, "files": hashes})
        card = {
            "format": _FORMAT, "members": listed,
            "schema": self._schema.as_json(),
        }  # fmt: skip
        (folder / FILE).write_text(json.dumps(card, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises BrokenModel: a file is missing, changed or not ours."""
        try:
            card = json.loads((folder / FILE).read_text(encoding="utf-8"))
            schema = Schema.from_json(card["schema"])
            members = [
                _loaded(folder, place, written) for place, written in enumerate(card["members"])
            ]
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise BrokenModel(f"No fraud model of ours can be read in {folder.name}.") from fault
        return cls(schema, members)

    def _contributions(self, matrix: Floats) -> tuple[Floats, Floats]:
        each = [member.contributions(matrix) for member in self.members]
        parts = np.mean([parts for parts, _ in each], axis=0)
        return np.asarray(parts), np.mean([base for _, base in each], axis=0)

    def _matrix(self, table: pd.DataFrame) -> Floats:
        absent = [name for name in self._schema.names if name not in table.columns]
        if absent:
            raise FeatureMismatch(f"The table lacks {', '.join(absent)}.")
        return _rounded(table[list(self._schema.names)].to_numpy(np.float32))

    def _one(self, row: Sequence[float]) -> Floats:
        if self._positions is None:
            self._positions = positions(self._schema)
        return _rounded(np.array([[row[place] for place in self._positions]], np.float32))


def _rounded(matrix: Any) -> Floats:
    """Return it as float32, as training rows are kept, so that a row is the same row in both."""
    found: Any = np.asarray(matrix, np.float32)
    return found  # type: ignore[no-any-return]


_LOADS: Mapping[str, Callable[[Path], Member]] = {
    Boosted.kind: Boosted.load,
    Symmetric.kind: Symmetric.load,
    Network.kind: Network.load,
}


def _loaded(folder: Path, place: int, written: Mapping[str, Any]) -> Member:
    for name, digest in written["files"].items():
        if sha256_of(folder / name) != digest:
            raise BrokenModel(f"{name} is not the file that was saved.")
    return _LOADS[written["kind"]](folder / f"member{place}")


def _reason(column: Column, value: float, log_odds: float, *, currency: str) -> Reason:
    shown = "unknown" if np.isnan(value) else f"{value:,.2f}".rstrip("0").rstrip(".")
    phrase = column.phrase or column.name + " {value}"
    if column.unit == MINOR and currency and not np.isnan(value):
        phrase = phrase.replace("{value} minor units", "{value}")
        shown = str(Money(round(value), currency))
    return Reason(column.name, value, log_odds, phrase.format(value=shown))


@dataclass(frozen=True)
class FraudRecipe:
    """Which members, and how much of the honest rows they see. Implements Recipe.

    runs: each member is learnt this many times, with other seeds. Probabilities need no further
    calibration: members minimise the log loss of rows that weigh as many as they stand for (ECE
    on later weeks: benchmarks/fraud.py).
    """

    name: str
    members: tuple[str, ...]
    honest_share: float = 1.0
    runs: int = 1

    def __post_init__(self) -> None:
        strange = set(self.members) - set(FITS)
        assert not strange, f"no such member: {strange}; there are {sorted(FITS)}"

    def fit(
        self, table: pd.DataFrame, labels: Labels, schema: Schema, *,
        seed: int = 7, progress: Progress = quietly, weights: Floats | None = None,
    ) -> FraudModel:  # fmt: skip
        """Learn from the rows given. weights: shape (n,), e.g. feedback's; None: all alike.

        Raises CannotLearn: one class only, or fewer than 20 rows of the rarer one.
        """
        counts = np.bincount(labels, minlength=2)
        if counts.min() < _RARER_LEAST:
            raise CannotLearn(
                f"{counts[1]} frauds among {len(labels)} rows: at least {_RARER_LEAST} of each."
            )
        matrix = _rounded(table[list(schema.names)].to_numpy(np.float32))
        rows, kept = thinned(
            labels, np.ones(len(labels)) if weights is None else weights,
            honest_share=self.honest_share, seed=seed,
        )  # fmt: skip
        matrix, labels = matrix[rows], labels[rows]
        members = []
        jobs = [(kind, run) for kind in self.members for run in range(self.runs)]
        for done, (kind, run) in enumerate(jobs):
            members.append(FITS[kind](matrix, labels, kept, seed + run))
            progress((done + 1) / len(jobs))
        return FraudModel(schema, members)


#: By name, for `florin analytics train fraud --recipe NAME`; figures: benchmarks/fraud.py.
RECIPES: Mapping[str, FraudRecipe] = {
    one.name: one
    for one in (
        FraudRecipe("blend", ("lightgbm", "catboost"), honest_share=0.25),
        FraudRecipe("lightgbm", ("lightgbm",)),
        FraudRecipe("catboost", ("catboost",), honest_share=0.25),
        FraudRecipe("deep", ("network",)),
    )
}
