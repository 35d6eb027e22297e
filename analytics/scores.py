"""Scores: rows as somebody sends them, checked, given a probability, and told why.

    rows (JSON) ──read_rows──▶ table ──one version──▶ probability ──▶ reasons, the strongest first
         └─ what is wrong: all of it, by column and row (BadTable); nothing is scored

The door of web, the console and the terminal all score here, so that one row has one score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd

from analytics.errors import TableProblem
from analytics.learners.model import TableModel
from analytics.learners.reasons import ADDS_LEAST, Reason, sentence, told
from analytics.models import Floats, Model
from analytics.registry.cards import Card
from analytics.tables.columns import Column
from analytics.tables.json_rows import Cells, Row, read_columns

REASONS_MOST = 10
#: Up to so many rows a frame would cost more than the scores.
FEW_ROWS = 16


class Served(Protocol):
    """A version that serves: registry.serving.Served."""

    @property
    def version(self) -> str: ...
    @property
    def card(self) -> Card: ...
    @property
    def model(self) -> Model: ...


class Live(Protocol):
    """Whatever knows which version serves now: registry.serving.LiveModel."""

    name: str

    @property
    def current(self) -> Served: ...


@dataclass(frozen=True, slots=True)
class Score:
    """P(label = 1) of one row, in [0, 1], with the strongest reasons first."""

    probability: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of all rows asked about, all by one version. `notes`: what was read how."""

    model: str
    version: str
    scores: tuple[Score, ...]
    notes: tuple[TableProblem, ...] = ()


class Scorer:
    """Scores by the version that serves at the moment of asking."""

    def __init__(self, live: Live) -> None:
        self._live = live

    @property
    def name(self) -> str:
        return self._live.name

    def rows(self, rows: Sequence[Row], *, reasons: int = 3) -> Scores:
        """Return the scores of rows as JSON has them, in their order.

        reasons: how many a row, at most REASONS_MOST; 0 spares their cost.
        Raises BadTable, all problems of all rows; FeatureMismatch, BrokenModel.
        """
        served = self._live.current
        cells, notes = read_columns(rows, served.model.schema)
        if isinstance(served.model, TableModel) and len(rows) <= FEW_ROWS:
            scores = few(served.model, cells, reasons=reasons)
            return Scores(self.name, served.version, scores, notes)
        table = pd.DataFrame(cells, copy=False)
        return replace(self._score(served, table, reasons), notes=notes)

    def table(self, table: pd.DataFrame, *, reasons: int = 3) -> Scores:
        """Return the scores of a table that was checked (tables/checking.py)."""
        return self._score(self._live.current, table, reasons)

    def _score(self, served: Served, table: pd.DataFrame, reasons: int) -> Scores:
        probability, why = answer(served.model, table, reasons=reasons)
        scores = tuple(
            Score(float(one), because) for one, because in zip(probability, why, strict=True)
        )
        return Scores(self.name, served.version, scores)


def answer(
    model: Model, table: pd.DataFrame, *, reasons: int
) -> tuple[Floats, list[tuple[Reason, ...]]]:
    """Return the probabilities of a table, shape (n,), and the reasons of each row."""
    count = min(reasons, REASONS_MOST)
    if isinstance(model, TableModel):  # read the table once for both
        matrix = model.encoder.matrix(table)
        probability = model.probability_of(matrix)
        added = model.contributions_of(matrix)[0] if count else None
    else:
        probability = model.probability(table)
        added = model.contributions(table)[0] if count else None
    if added is None:
        return probability, [()] * len(table)
    return probability, told(model.schema.columns, table, added, count=count)


def few(model: TableModel, cells: Mapping[str, Cells], *, reasons: int) -> tuple[Score, ...]:
    """Return the scores of a few rows; the same as of a table, without the cost of one."""
    schema, count = model.schema, len(next(iter(cells.values())))
    values = [
        {name: _told_to_encoder(cells[name][at]) for name in schema.names} for at in range(count)
    ]
    matrix = np.concatenate([model.encoder.row(row) for row in values])
    probability = model.probability_of(matrix)
    most = min(reasons, REASONS_MOST, len(schema.columns))
    if not most:
        return tuple(Score(float(one)) for one in probability)
    added = model.contributions_of(matrix)[0]
    strongest = np.argsort(-np.abs(added), axis=1, kind="stable")[:, :most]
    return tuple(
        Score(
            float(probability[at]),
            tuple(
                _reason(schema.columns[place], cells, at, float(added[at, place]))
                for place in strongest[at]
                if abs(added[at, place]) >= ADDS_LEAST
            ),
        )
        for at in range(count)
    )


def _reason(column: Column, cells: Mapping[str, Cells], at: int, adds: float) -> Reason:
    return Reason(column.name, adds, sentence(column, cells[column.name][at], adds))


def _told_to_encoder(cell: float | str | None) -> float | str:
    # None as text would be the level "None", where a table has one.
    return "" if cell is None else cell
