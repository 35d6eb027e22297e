"""Expansion of encoded rows in five strokes of numpy, for one row as for many.

The learners' own goes feature by feature, which is fine for a table and slow for a single flow:
forty features a member are more work than the member itself. Same columns, same numbers (a test
compares them); features with splines, which no member here has, are left to the original.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from analytics.learners.expanding import Expansion
from analytics.learners.forests import Grove
from analytics.learners.members import Member
from analytics.models import Floats
from analytics.tables.columns import Kind
from analytics.threats.flows.autoencoder import Drawn


@dataclass(frozen=True)
class QuickExpansion(Expansion):
    """An Expansion that expands all features at once."""

    _source: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    _fills: Floats = field(init=False, repr=False, compare=False)
    #: The level a column stands for; NaN where it is no level.
    _levels: Floats = field(init=False, repr=False, compare=False)
    _is_level: NDArray[np.bool_] = field(init=False, repr=False, compare=False)
    _is_gap: NDArray[np.bool_] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fills, levels, gaps = [], [], []
        for one in self.features:
            assert len(one.knots) <= 2, "features with splines are not expanded here"
            for place in range(one.width()):
                is_level = one.kind is Kind.CATEGORY
                levels.append(float(place) if is_level else np.nan)
                gaps.append(not is_level and place == one.width() - 1 and one.gaps)
                fills.append(one.fill)
        put = object.__setattr__
        put(self, "_source", np.array(self.owner, dtype=np.int64))
        put(self, "_fills", np.array(fills))
        put(self, "_levels", np.array(levels))
        put(self, "_is_level", ~np.isnan(self._levels))
        put(self, "_is_gap", np.array(gaps, dtype=bool))

    def expand(self, matrix: Floats) -> Floats:
        """Return shape (n, columns)."""
        cells = matrix[:, self._source]
        unknown = np.isnan(cells)
        out = np.where(unknown, self._fills, cells)
        out[:, self._is_level] = cells[:, self._is_level] == self._levels[self._is_level]
        out[:, self._is_gap] = unknown[:, self._is_gap]
        return out


def quick(member: Member) -> Member:
    """Return the member with a quick expansion, where it has one."""
    if isinstance(member, Grove | Drawn):
        return replace(member, expansion=QuickExpansion(member.expansion.features))
    return member
