"""From a table to numbers a learner takes: one float64 column per feature, in schema order.

    number    as it is                       unknown, infinite: NaN
    flag      0, 1                           unknown: NaN
    category  its place among the levels     unknown, or a level training did not have: NaN

Fitted on training rows only: the levels are those the training rows have, not the table's. What
needs more (one column per level, splines, filled gaps) is expanding.py's, also fitted there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import pandas as pd

from analytics.errors import FeatureMismatch
from analytics.models import Floats
from analytics.tables.columns import Column, Kind, Schema
from analytics.tables.values import flags_of, numbers_of, texts_of

#: Rarer levels of a category with more than this are read as unknown.
LEVELS_MOST = 255


@dataclass(frozen=True)
class Encoder:
    """Turns tables into matrices. Equal schemas encode alike."""

    schema: Schema
    _places: dict[str, dict[str, float]] = field(init=False, repr=False, compare=False)
    #: Name and, of a category, its places: what `row` needs and no more, since it is hot.
    _plan: tuple[tuple[str, dict[str, float] | None], ...] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        places = {
            column.name: {level: float(place) for place, level in enumerate(column.levels)}
            for column in self.schema.of_kind(Kind.CATEGORY)
        }
        object.__setattr__(self, "_places", places)
        plan = tuple((name, places.get(name)) for name in self.schema.names)
        object.__setattr__(self, "_plan", plan)

    @classmethod
    def fit(cls, table: pd.DataFrame, schema: Schema) -> Self:
        """Learn the levels of the training rows; declared levels that do not occur are dropped."""
        _refuse_missing(table, schema)
        return cls(Schema(tuple(_with_levels(column, table) for column in schema.columns)))

    def matrix(self, table: pd.DataFrame) -> Floats:
        """Return shape (n, features). Raises FeatureMismatch: a column is absent."""
        _refuse_missing(table, self.schema)
        cells = [self._read(column, table[column.name]) for column in self.schema.columns]
        out = np.column_stack(cells).astype(np.float64, copy=False)
        # An infinity has been refused by checking.py or is no number to learn from.
        out[np.isinf(out)] = np.nan
        return out

    def row(self, values: Mapping[str, Any]) -> Floats:
        """Return one row, shape (1, features), without the cost of a frame.

        values: number, flag as 0/1 or bool, category as text; None is unknown.
        """
        read, name = [], ""
        try:
            for name, places in self._plan:
                value = values[name]
                if places is not None:
                    read.append(places.get(str(value), np.nan))
                else:
                    read.append(np.nan if value is None else float(value))
        except KeyError as absent:
            raise FeatureMismatch(f"The row lacks {absent.args[0]}.") from absent
        except (TypeError, ValueError) as wrong:
            raise FeatureMismatch(f"{name} must be a number, or yes or no as 1 or 0.") from wrong
        out = np.array([read])
        out[np.isinf(out)] = np.nan
        return out

    def _read(self, column: Column, cells: pd.Series) -> Floats:
        if column.kind is Kind.NUMBER:
            return numbers_of(cells)
        if column.kind is Kind.FLAG:
            return flags_of(cells)
        codes, levels = pd.factorize(cells, use_na_sentinel=True)
        places = self._places[column.name]
        known = np.array(
            [places.get(text, np.nan) for text in texts_of(pd.Series(levels))] + [np.nan]
        )
        return np.asarray(known[codes])


def _with_levels(column: Column, table: pd.DataFrame) -> Column:
    if column.kind is not Kind.CATEGORY:
        return column
    seen = pd.Series(texts_of(table[column.name])).value_counts()
    seen = seen[[level != "" and level in (column.levels or seen.index) for level in seen.index]]
    return replace(column, levels=tuple(sorted(seen.index[:LEVELS_MOST])))


def _refuse_missing(table: pd.DataFrame, schema: Schema) -> None:
    missing = [name for name in schema.names if name not in table.columns]
    if missing:
        raise FeatureMismatch(f"The table lacks {', '.join(missing)}, which the model learnt from.")
