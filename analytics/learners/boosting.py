"""LightGBM: many small trees, one after the other; the shipped settings learn slowly on purpose.

Few leaves, a strong penalty and rows and columns drawn anew for each tree: on tables of a bank's
size that beats the library's defaults, which are there for comparison. The number of trees is
grown on rows held out within the training rows (see growing.py).

Stored in LightGBM's own text format. Boosters of several folds are joined into one text, their
leaves scaled, so that one row costs one call however many there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import lightgbm
import numpy as np

from analytics.learners.growing import Grown
from analytics.learners.members import threads_for
from analytics.models import Floats, Labels
from analytics.tables.columns import Kind, Schema


@dataclass(frozen=True)
class Boosted:
    """A fitted booster."""

    booster: lightgbm.Booster
    kind: ClassVar[str] = "lightgbm"

    def log_odds(self, matrix: Floats) -> Floats:
        threads = threads_for(len(matrix))
        return np.asarray(self.booster.predict(matrix, raw_score=True, num_threads=threads))

    def contributions(self, matrix: Floats) -> tuple[Floats, Floats]:
        """TreeSHAP (Lundberg, Lee 2018), LightGBM's own."""
        threads = threads_for(len(matrix))
        each = self.booster.predict(matrix, pred_contrib=True, num_threads=threads)
        each = np.asarray(each)
        return each[:, :-1], each[:, -1]

    def save(self, stem: Path) -> list[Path]:
        path = stem.with_suffix(".txt")
        path.write_text(self.booster.model_to_string(), encoding="utf-8")
        return [path]

    @classmethod
    def load(cls, stem: Path) -> Self:
        text = stem.with_suffix(".txt").read_text(encoding="utf-8")
        return cls(lightgbm.Booster(model_str=text))


@dataclass(frozen=True)
class LightGBM:
    """Learns a Boosted. `parameters` are LightGBM's; `rounds_most` bounds the growing."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    rounds_most: int = 1500
    patience: int = 60
    kind: ClassVar[str] = "lightgbm"

    def grow(
        self, matrix: Floats, labels: Labels, schema: Schema, *, seed: int,
        watched: tuple[Floats, Labels],
    ) -> Grown:  # fmt: skip
        losses: dict[str, dict[str, list[float]]] = {}
        booster = lightgbm.train(
            self._all_parameters(seed), self._dataset(matrix, labels, schema), self.rounds_most,
            valid_sets=[self._dataset(*watched, schema)], valid_names=["watched"],
            callbacks=[
                lightgbm.record_evaluation(losses),
                lightgbm.early_stopping(self.patience, verbose=False),
            ],
        )  # fmt: skip
        return Grown(Boosted(booster), np.array(losses["watched"]["binary_logloss"]), _cut)

    def fit(
        self, matrix: Floats, labels: Labels, schema: Schema, *, seed: int,
        rounds: int | None = None,
    ) -> Boosted:  # fmt: skip
        data = self._dataset(matrix, labels, schema)
        count = rounds if rounds is not None else self.rounds_most
        return Boosted(_plain(lightgbm.train(self._all_parameters(seed), data, count)))

    def settings(self) -> dict[str, Any]:
        return {**self.parameters, "rounds_most": self.rounds_most, "patience": self.patience}

    def _all_parameters(self, seed: int) -> dict[str, Any]:
        fixed = {"objective": "binary", "metric": "binary_logloss", "verbose": -1,
                 "num_threads": 1, "seed": seed, "deterministic": True}  # fmt: skip
        return {**fixed, **self.parameters}

    @staticmethod
    def _dataset(matrix: Floats, labels: Labels, schema: Schema) -> lightgbm.Dataset:
        categories = [
            place for place, one in enumerate(schema.columns) if one.kind is Kind.CATEGORY
        ]
        return lightgbm.Dataset(
            matrix, labels, categorical_feature=categories, free_raw_data=False,
            params={"verbose": -1},
        )  # fmt: skip


def joined(members: Sequence[Boosted]) -> Boosted:
    """Return one booster whose log-odds are the mean of the members'."""
    if len(members) == 1:
        return members[0]
    head, trees = "", []
    for member in members:
        text = member.booster.model_to_string()
        head = head or text[: text.index("Tree=0")]
        trees += text[text.index("Tree=0") : text.index("end of trees")].split("Tree=")[1:]
    kept = [line for line in head.splitlines() if not line.startswith("tree_sizes")]
    parts = ["\n".join(kept).rstrip(), ""]
    for number, tree in enumerate(trees):
        parts.append(f"Tree={number}\n" + _scaled(tree.partition("\n")[2], 1 / len(members)))
    parts.append("end of trees\n\nparameters:\nend of parameters\n\npandas_categorical:null\n")
    return Boosted(lightgbm.Booster(model_str="\n".join(parts)))


def _scaled(tree: str, share: float) -> str:
    lines = []
    for line in tree.rstrip().splitlines():
        key, _, values = line.partition("=")
        if key in {"leaf_value", "internal_value"} and values:
            written = " ".join(repr(float(value) * share) for value in values.split())
            lines.append(f"{key}={written}")
        else:
            lines.append(line)
    return "\n".join(lines) + "\n\n"


def _cut(member: Any, rounds: int) -> Boosted:
    text = member.booster.model_to_string(num_iteration=rounds)
    return Boosted(lightgbm.Booster(model_str=text))


def _plain(booster: lightgbm.Booster) -> lightgbm.Booster:
    """Return the booster without its training data, as it will be after loading."""
    return lightgbm.Booster(model_str=booster.model_to_string())
