"""A table as numbers for learners of effects: one design, learnt from training rows.

    number    log of (1 + x) where the values are never negative and far from even; unknown is the
              median, with a column of its own that says so where training rows had unknowns
    flag      0 or 1, unknown is the training share
    category  one column for each level of 1 % of rows or more, without the most frequent one
                         │
               base      each column at mean 0 and deviation 1, cut at ±CUT deviations
                         │
               wide      base, squares, and products of two: the shape of who does it anyway

Effects are read from `base`, since few rows tell little about effects; `wide` only takes away
what is known about the outcome without any treatment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Self

import numpy as np
import pandas as pd

from analytics.errors import CannotLearn, FeatureMismatch
from analytics.models import Floats
from analytics.tables.columns import Column, Kind, Schema
from analytics.tables.values import flags_of, numbers_of, texts_of

CUT = 5.0
#: Products are made of the columns that follow the outcome most closely: 20 give 190 products.
PRODUCTS_OF = 20
#: A level of a category needs this share of the training rows.
LEVEL_SHARE = 0.01
_SKEW = 2.0


@dataclass(frozen=True, slots=True)
class Features:
    """Rows as learners take them: base is shape (n, k), wide (n, k + squares and products)."""

    base: Floats
    wide: Floats

    def of(self, rows: Any) -> Features:
        return Features(self.base[rows], self.wide[rows])


@dataclass(frozen=True, slots=True)
class Part:
    """One column of `base`. `source` is the table's column; of: "value", "unknown" or a level."""

    source: str
    of: str
    is_log: bool
    fill: float
    mean: float
    scale: float


@dataclass(frozen=True, slots=True)
class Design:
    """How rows become numbers; equal after a way through JSON."""

    schema: Schema
    parts: tuple[Part, ...]
    #: Pairs of base columns that are multiplied (a pair of one column is its square).
    products: tuple[tuple[int, int], ...]
    product_means: tuple[float, ...]
    product_scales: tuple[float, ...]

    @classmethod
    def fit(cls, table: pd.DataFrame, schema: Schema, outcome: Floats) -> Self:
        """Learn fills, levels and scales; `outcome`, shape (n,), only ranks columns for products.

        Raises FeatureMismatch: a column is absent. CannotLearn: every column is constant.
        """
        refuse_absent(table, schema)
        parts = [one for column in schema.columns for one in _parts(column, table[column.name])]
        if not parts:
            raise CannotLearn("Every column has one value only, so nothing tells people apart.")
        base = _base(table, schema, parts)
        products = _products(parts, base, outcome)
        raw = _multiplied(base, products)
        scales = raw.std(axis=0)
        means, scales = raw.mean(axis=0), np.where(scales > 1e-9, scales, 1.0)
        return cls(
            schema, tuple(parts), tuple(products), tuple(means.tolist()), tuple(scales.tolist())
        )

    def features(self, table: pd.DataFrame) -> Features:
        """Return the rows as numbers. Raises FeatureMismatch: a column of the schema is absent."""
        refuse_absent(table, self.schema)
        base = _base(table, self.schema, self.parts)
        raw = (_multiplied(base, self.products) - np.array(self.product_means)) / np.array(
            self.product_scales
        )
        return Features(base, np.hstack([base, np.clip(raw, -CUT, CUT)]))

    def as_json(self) -> dict[str, Any]:
        return {
            "schema": self.schema.as_json(),
            "parts": [asdict(one) for one in self.parts],
            "products": [list(pair) for pair in self.products],
            "product_means": list(self.product_means),
            "product_scales": list(self.product_scales),
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        return cls(
            Schema.from_json(written["schema"]),
            tuple(Part(**one) for one in written["parts"]),
            tuple((first, second) for first, second in written["products"]),
            tuple(written["product_means"]),
            tuple(written["product_scales"]),
        )


def refuse_absent(table: pd.DataFrame, schema: Schema) -> None:
    """Raise FeatureMismatch, naming them, if columns of the schema are not in the table."""
    absent = [name for name in schema.names if name not in table.columns]
    if absent:
        raise FeatureMismatch(
            f"The table lacks {', '.join(absent)}. It must have {', '.join(schema.names)}."
        )


def _parts(column: Column, cells: pd.Series) -> list[Part]:
    """Return the columns that one column of the table becomes; none if it never changes."""
    if column.kind is Kind.CATEGORY:
        texts = texts_of(cells).astype(str)
        levels, counts = np.unique(texts, return_counts=True)
        frequent = np.argsort(-counts, kind="stable")[1:]
        wanted = [str(levels[i]) for i in frequent if counts[i] >= LEVEL_SHARE * len(texts)]
        return [_scaled(Part(column.name, level, False, 0.0, 0.0, 1.0), cells) for level in wanted]
    values = _finite(column, cells)
    known = values[~np.isnan(values)]
    if len(known) == 0 or (known.min() == known.max() and len(known) == len(values)):
        return []
    is_log = column.kind is Kind.NUMBER and bool(known.min() >= 0) and _skew(known) > _SKEW
    fill = float(known.mean() if column.kind is Kind.FLAG else np.median(known))
    parts = []
    if known.min() < known.max():
        parts.append(_scaled(Part(column.name, "value", is_log, fill, 0.0, 1.0), cells, column))
    if LEVEL_SHARE * len(values) <= len(values) - len(known):
        parts.append(_scaled(Part(column.name, "unknown", False, 0.0, 0.0, 1.0), cells, column))
    return parts


def _scaled(part: Part, cells: pd.Series, column: Column | None = None) -> Part:
    kind = Kind.CATEGORY if column is None else column.kind
    values = _values(part, kind, cells)
    scale = float(values.std())
    return Part(
        part.source, part.of, part.is_log, part.fill, float(values.mean()), scale or 1.0
    )  # fmt: skip


def _base(table: pd.DataFrame, schema: Schema, parts: Sequence[Part]) -> Floats:
    kinds = {column.name: column.kind for column in schema.columns}
    columns = [
        (_values(one, kinds[one.source], table[one.source]) - one.mean) / one.scale for one in parts
    ]
    return np.clip(np.column_stack(columns), -CUT, CUT)


def _values(part: Part, kind: Kind, cells: pd.Series) -> Floats:
    if kind is Kind.CATEGORY:
        return np.asarray(texts_of(cells).astype(str) == part.of, np.float64)
    values = _finite(Column(part.source, kind), cells)
    unknown = np.isnan(values)
    if part.of == "unknown":
        return unknown.astype(np.float64)
    filled = np.where(unknown, part.fill, values)
    # A value below 0 was never seen in training where the log is taken.
    return np.log1p(np.maximum(filled, 0.0)) if part.is_log else filled


def _finite(column: Column, cells: pd.Series) -> Floats:
    values = flags_of(cells) if column.kind is Kind.FLAG else numbers_of(cells)
    return np.where(np.isfinite(values), values, np.nan)


def _skew(known: Floats) -> float:
    centred = known - known.mean()
    deviation = float(known.std())
    return float(np.mean(centred**3)) / deviation**3 if deviation > 0 else 0.0


def _products(parts: Sequence[Part], base: Floats, outcome: Floats) -> list[tuple[int, int]]:
    """Return the squares of numbers, and the pairs of the columns closest to the outcome."""
    spread = outcome - outcome.mean()
    closeness = np.abs(spread @ base)
    used = sorted(np.argsort(-closeness, kind="stable")[:PRODUCTS_OF].tolist())
    squares = [(i, i) for i in used if len(np.unique(base[:, i])) > 2]
    pairs = [
        (i, j)
        for i, j in combinations(used, 2)
        if parts[i].source != parts[j].source  # levels of one category exclude each other
    ]
    return squares + pairs


def _multiplied(base: Floats, products: Sequence[tuple[int, int]]) -> Floats:
    if not products:
        return np.zeros((len(base), 0))
    first, second = (np.array(side) for side in zip(*products, strict=True))
    return np.asarray(base[:, first] * base[:, second])
