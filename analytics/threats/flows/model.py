"""The model of flows: an encoder, members, their references among normal rows, and a threshold.

    table ──▶ matrix ──▶ each member's score ──▶ rank ──▶ fused ──▶ above the threshold?

Files, as learners.storing writes models: native texts, JSON and npz, each with its SHA-256 in
model.json. Nothing in them can hold code. A file missing, changed or of other features is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import lightgbm
import numpy as np
import pandas as pd

from analytics.deep.network import Network
from analytics.errors import BrokenModel
from analytics.learners.boosting import Boosted
from analytics.learners.encoding import Encoder
from analytics.learners.forests import Grove
from analytics.learners.members import Member
from analytics.models import Floats
from analytics.tables.columns import Schema
from analytics.threats.flows.autoencoder import Drawn
from analytics.threats.flows.deep import DrawnByOnnx
from analytics.threats.flows.expanding import quick
from analytics.threats.flows.fusion import Reference, fused
from bank.whole_files import sha256_of

FORMAT = 1
NAME = "model.json"
REASONS_MOST = 3
_HUGE = 1e30

_LOADERS: Mapping[str, Callable[[Path], Member]] = {
    Grove.kind: Grove.load, Boosted.kind: Boosted.load, Drawn.kind: Drawn.load,
    DrawnByOnnx.kind: DrawnByOnnx.load, Network.kind: Network.load,
}  # fmt: skip


@dataclass(frozen=True)
class FlowPart:
    """A member, how much its rank counts, and its scores among normal rows."""

    name: str
    member: Member
    weight: float
    reference: Reference


@dataclass(frozen=True)
class FlowModel:
    """A fitted model. threshold: of the fused rank; facts: JSON, for the card."""

    encoder: Encoder
    parts: tuple[FlowPart, ...]
    threshold: float
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def schema(self) -> Schema:
        return self.encoder.schema

    def scores(self, table: pd.DataFrame) -> Floats:
        """Return the fused rank of each row, shape (n,), in [0, 1]; no probability.

        Raises FeatureMismatch: a column of the schema is absent.
        """
        return self.scores_of(self.encoder.matrix(table))

    def scores_of(self, matrix: Floats) -> Floats:
        """Return the same of rows that are encoded already."""
        matrix = np.clip(matrix, -_HUGE, _HUGE)  # forests think in single precision
        ranks = [part.reference.ranks(part.member.log_odds(matrix)) for part in self.parts]
        return fused(ranks, [part.weight for part in self.parts])

    def reasons(self, matrix: Floats) -> list[list[str]]:
        """Return for each row the features that raised it most, over all members, the worst first.

        Shares of what each member adds; members are weighed by the rank they gave.
        """
        total = np.zeros(matrix.shape)
        for part in self.parts:
            added, _ = part.member.contributions(matrix)
            added = np.maximum(added, 0.0)
            added /= np.maximum(added.sum(axis=1, keepdims=True), 1e-12)
            rank = part.weight * part.reference.ranks(part.member.log_odds(matrix))
            total += rank[:, None] * added
        names = self.schema.names
        order = np.argsort(-total, axis=1)[:, :REASONS_MOST]
        return [
            [names[place] for place in places if total[row, place] > 0]
            for row, places in enumerate(order)
        ]

    def save(self, folder: Path) -> None:
        """Write the model. The folder is made, or must be empty."""
        folder.mkdir(parents=True, exist_ok=True)
        assert not any(folder.iterdir()), f"{folder} is not empty"
        written = []
        for place, part in enumerate(self.parts):
            stem = f"{place}_{part.name}"
            files = part.member.save(folder / stem)
            written.append(
                {"name": part.name, "kind": part.member.kind, "stem": stem, "weight": part.weight,
                 "reference": part.reference.as_json(),
                 "sha256": {file.name: sha256_of(file) for file in files}}
            )  # fmt: skip
        told = {
            "format": FORMAT, "schema": self.schema.as_json(), "threshold": self.threshold,
            "parts": written, "facts": self.facts,
        }  # fmt: skip
        text = json.dumps(told, ensure_ascii=False, allow_nan=False)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model in a folder. Raises BrokenModel: missing, changed or not ours."""
        try:
            told = json.loads((folder / NAME).read_text(encoding="utf-8"))
            if told["format"] != FORMAT:
                raise BrokenModel(f"{NAME} of {folder.name} is not of format {FORMAT}.")
            parts = tuple(_part(folder, one) for one in told["parts"])
            encoder = Encoder(Schema.from_json(told["schema"]))
            return cls(encoder, parts, float(told["threshold"]), dict(told["facts"]))
        except (
            OSError, ValueError, KeyError, TypeError, AttributeError, lightgbm.basic.LightGBMError
        ) as fault:  # fmt: skip
            raise BrokenModel(f"There is no whole model of flows in {folder.name}.") from fault


def _part(folder: Path, told: dict[str, Any]) -> FlowPart:
    for name, sha256 in told["sha256"].items():
        path = folder / name
        if path.parent != folder or not path.is_file() or sha256_of(path) != sha256:
            raise BrokenModel(f"{name} of {folder.name} is not the file that was saved.")
    stem = folder / str(told["stem"])
    if stem.parent != folder:
        raise BrokenModel(f"{told['stem']} lies outside {folder.name}.")
    member = quick(_LOADERS[told["kind"]](stem))
    return FlowPart(
        str(told["name"]), member, float(told["weight"]), Reference.from_json(told["reference"])
    )
