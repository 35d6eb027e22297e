"""Learning advice from the bank's own profiles and holdings, as of a moment.

         … ─────────────────▶ moment − 90 days ──────────▶ moment
    parts learnt on this ──────┘ └─ bought here: chooses ridges, learns the blend
    parts learnt on all of it ────────────────────────────┘   with those ridges and that blend

Nothing later than the moment is looked at. Where the last 90 days hold too few buys, ridges and
blend stay as they were set beforehand.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analytics.advice import blending
from analytics.advice.histories import Book, Histories
from analytics.advice.measures import rank_figures
from analytics.advice.parts import People, Strengths, Weights, asked_of, learn_weights
from analytics.errors import CannotLearn
from analytics.models import Progress, quietly
from bank.domain.instruments import InstrumentId

Floats: TypeAlias = NDArray[np.float64]

VALIDATION_DAYS = 90
#: Fewer who hold something than these tell nothing of "people like you".
HOLDERS_MIN = 30
_BUYERS_MIN = 50
#: So many buyers of the validation period are enough to learn five weights a group.
_BUYERS_MOST = 4_000
#: Ridges to choose from; of the people, since what fits 2,000 is too little for 200,000.
_RIDGES = (30.0, 100.0, 300.0)


@dataclass(frozen=True)
class Learnt:
    """All that a recommendation needs. blend: shape (groups, PARTS). facts: JSON, for the card."""

    ids: tuple[InstrumentId, ...]
    weights: Weights
    blend: Floats
    people: People
    version: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def strengths(self) -> Strengths:
        """The ridges that were chosen."""
        return Strengths(**self.facts["strengths"])


def learn(histories: Histories, *, as_of_utc: datetime, progress: Progress = quietly) -> Learnt:
    """Learn from what was known at a moment.

    Raises CannotLearn: fewer than HOLDERS_MIN people hold anything.
    """
    book = histories.at(as_of_utc)
    holders_count = int((book.counts > 0).sum())
    if holders_count < HOLDERS_MIN:
        raise CannotLearn(
            f"{holders_count} people with a profile hold anything; {HOLDERS_MIN} are needed."
        )
    features = histories.catalogue.features
    strengths, blend, told = _validated(histories, as_of_utc, progress)
    weights = learn_weights(book, features, strengths)
    progress(1.0)
    return Learnt(
        ids=histories.catalogue.ids,
        weights=weights,
        blend=blend,
        people=People(book.rows, book.holdings),
        version=f"advice-{as_of_utc.astimezone(UTC):%Y%m%d}-{_digest(weights, blend, book)}",
        facts={
            "as_of_utc": as_of_utc.astimezone(UTC).isoformat(),
            "people": len(book.people),
            "holders": holders_count,
            "holdings": int(book.holdings.nnz),
            "instruments": len(histories.catalogue),
            "strengths": asdict(strengths),
            **told,
        },
    )


def _validated(
    histories: Histories, as_of_utc: datetime, progress: Progress
) -> tuple[Strengths, Floats, dict[str, Any]]:
    """Return ridges and blend as the last VALIDATION_DAYS chose them, and what they came to."""
    begin = as_of_utc - timedelta(days=VALIDATION_DAYS)
    book = histories.at(begin)
    bought = histories.bought_between(book, begin, as_of_utc)
    buyers = np.flatnonzero(np.diff(bought.indptr))
    prior = np.tile(np.array(blending.PRIOR), (len(blending.GROUPS_FROM), 1))
    if len(buyers) < _BUYERS_MIN or (book.counts > 0).sum() < HOLDERS_MIN:
        return Strengths(), prior, {"validation_buyers": len(buyers)}
    if len(buyers) > _BUYERS_MOST:
        chosen = np.random.default_rng(7).choice(len(buyers), _BUYERS_MOST, replace=False)
        buyers = buyers[np.sort(chosen)]
    asked, targets = book.some(buyers), bought[buyers].toarray() > 0
    features = histories.catalogue.features
    prepared = asked_of(asked, People(book.rows, book.holdings), own=buyers)
    groups = blending.group_of(asked.counts)
    best: tuple[float, Strengths, Floats] | None = None
    for place, ridge in enumerate(_RIDGES):
        strengths = Strengths(together=ridge, content=ridge)
        weights = learn_weights(book, features, strengths)
        parts = prepared.parts(weights)
        blend = blending.learn_weights(parts, prepared.candidates, targets, groups)
        logits = blending.blended(parts, blend, groups)
        ndcg = rank_figures(logits, prepared.candidates, targets).ndcg
        if best is None or ndcg > best[0]:
            best = (ndcg, strengths, blend)
        progress(0.9 * (place + 1) / len(_RIDGES))
    assert best is not None
    told = {
        "validation_buyers": len(buyers), "validation_ndcg_at_10": round(best[0], 4),
        "blend": {
            str(least): dict(zip(blending.PARTS, np.round(row, 3).tolist(), strict=True))
            for least, row in zip(blending.GROUPS_FROM, best[2], strict=True)
        },
    }  # fmt: skip
    return best[1], best[2], told


def _digest(weights: Weights, blend: Floats, book: Book) -> str:
    """Return what tells two versions apart: eight digits of all that was learnt."""
    found = hashlib.sha256(blend.tobytes())
    for name, array in weights.as_arrays().items():
        found.update(name.encode())
        found.update(np.ascontiguousarray(array).tobytes())
    found.update(book.rows.tobytes())
    return found.hexdigest()[:8]
