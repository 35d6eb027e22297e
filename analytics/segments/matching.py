"""Which segment of today is which of before, and who moved where.

    the same customers, assigned by both versions ──overlap──▶ Hungarian ──▶ ids carried on

Groups come out of a fit in any order. Two are the same segment when, of all ways to pair them,
the pairing keeps most customers together, and at least LEAST_SHARE of either's customers are
shared (Jaccard); otherwise it is a new one, with a number nobody had before.

H. W. Kuhn 1955, "The Hungarian method for the assignment problem".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from analytics.segments.shapes import Groups

#: Customers of both, of the customers of either.
LEAST_SHARE = 0.3
_STEM = "sg_"


@dataclass(frozen=True, slots=True)
class Movement:
    """Who went from which segment to which.

    counts: (before + 1, after + 1); the last row is who was no customer then, the last column who
    is none any more. before, after: ids of segments.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def stayed_share(self) -> float:
        """Of those here at both moments, how many are where they were; NaN where nobody is."""
        both = int(self.counts[:-1, :-1].sum())
        same = sum(
            int(self.counts[row, self.after.index(one)])
            for row, one in enumerate(self.before)
            if one in self.after
        )
        return same / both if both else float("nan")

    def as_json(self) -> dict[str, object]:
        return {"before": list(self.before), "after": list(self.after),
                "counts": self.counts.tolist(), "stayed_share": self.stayed_share}  # fmt: skip


def overlap(before: Groups, after: Groups, *, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Return how many of the same customers are in each pair of groups, shape `shape`."""
    assert len(before) == len(after), (len(before), len(after))
    counts = np.zeros(shape, np.int64)
    np.add.at(counts, (before, after), 1)
    return counts


def matched(counts: NDArray[np.int64]) -> dict[int, int]:
    """Return the group of before for each group of after that has one; counts: overlap."""
    either = counts.sum(axis=1, keepdims=True) + counts.sum(axis=0, keepdims=True) - counts
    shared = counts / np.maximum(either, 1)
    rows, columns = linear_sum_assignment(-shared)
    return {
        int(column): int(row)
        for row, column in zip(rows, columns, strict=True)
        if shared[row, column] >= LEAST_SHARE
    }


def ids_for(count: int, carried: dict[int, str], ever: Sequence[str]) -> tuple[str, ...]:
    """Return an id for each of `count` groups: carried on, or one that nobody ever had."""
    highest = max((int(one.removeprefix(_STEM)) for one in ever), default=0)
    ids = []
    for place in range(count):
        if place not in carried:
            highest += 1
        ids.append(carried.get(place, f"{_STEM}{highest}"))
    return tuple(ids)


def movement(
    before: pd.Series, after: pd.Series, *, ids_before: Sequence[str], ids_after: Sequence[str]
) -> Movement:
    """Return who moved where; before, after: segment ids indexed by customer id."""
    who = before.index.union(after.index)
    places = [
        _places(before.reindex(who), ids_before), _places(after.reindex(who), ids_after)
    ]  # fmt: skip
    counts = overlap(*places, shape=(len(ids_before) + 1, len(ids_after) + 1))
    return Movement(tuple(ids_before), tuple(ids_after), counts)


def _places(segments: pd.Series, ids: Sequence[str]) -> Groups:
    place = {one: number for number, one in enumerate(ids)}
    return np.array([place.get(one, len(ids)) for one in segments], np.int64)
