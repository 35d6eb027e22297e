"""How good an order of instruments is, against what was bought afterwards.

    nDCG@10     1 if all that was bought stands first, less the further down it stands
    HR@10       whether any of it is among the first ten
    coverage    which share of all instruments is recommended to anybody at all

Per person, then the mean over those who bought something that could be recommended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Mask: TypeAlias = NDArray[np.bool_]
TOP = 10


@dataclass(frozen=True, slots=True)
class RankFigures:
    """Means over people; NaN where nobody bought a candidate. each: nDCG of each of them."""

    ndcg: float
    hit_rate: float
    coverage: float
    people_count: int
    each: NDArray[np.float64]


def rank_figures(
    scores: NDArray[np.float32], candidates: Mask, bought: Mask, *, top: int = TOP
) -> RankFigures:
    """Return the figures; all three of shape (people, instruments).

    What was bought but is no candidate counts as nothing: it could not be recommended to them.
    """
    order = np.argsort(-np.where(candidates, scores, -np.inf), axis=1, kind="stable")[:, :top]
    return order_figures(order, candidates, bought, top=top)


def order_figures(
    order: NDArray[np.intp], candidates: Mask, bought: Mask, *, top: int = TOP
) -> RankFigures:
    """Return the figures of orders given, shape (people, at most `top`); -1 fills short ones."""
    targets = bought & candidates
    asked = targets.any(axis=1)
    order, targets = order[asked, :top], targets[asked]
    if not len(order):
        return RankFigures(np.nan, np.nan, np.nan, 0, np.zeros(0))
    rows = np.arange(len(order))[:, None]
    is_filled = (order >= 0) & candidates[asked][rows, order]
    hits = targets[rows, order] & is_filled
    gains = 1.0 / np.log2(np.arange(top) + 2.0)
    best = np.cumsum(gains)[np.minimum(targets.sum(axis=1), top) - 1]
    each = (hits * gains[: order.shape[1]]).sum(axis=1) / best
    shown = np.unique(order[is_filled])
    return RankFigures(
        ndcg=float(each.mean()),
        hit_rate=float(hits.any(axis=1).mean()),
        coverage=len(shown) / bought.shape[1],
        people_count=len(each),
        each=each,
    )
