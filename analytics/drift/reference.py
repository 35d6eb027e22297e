"""What the training window looked like: bins, shares, quantiles. Goes into the card as JSON.

    a number     edges at its own tenths · share of rows in each bin · share unknown · quantiles
    a category   its commonest levels · all others as one · share unknown
    the score    as a number; with the share of alarms at the threshold

The bins are fixed here once: a later window is laid over them, never they over it. No row is kept,
and of a level only its name, as it stands in the model's own schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.drift.estimate import estimate
from analytics.models import Floats
from analytics.tables.columns import Column, Kind, Schema

BINS_COUNT = 10
LEVELS_MAX = 20
#: Points of the quantile function: the distance of ks.py is known to a 256th.
QUANTILES_COUNT = 257
OTHER = "…"
SCORE = Column("score", Kind.NUMBER)


@dataclass(frozen=True, slots=True)
class Shape:
    """One column of the reference. `shares` sum to 1 over the rows that are known.

    edges: inner edges, rising; bin k is (edges[k-1], edges[k]]. Empty for a category, whose
    `levels` name the shares instead, the last of them OTHER.
    """

    name: str
    rows_count: int
    missing_share: float
    shares: tuple[float, ...]
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    quantiles: tuple[float, ...] = ()

    @property
    def known_count(self) -> int:
        return round(self.rows_count * (1 - self.missing_share))


@dataclass(frozen=True, slots=True)
class Reference:
    """The window a model is compared with. `alarm_share` is of the scores at the threshold."""

    shapes: tuple[Shape, ...]
    score: Shape
    threshold: float
    alarm_share: float
    positive_share: float | None = None
    #: What the model expects of itself here (estimate.py): {"roc_auc": 0.84, …}.
    expected: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **written,
                "shapes": tuple(_shape(one) for one in written["shapes"]),
                "score": _shape(written["score"]),
            }
        )


def summarise(
    table: pd.DataFrame,
    schema: Schema,
    scores: Floats,
    *,
    threshold: float = 0.5,
    labels: NDArray[Any] | None = None,
) -> Reference:
    """Return the reference of a window: `scores` are those the model gives its rows.

    Take rows the model has not learnt from (the calibration or hold-out part of the window):
    on its own training rows a model is surer than it will ever be again.
    """
    return Reference(
        shapes=tuple(shape_of(table[one.name], one) for one in schema.columns),
        score=shape_of(pd.Series(scores), SCORE),
        threshold=threshold,
        alarm_share=float(np.mean(scores >= threshold)),
        positive_share=None if labels is None else float(np.mean(labels)),
        expected={
            one.name: one.value
            for one in estimate(scores, threshold=threshold)
            if np.isfinite(one.value)
        },
    )


def shape_of(values: pd.Series, column: Column) -> Shape:
    """Return the shape of one column."""
    if column.kind is Kind.NUMBER:
        known = numbers_of(values)
        edges = quantiles = np.empty(0)
        if known.size:
            # A bin above the maximum would be empty by its making.
            edges = np.unique(np.quantile(known, np.arange(1, BINS_COUNT) / BINS_COUNT))
            edges = edges[edges < known.max()]
            quantiles = np.quantile(known, np.linspace(0, 1, QUANTILES_COUNT))
        shares = shares_in(known, edges)
        return Shape(
            column.name, len(values), _missing(known.size, len(values)), tuple(shares.tolist()),
            edges=tuple(edges.tolist()), quantiles=tuple(quantiles.tolist()),
        )  # fmt: skip
    known_levels = levels_of(values)
    counted = known_levels.value_counts()
    levels = (*(str(one) for one in counted.index[:LEVELS_MAX]), OTHER)
    return Shape(
        column.name, len(values), _missing(known_levels.size, len(values)),
        tuple(level_shares(known_levels, levels).tolist()), levels=levels,
    )  # fmt: skip


def shares_in(known: Floats, edges: NDArray[np.float64]) -> Floats:
    """Return the share of values in each bin, shape (len(edges) + 1,); zeros for no values."""
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    shares: Floats = counts / max(1, known.size)
    return shares


def level_shares(known: pd.Series, levels: tuple[str, ...]) -> Floats:
    """Return the share of each level, the last one standing for all that are not named."""
    counted = known.value_counts()
    named = np.array([float(counted.get(one, 0)) for one in levels[:-1]])
    total = max(1, known.size)
    shares: Floats = np.append(named, known.size - named.sum()) / total
    return shares


def numbers_of(values: pd.Series) -> Floats:
    """Return the known, finite numbers."""
    numbers: Floats = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    known: Floats = numbers[np.isfinite(numbers)]
    return known


def levels_of(values: pd.Series) -> pd.Series:
    """Return the known levels as text: neither missing nor empty. A flag's are "0" and "1"."""
    known = values[values.notna()]
    if pd.api.types.is_numeric_dtype(known.dtype) or pd.api.types.is_bool_dtype(known.dtype):
        return known.astype("float64").map("{:g}".format)
    text = known.astype("str")
    return text[text != ""]


def _missing(known_count: int, rows_count: int) -> float:
    return 1 - known_count / rows_count if rows_count else 0.0


def _shape(written: Mapping[str, Any]) -> Shape:
    listed = {"shares", "edges", "levels", "quantiles"}
    told: dict[str, Any] = {
        key: tuple(one) if key in listed else one for key, one in written.items()
    }
    return Shape(**told)
