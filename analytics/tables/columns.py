"""What a table holds: each column with its kind, unit and range, and which one is the target.

A schema is data: it goes into a model's card as JSON and comes back equal, and a model refuses a
table that does not obey it (see checking.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Kind(StrEnum):
    """How a column is read.

    number    float64; NaN is "unknown"
    category  str; "" and NaN are "unknown"; a level nobody saw in training is read as unknown
    flag      0 or 1; NaN is "unknown"
    """

    NUMBER = "number"
    CATEGORY = "category"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """One feature. `low` and `high` are inclusive; `levels` are those of the training rows."""

    name: str
    kind: Kind
    unit: str = ""
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] = ()
    #: The sentence a person reads when the column is a reason: "{value} logins in 30 days".
    #: Empty: the column's name is shown.
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """The features of a model, in the order the model learnt them."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def of_kind(self, *kinds: Kind) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.kind in kinds)

    def without(self, names: Sequence[str]) -> Schema:
        return Schema(tuple(one for one in self.columns if one.name not in names))

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(column) for column in self.columns]

    @classmethod
    def from_json(cls, written: Sequence[Mapping[str, Any]]) -> Self:
        return cls(
            tuple(
                Column(**{**one, "kind": Kind(one["kind"]), "levels": tuple(one["levels"])})
                for one in written
            )
        )
