"""From encoded features to the columns a linear model or a forest takes; fitted on training rows.

    number    spline   natural cubic spline (knots at quantiles), gaps filled, "is unknown"
              plain    the number, gaps filled with the median, "is unknown"
    flag               the flag, "is unknown" if training rows had gaps
    category           one column per level; unknown is all zeros

`owner` says for each expanded column which feature it came from, so that what the columns add
can be summed per feature. Splines: Hastie, Tibshirani, Friedman, 5.2.1 (linear in the tails).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from analytics.models import Floats
from analytics.tables.columns import Kind, Schema

_FEW_VALUES = 3


@dataclass(frozen=True)
class Feature:
    """How one feature is expanded. `fill`: what an unknown number is read as."""

    kind: Kind
    fill: float
    gaps: bool
    levels_count: int = 0
    knots: tuple[float, ...] = ()

    def width(self) -> int:
        if self.kind is Kind.CATEGORY:
            return self.levels_count
        return 1 + max(0, len(self.knots) - 2) + self.gaps

    def expand(self, cells: Floats) -> Floats:
        """Return shape (n, width)."""
        unknown = np.isnan(cells)
        if self.kind is Kind.CATEGORY:
            return np.asarray(cells[:, None] == np.arange(self.levels_count), dtype=np.float64)
        filled = np.where(unknown, self.fill, cells)
        parts = [filled[:, None]]
        if len(self.knots) > 2:
            parts.append(_natural_spline(filled, np.array(self.knots)))
        if self.gaps:
            parts.append(unknown[:, None].astype(np.float64))
        return np.hstack(parts)


@dataclass(frozen=True)
class Expansion:
    """Expands a matrix, and keeps whose each column is."""

    features: tuple[Feature, ...]

    @classmethod
    def fit(cls, matrix: Floats, schema: Schema, *, knots_count: int = 0) -> Self:
        """knots_count: 0 leaves numbers plain; else knots per number, fewer where values are."""
        features = []
        for column, cells in zip(schema.columns, matrix.T, strict=True):
            known = cells[~np.isnan(cells)]
            fill = float(np.median(known)) if len(known) else 0.0
            gaps = bool(len(known) < len(cells))
            knots: tuple[float, ...] = ()
            if column.kind is Kind.NUMBER and knots_count:
                knots = _knots(known, knots_count)
            features.append(Feature(column.kind, fill, gaps, len(column.levels), knots))
        return cls(tuple(features))

    @property
    def owner(self) -> tuple[int, ...]:
        """The feature of each expanded column."""
        return tuple(place for place, one in enumerate(self.features) for _ in range(one.width()))

    def expand(self, matrix: Floats) -> Floats:
        """Return shape (n, columns)."""
        parts = [one.expand(cells) for one, cells in zip(self.features, matrix.T, strict=True)]
        return np.hstack(parts) if parts else np.zeros((len(matrix), 0))

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {"kind": str(one.kind), "fill": one.fill, "gaps": one.gaps,
             "levels_count": one.levels_count, "knots": list(one.knots)}
            for one in self.features
        ]  # fmt: skip

    @classmethod
    def from_json(cls, written: list[dict[str, Any]]) -> Self:
        return cls(
            tuple(
                Feature(Kind(one["kind"]), one["fill"], one["gaps"], one["levels_count"],
                        tuple(one["knots"]))
                for one in written
            )
        )  # fmt: skip


def _knots(known: Floats, count: int) -> tuple[float, ...]:
    """Return knots at evenly spread quantiles, no two alike; none if there are few values."""
    distinct = np.unique(known)
    if len(distinct) < _FEW_VALUES:
        return ()
    if len(distinct) <= count:
        return tuple(float(value) for value in distinct)
    shares = np.linspace(0.03, 0.97, count)
    knots = np.unique(np.quantile(known, shares))
    return tuple(float(value) for value in knots) if len(knots) >= _FEW_VALUES else ()


def _natural_spline(cells: Floats, knots: Floats) -> Floats:
    """Return the basis beyond 1 and x, shape (n, knots - 2), scaled by the knots' span squared."""
    span = knots[-1] - knots[0]
    cubes = np.maximum(cells[:, None] - knots[None, :], 0.0) ** 3
    slopes = (cubes[:, :-1] - cubes[:, -1:]) / (knots[-1] - knots[:-1])
    return np.asarray((slopes[:, :-1] - slopes[:, -1:]) / span**2)
