"""Not five funds of one region: the best first, each further one for what it adds.

    logits ──▶ best ──▶ best minus likeness to those chosen ──▶ …      (maximal marginal relevance)
                              └ never more than a share of one sector, region or kind

What is about everything or everywhere belongs to no sector and no region. Where only instruments
over a share are left, the rule gives way: a recommendation of two things is better than of none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.advice.catalogue import Catalogue, Mask


@dataclass(frozen=True, slots=True)
class Spread:
    """How different the chosen must be.

    likeness_cost: what full likeness to one already chosen takes off, in logits; others: the
    largest share of the chosen that may be of one sector, region or kind.
    """

    likeness_cost: float = 0.5
    sector_share: float = 0.3
    region_share: float = 0.5
    kind_share: float = 0.5


SPREAD = Spread()
NO_SPREAD = Spread(likeness_cost=0.0, sector_share=1.0, region_share=1.0, kind_share=1.0)


def diverse(
    logits: NDArray[np.float32], candidates: Mask, catalogue: Catalogue, *, count: int,
    spread: Spread = SPREAD,
) -> list[int]:  # fmt: skip
    """Return the places of at most `count` candidates, the best first; never another."""
    value = np.where(candidates, logits.astype(np.float64), -np.inf)
    alike = np.zeros(len(value))
    is_open = np.ones(len(value), bool)
    left = candidates.copy()
    most = {
        "sector": _most(spread.sector_share, count), "region": _most(spread.region_share, count),
        "kind": _most(spread.kind_share, count),
    }  # fmt: skip
    taken: list[int] = []
    while left.any() and len(taken) < count:
        among = left & is_open if (left & is_open).any() else left
        best = int(np.argmax(np.where(among, value - spread.likeness_cost * alike, -np.inf)))
        taken.append(best)
        left[best] = False
        for name, groups in catalogue.groups.items():
            if groups[best] >= 0 and (groups[taken] == groups[best]).sum() >= most[name]:
                is_open &= groups != groups[best]
        alike = np.maximum(alike, catalogue.likeness[best])
    return taken


def _most(share: float, count: int) -> int:
    return max(1, math.ceil(share * count))
