"""CatBoost: symmetric trees, and categories as they are, read through what earlier rows showed.

Ordered statistics of categories and of their combinations are learnt from the rows before each
row, so that a rare level does not learn its own label. Symmetric trees are the fastest to score:
numbers alone run at a million rows a CPU second.

Stored as .cbm, CatBoost's own format.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import catboost
import numpy as np
from numpy.typing import NDArray

from analytics.learners.growing import Grown
from analytics.learners.members import threads_for
from analytics.models import Floats, Labels
from analytics.tables.columns import Kind, Schema

#: Unknown, then the places of levels; as bytes, which CatBoost takes without converting.
_PLACES = np.array([b"-1", *(str(place).encode() for place in range(4096))], dtype=object)


@dataclass(frozen=True)
class Categorical:
    """Fitted. `categories`: which columns of a matrix are categories."""

    model: catboost.CatBoost
    categories: tuple[int, ...]
    features_count: int
    kind: ClassVar[str] = "catboost"

    def log_odds(self, matrix: Floats) -> Floats:
        threads = threads_for(len(matrix))
        data = _taken(matrix, self.categories)
        return np.asarray(
            self.model.predict(data, prediction_type="RawFormulaVal", thread_count=threads)
        )

    def contributions(self, matrix: Floats) -> tuple[Floats, Floats]:
        """TreeSHAP, CatBoost's own."""
        pool = catboost.Pool(_taken(matrix, self.categories))
        each = np.asarray(
            self.model.get_feature_importance(
                pool, type="ShapValues", thread_count=threads_for(len(matrix))
            )
        )
        out = np.empty((len(matrix), self.features_count))
        out[:, _order(self.features_count, self.categories)] = each[:, :-1]
        return out, each[:, -1]

    def save(self, stem: Path) -> list[Path]:
        path = stem.with_suffix(".cbm")
        self.model.save_model(str(path))
        return [path]

    @classmethod
    def load(cls, stem: Path, schema: Schema) -> Self:
        model = catboost.CatBoost()
        model.load_model(str(stem.with_suffix(".cbm")))
        return cls(model, _categories(schema), len(schema.columns))


@dataclass(frozen=True)
class CatBoost:
    """Learns a Categorical. `parameters` are CatBoost's; `rounds_most` bounds the growing."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    rounds_most: int = 1000
    patience: int = 60
    kind: ClassVar[str] = "catboost"

    def grow(
        self, matrix: Floats, labels: Labels, schema: Schema, *, seed: int,
        watched: tuple[Floats, Labels],
    ) -> Grown:  # fmt: skip
        categories = _categories(schema)
        model = self._made(seed, self.rounds_most)
        model.fit(
            catboost.Pool(_taken(matrix, categories), labels),
            eval_set=catboost.Pool(_taken(watched[0], categories), watched[1]),
            early_stopping_rounds=self.patience, use_best_model=False,
        )  # fmt: skip
        losses = model.get_evals_result()["validation"]["Logloss"]
        member = Categorical(model, categories, len(schema.columns))
        return Grown(member, np.array(losses), _cut)

    def fit(
        self, matrix: Floats, labels: Labels, schema: Schema, *, seed: int,
        rounds: int | None = None,
    ) -> Categorical:  # fmt: skip
        categories = _categories(schema)
        model = self._made(seed, rounds if rounds is not None else self.rounds_most)
        model.fit(catboost.Pool(_taken(matrix, categories), labels))
        return Categorical(model, categories, len(schema.columns))

    def settings(self) -> dict[str, Any]:
        return {**self.parameters, "rounds_most": self.rounds_most, "patience": self.patience}

    def _made(self, seed: int, rounds: int) -> catboost.CatBoost:
        fixed = {"loss_function": "Logloss", "verbose": False, "thread_count": 1,
                 "allow_writing_files": False}  # fmt: skip
        return catboost.CatBoost(
            {**fixed, **self.parameters, "iterations": rounds, "random_seed": seed}
        )


def joined(members: Sequence[Categorical]) -> list[Categorical]:
    """Return one model whose log-odds are the mean of the members', where that is possible.

    Statistics of categories belong to the rows each member saw, so members with categories stay
    apart.
    """
    if len(members) == 1 or members[0].categories:
        return list(members)
    shares = [1 / len(members)] * len(members)
    model = catboost.sum_models([one.model for one in members], weights=shares)
    return [Categorical(model, (), members[0].features_count)]


def _categories(schema: Schema) -> tuple[int, ...]:
    return tuple(place for place, one in enumerate(schema.columns) if one.kind is Kind.CATEGORY)


def _order(features_count: int, categories: tuple[int, ...]) -> list[int]:
    """Return the matrix's columns in CatBoost's order: numbers, then categories."""
    return [*(one for one in range(features_count) if one not in categories), *categories]


def _taken(matrix: Floats, categories: tuple[int, ...]) -> Any:
    """Return the matrix as CatBoost takes it fastest."""
    numbers = matrix.astype(np.float32)
    if not categories:
        return np.ascontiguousarray(numbers)
    others = [one for one in range(matrix.shape[1]) if one not in categories]
    places = np.nan_to_num(matrix[:, categories], nan=-1.0).astype(np.intp) + 1
    texts: NDArray[np.object_] = _PLACES[places]
    return catboost.FeaturesData(
        num_feature_data=np.ascontiguousarray(numbers[:, others]) if others else None,
        cat_feature_data=texts,
    )


def _cut(member: Any, rounds: int) -> Categorical:
    model = member.model.copy()
    model.shrink(ntree_end=rounds)
    return Categorical(model, member.categories, member.features_count)
