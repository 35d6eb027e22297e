"""The parts of a recommendation, learnt from one book: five scores of each instrument.

    popular      how many hold it
    together     EASE on holdings and on what people told, as one model
    item_knn     cosine of who holds what
    content      what people of such a profile hold, by what the instruments are
    neighbours   what the people most alike hold, the nearer the more

All are arrays; `learning.py` fits them, `recommending.py` and `evaluating.py` ask them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analytics.advice import collaborative, content
from analytics.advice.blending import PARTS, standardised
from analytics.advice.histories import Book
from analytics.advice.neighbours import Exact, Graph, over
from analytics.advice.profiles import TOLD_COUNT

Floats32: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]

#: How many neighbours speak for an instrument; of the first SHOWN_COUNT the share is told.
NEIGHBOURS_COUNT, SHOWN_COUNT = 200, 50
#: A neighbour at this distance counts half as much as one at none.
_HALF_AT = 0.3
_ITEM_SHRINK, _ITEM_NEAREST = 20.0, 100


@dataclass(frozen=True, slots=True)
class Strengths:
    """Ridges, in people: the higher, the less is believed of few."""

    together: float = 100.0
    told: float = 30.0
    content: float = 100.0


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt, column by column of the instruments.

    together: (n, n). told: (expanded columns, n). item_knn: (n, n). content: (expanded, n).
    popular: (n,), log of 1 + holders.
    """

    together: Floats32
    told: Floats32
    item_knn: Floats32
    content: Floats32
    popular: Floats32

    def as_arrays(self) -> dict[str, Floats32]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def of(self, places: NDArray[np.intp]) -> Self:
        """Return the weights of some instruments, in this order."""
        square = np.ix_(places, places)
        return type(self)(
            self.together[square], self.told[:, places], self.item_knn[square],
            self.content[:, places], self.popular[places],
        )  # fmt: skip


def learn_weights(book: Book, features: Floats32, strengths: Strengths) -> Weights:
    """Return the weights of a book; features: of its instruments (Catalogue.features)."""
    told = book.rows[:, :TOLD_COUNT]
    together, beside = collaborative.ease(
        book.holdings, content.expanded(told),
        strength=strengths.together, told_strength=strengths.told,
    )  # fmt: skip
    holders = np.asarray(book.holdings.sum(axis=0), np.float64).ravel()
    return Weights(
        together=together,
        told=beside,
        item_knn=collaborative.item_knn(book.holdings, shrink=_ITEM_SHRINK, count=_ITEM_NEAREST),
        content=content.content(told, book.holdings, features, strength=strengths.content),
        popular=np.log1p(holders).astype(np.float32),
    )


class People:
    """Those one may be alike: rows to search, and what they hold."""

    def __init__(self, rows: Floats32, holdings: Any) -> None:
        self.rows = rows
        self.holdings = sparse.csr_array(holdings, dtype=np.float32)
        self.search: Exact | Graph = over(rows)

    def holds_any(self, mask: Mask) -> Mask:
        """Return who holds something of a mask: only they can speak for it. Shape (people,)."""
        found: Mask = np.asarray(self.holdings @ mask.astype(np.float32)) > 0
        return found


def neighbour_scores(distances: Floats32, holdings: Any) -> Floats32:
    """Return how far the neighbours speak for each instrument, shape (n,).

    holdings: of the neighbours, in the order of the distances.
    """
    weights = 1.0 / (1.0 + distances / _HALF_AT)
    found: Floats32 = np.asarray(weights @ holdings, np.float32)
    return found


def part_scores(
    weights: Weights, rows: Floats32, holdings: Any, by_neighbours: Floats32, candidates: Mask
) -> Floats32:
    """Return all parts, standardised over the candidates, shape (people, instruments, PARTS)."""
    told = content.expanded(rows[:, :TOLD_COUNT])
    raw = {
        "popular": np.broadcast_to(weights.popular, candidates.shape),
        "together": collaborative.scores(holdings, weights.together) + told @ weights.told,
        "item_knn": collaborative.scores(holdings, weights.item_knn),
        "content": told @ weights.content,
        "neighbours": by_neighbours,
    }
    found = np.empty((*candidates.shape, len(PARTS)), np.float32)
    for place, name in enumerate(PARTS):
        found[:, :, place] = standardised(raw[name], candidates)
    return found


@dataclass(frozen=True)
class Asked:
    """People to recommend to, all at once: what may be recommended, and who speaks for it.

    candidates, by_neighbours: shape (people, instruments).
    """

    book: Book
    candidates: Mask
    by_neighbours: Floats32

    def parts(self, weights: Weights) -> Floats32:
        """Return all parts, standardised, shape (people, instruments, PARTS)."""
        return part_scores(
            weights, self.book.rows, self.book.holdings, self.by_neighbours, self.candidates
        )


def asked_of(book: Book, people: People, *, own: NDArray[np.intp]) -> Asked:
    """Return the people of a book with their candidates, what fits and is not held.

    own: the place of each of them among `people`, who is no neighbour of themselves.
    """
    candidates = book.masks[book.mask_of] & (book.holdings.toarray() == 0)
    by_neighbours = np.zeros(candidates.shape, np.float32)
    for kind in np.unique(book.mask_of):
        among = people.search.eligible(people.holds_any(book.masks[kind]))
        for number in np.flatnonzero(book.mask_of == kind):
            found = people.search.nearest(
                book.rows[number], count=NEIGHBOURS_COUNT + 1, among=among
            )
            others = found.places != own[number]
            by_neighbours[number] = neighbour_scores(
                found.distances[others][:NEIGHBOURS_COUNT],
                people.holdings[found.places[others][:NEIGHBOURS_COUNT]],
            )
    return Asked(book, candidates, by_neighbours)
