"""The people most alike: the nearest rows to a row, among those a mask lets through.

    row ──▶ |x|² − 2 x·q  of all ──▶ least of each of 64 strided runs ──▶ best `count` runs ──▶ best
              └ infinite where the mask says no: they are out before the search, not after it

Exact: the `count` nearest lie in the `count` groups whose least is smallest, so only 64 · count
rows are sorted, however many there are. The rows are kept column by column, which is how the
product reads them fastest. Measured beside faiss and scikit-learn: docs/adr/0021.

Beyond two million rows `Graph` answers from a graph (hnswlib, optional) behind the same question;
it may miss a neighbour, and asks the exact search whenever its mask leaves it too few.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats32: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]

#: Rows from which a graph is worth its building (docs/adr/0021).
GRAPH_FROM_COUNT = 2_000_000
_RUNS = 64
#: A graph asks for so many more than wanted, since the mask takes some away after it.
_SPARE = 4


class Found(NamedTuple):
    """The nearest rows, the nearest first; fewer than asked for where the mask lets fewer through.

    places: which rows. distances: Euclidean, in the columns' weighted units.
    """

    places: NDArray[np.int64]
    distances: Floats32


class Neighbours(Protocol):
    """One question, whoever answers it."""

    def nearest(self, row: Floats32, *, count: int, among: Eligible | None = None) -> Found:
        """Return the `count` nearest of the rows that are `among` the eligible, of all by default.

        row: shape (columns,).
        """


class Eligible:
    """Which rows may be found: made once a mask, used by many searches.

    penalty: shape (rows, filled up to full runs), |x|² where eligible, infinite elsewhere.
    """

    def __init__(self, mask: Mask, squares: Floats32) -> None:
        self.mask = mask
        self.count = int(mask.sum())
        self.penalty = np.full(len(squares), np.inf, np.float32)
        self.penalty[: len(mask)][mask] = squares[: len(mask)][mask]


class Exact:
    """Exact search over all rows. Safe for threads: a search has memory of its own."""

    def __init__(self, rows: Floats32) -> None:
        count, columns = rows.shape
        self.count = count
        whole = -(-max(count, 1) // _RUNS) * _RUNS
        self._columns = np.zeros((columns, whole), np.float32)
        self._columns[:, :count] = rows.T
        squares = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
        self._squares = np.full(whole, np.inf, np.float32)
        self._squares[:count] = squares
        self._everybody = self.eligible(np.ones(count, bool))

    def eligible(self, mask: Mask) -> Eligible:
        """Return a mask made ready for searches; mask: shape (rows,)."""
        assert mask.shape == (self.count,), mask.shape
        return Eligible(mask, self._squares)

    def nearest(self, row: Floats32, *, count: int, among: Eligible | None = None) -> Found:
        among = among or self._everybody
        wanted = min(count, among.count)
        if wanted <= 0:
            return Found(np.zeros(0, np.int64), np.zeros(0, np.float32))
        far = np.dot(np.float32(-2.0) * row, self._columns)
        far += among.penalty
        width = len(far) // _RUNS
        if wanted < width:
            least = far.reshape(_RUNS, width).min(axis=0)
            groups = np.argpartition(least, wanted - 1)[:wanted]
            places = (np.arange(_RUNS)[:, None] * width + groups[None, :]).ravel()
            few = far[places]
        else:
            places, few = np.arange(len(far)), far
        best = places[np.argpartition(few, wanted - 1)[:wanted]]
        # |x|² − 2xq cancels where rows are close: what is told is computed from the difference.
        apart = np.sqrt(np.square(self._columns[:, best] - row[:, None]).sum(axis=0))
        order = np.lexsort((best, apart))
        return Found(best[order].astype(np.int64), apart[order])


class Graph:
    """Approximate search over a graph (HNSW); build it off the request path, it takes minutes."""

    def __init__(self, rows: Floats32, *, links: int = 32, effort: int = 96) -> None:
        """links, effort: hnswlib's M and ef. People's rows lie in clumps, which few links join
        badly: with 16 a recall of 0.99 takes twice the time.

        Raises ImportError: hnswlib is optional (`pip install hnswlib`).
        """
        hnswlib: Any = import_module("hnswlib")
        self.count = len(rows)
        self._effort = effort
        self._exact = Exact(rows)
        self._index: Any = hnswlib.Index(space="l2", dim=rows.shape[1])
        self._index.init_index(
            max_elements=max(1, len(rows)), ef_construction=200, M=links, random_seed=7
        )
        self._index.set_num_threads(1)
        self._index.add_items(rows, np.arange(len(rows)))
        self._index.set_ef(effort)

    def eligible(self, mask: Mask) -> Eligible:
        """Return a mask made ready for searches; mask: shape (rows,)."""
        return self._exact.eligible(mask)

    def nearest(self, row: Floats32, *, count: int, among: Eligible | None = None) -> Found:
        asked = min(self.count, count if among is None else _SPARE * count)
        if not 0 < count <= self.count:
            return self._exact.nearest(row, count=count, among=among)
        if asked > self._effort:  # once a size of question; it only ever rises
            self._effort = asked
            self._index.set_ef(asked)
        try:
            places, squared = self._index.knn_query(row[None, :], k=asked)
        except RuntimeError:  # from where it began it could not reach so many
            return self._exact.nearest(row, count=count, among=among)
        found = places[0].astype(np.int64)
        kept = np.ones(len(found), bool) if among is None else among.mask[found]
        if kept.sum() < count:
            return self._exact.nearest(row, count=count, among=among)
        best = found[kept][:count]
        return Found(best, np.sqrt(squared[0][kept][:count]))


def over(rows: Floats32) -> Exact | Graph:
    """Return the search that fits so many rows: exact, or a graph where one is worth it."""
    if len(rows) >= GRAPH_FROM_COUNT:
        try:
            return Graph(rows)
        except ImportError:
            return Exact(rows)
    return Exact(rows)
