"""The one question of the room: what to recommend to this person, among what fits them.

    row, held, allowed ─▶ candidates: allowed, not held ─▶ neighbours among who holds any allowed
                             └▶ parts ─▶ blend ─▶ logits ─▶ diverse ─▶ Recommended, with reasons

An instrument outside the mask is no candidate from the first line on: it is never scored, so it
cannot be recommended. Safe for threads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analytics.advice import blending
from analytics.advice.catalogue import Catalogue, Mask
from analytics.advice.diversity import SPREAD, Spread, diverse
from analytics.advice.learning import Learnt
from analytics.advice.neighbours import Eligible, Found
from analytics.advice.parts import (
    NEIGHBOURS_COUNT,
    SHOWN_COUNT,
    People,
    neighbour_scores,
    part_scores,
)
from analytics.advice.reasons import Reason, reasons_of
from bank.domain.instruments import Instrument, InstrumentId

Floats32: TypeAlias = NDArray[np.float32]

#: Masks whose eligible neighbours are kept ready: people of the same limits share one.
_MASKS_MOST = 64
_SELF_DISTANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Recommended:
    """One recommendation.

    score: the chance that it is what they would choose next, of all that fits; 0 to 1.
    neighbour_share: of the 50 people most alike who hold anything that fits, how many hold it.
    """

    instrument_id: InstrumentId
    score: float
    neighbour_share: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """What was found out about one person."""

    logits: Floats32
    candidates: Mask
    held: NDArray[np.intp]
    shares: Floats32
    neighbours_count: int


class Recommender:
    """What was learnt, over the instruments as the bank knows them now.

    catalogue: instruments that were there when it learnt, as they are today; masks are in its
    order. What came since is recommended after the next learning.
    """

    def __init__(self, learnt: Learnt, instruments: Sequence[Instrument]) -> None:
        here = {one.id: one for one in instruments}
        kept = np.array([p for p, one in enumerate(learnt.ids) if one in here], np.intp)
        self.version = learnt.version
        self.catalogue = Catalogue([here[learnt.ids[place]] for place in kept])
        self._weights = learnt.weights.of(kept)
        self._blend = learnt.blend
        is_whole = len(kept) == len(learnt.ids)
        self._people = (
            learnt.people if is_whole
            else People(learnt.people.rows, learnt.people.holdings[:, kept])
        )  # fmt: skip
        self._ready: OrderedDict[bytes, Eligible] = OrderedDict()
        self._lock = threading.Lock()

    def recommend(
        self,
        row: Floats32,
        held_ids: Collection[InstrumentId],
        allowed: Mask,
        count: int,
        *,
        spread: Spread = SPREAD,
    ) -> list[Recommended]:
        """Return at most `count` recommendations, the best first; fewer where less fits.

        row: profiles.row_of the person. allowed: shape (instruments,), in the catalogue's order
        (Catalogue.allowed, mask_of). What is held is not recommended again.
        """
        assert allowed.shape == (len(self.catalogue),), allowed.shape
        if count <= 0 or not allowed.any():
            return []
        ranked = self._rank(row, held_ids, allowed)
        chances = blending.chances(ranked.logits[None], ranked.candidates[None])[0]
        chosen = diverse(
            ranked.logits, ranked.candidates, self.catalogue, count=count, spread=spread
        )
        return [
            Recommended(
                instrument_id=self.catalogue.ids[place],
                score=float(chances[place]),
                neighbour_share=float(ranked.shares[place]),
                reasons=reasons_of(
                    place, catalogue=self.catalogue, row=row, held=ranked.held,
                    together=self._weights.together, neighbour_share=float(ranked.shares[place]),
                    neighbours_count=ranked.neighbours_count,
                ),
            )
            for place in chosen
        ]  # fmt: skip

    def _rank(self, row: Floats32, held_ids: Collection[InstrumentId], allowed: Mask) -> _Ranked:
        held = self.catalogue.mask_of(held_ids)
        candidates = allowed & ~held
        found = self._neighbours(row, held, self._among(allowed))
        theirs = self._people.holdings[found.places]
        near = theirs[:SHOWN_COUNT]
        shares = np.asarray(near.sum(axis=0), np.float32).ravel() / max(1, near.shape[0])
        by_neighbours = neighbour_scores(found.distances, theirs)
        mine = sparse.csr_array(held[None, :].astype(np.float32))
        parts = part_scores(self._weights, row[None], mine, by_neighbours[None], candidates[None])
        groups = blending.group_of(np.array([held.sum()]))
        logits = blending.blended(parts, self._blend, groups)[0]
        return _Ranked(logits, candidates, np.flatnonzero(held), shares, near.shape[0])

    def _neighbours(self, row: Floats32, held: Mask, among: Eligible) -> Found:
        """Return the people most alike, without the one who asks."""
        found = self._people.search.nearest(row, count=NEIGHBOURS_COUNT + 1, among=among)
        for number, place in enumerate(found.places):
            if found.distances[number] > _SELF_DISTANCE:
                break
            if np.array_equal(self._people.holdings[[place]].indices, np.flatnonzero(held)):
                return Found(np.delete(found.places, number), np.delete(found.distances, number))
        return Found(found.places[:NEIGHBOURS_COUNT], found.distances[:NEIGHBOURS_COUNT])

    def _among(self, allowed: Mask) -> Eligible:
        """Return who holds something that is allowed, ready to be searched."""
        key = allowed.tobytes()
        with self._lock:
            if key in self._ready:
                self._ready.move_to_end(key)
                return self._ready[key]
        made = self._people.search.eligible(self._people.holds_any(allowed))
        with self._lock:
            self._ready[key] = made
            while len(self._ready) > _MASKS_MOST:
                self._ready.popitem(last=False)
        return made
