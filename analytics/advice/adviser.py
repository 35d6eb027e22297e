"""The adviser that serves: the bank's port `Adviser`, by a model and the market file.

    AdviceWish ─▶ Recommender ─▶ the best few that fit ─▶ allocate ─▶ amounts under each one's room
                                     └ and the calmest, where the mix must move less
                              ─▶ outlook ─▶ figures and points of pictures, as JSON

Files are followed: a model learnt anew or a newer market file serves from the next wish on. Without
either there is no advice, and it is said so. Safe for threads.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from analytics.advice.figures import Quoted, risk_of
from analytics.advice.learning import Learnt
from analytics.advice.profiles import row_of
from analytics.advice.reading import income_month_minor
from analytics.advice.recommending import Recommended, Recommender
from analytics.advice.storing import NAME, load
from analytics.errors import AnalyticsError
from analytics.portfolio.allocating import allocate
from analytics.portfolio.errors import CannotAllocate, NoPrices
from analytics.portfolio.market import Closes, read_closes
from bank.domain.advice import AdviceLine, AdviceWish, Proposal
from bank.domain.errors import AdviserUnavailable, NothingSuitable
from bank.domain.instruments import Instrument, InstrumentId
from bank.ports import Clock, Store

#: A mix of more lines is not read.
LINES_MOST = 6
#: Calmer ones that may join where limits or the person's risk class ask for it.
_CALM_MOST = 4
_FIRST_OTHERWISE = 6
_WHOLE_BP = 10_000


@dataclass(frozen=True)
class _Files:
    """What was read, and the times of the files it came from."""

    learnt: Learnt
    quoted: Quoted
    read_at: tuple[float, float, str]


class LearntAdviser:
    """Proposes a mix of instruments that people alike hold, weighed by risk."""

    def __init__(
        self, store: Store, *, model_folder: Path, market_file: Path, clock: Clock
    ) -> None:
        self._store = store
        self._model_folder = model_folder
        self._market_file = market_file
        self._clock = clock
        self._files: _Files | None = None
        self._recommender: tuple[tuple[str, tuple[Instrument, ...]], Recommender] | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Read model and closes ahead; silent where there are none yet."""
        try:
            files = self._read()
        except AdviserUnavailable:
            return
        files.quoted.priced(files.learnt.ids)

    def propose(self, wish: AdviceWish) -> Proposal:
        """Return a mix whose amounts sum to the wish's.

        Raises AdviserUnavailable; NothingSuitable: no mix of what is allowed keeps to the
        person's risk class.
        """
        files = self._read()
        instruments = tuple(sorted((*wish.allowed, *wish.others), key=lambda one: one.id))
        recommender = self._recommends(files.learnt, instruments)
        priced = files.quoted.priced(wish.room_minor)
        if not priced:
            raise AdviserUnavailable
        ranked, otherwise = self._rank(recommender, wish, instruments, priced)
        limits_bp = {one: wish.room_minor[one] * _WHOLE_BP // wish.amount_minor for one in priced}
        chosen = _chosen(ranked, wish, limits_bp)
        weights = _weights(chosen, files.quoted.closes, limits_bp, wish)
        by_id = {one.instrument_id: one for one in ranked}
        amounts = amounts_of(weights, wish)
        lines = tuple(
            AdviceLine(
                instrument_id=one,
                amount_minor=amounts[one],
                weight_bp=weights[one],
                neighbour_share=by_id[one].neighbour_share if one in by_id else 0.0,
                reasons=tuple(by_id[one].reasons) if one in by_id else (_calm(one, wish),),
            )
            for one in sorted(weights, key=lambda one: -weights[one])
        )
        known = {one.id: one for one in instruments}
        return Proposal(
            lines=lines,
            risk=risk_of(weights, wish, files.quoted, known=known, allowed=sorted(priced)),
            model_version=files.learnt.version,
            first_otherwise=otherwise,
        )

    def _rank(
        self, recommender: Recommender, wish: AdviceWish, instruments: Sequence[Instrument],
        priced: set[InstrumentId],
    ) -> tuple[list[Recommended], tuple[InstrumentId, ...]]:  # fmt: skip
        """Return what fits, the best first, and what taste alone would put first."""
        held = [one for one in instruments if one.id in wish.held_minor]
        incomes = income_month_minor(self._store, [str(wish.customer_id)], as_of_utc=self._clock())
        row = row_of(wish.profile, income_month_minor=incomes.get(str(wish.customer_id)), held=held)
        held_ids = [one.id for one in held]
        mask = recommender.catalogue.mask_of(priced)
        ranked = recommender.recommend(row, held_ids, mask, LINES_MOST)
        everything = np.ones_like(mask)
        otherwise = recommender.recommend(row, held_ids, everything, _FIRST_OTHERWISE)
        return ranked, tuple(one.instrument_id for one in otherwise)

    def _recommends(self, learnt: Learnt, instruments: tuple[Instrument, ...]) -> Recommender:
        """Return the recommender over the market as it is now; made once for each."""
        with self._lock:
            key = (learnt.version, instruments)
            if self._recommender is None or self._recommender[0] != key:
                self._recommender = (key, Recommender(learnt, instruments))
            return self._recommender[1]

    def _read(self) -> _Files:
        """Return model and closes, read again where a file is newer. Raises AdviserUnavailable."""
        now_utc = self._clock()
        try:
            stamp = (
                (self._model_folder / NAME).stat().st_mtime, self._market_file.stat().st_mtime,
                now_utc.astimezone(UTC).date().isoformat(),
            )  # fmt: skip
            with self._lock:
                if self._files is None or self._files.read_at != stamp:
                    closes = read_closes(self._market_file, now_utc=now_utc)
                    self._files = _Files(
                        load(self._model_folder), Quoted(closes.until(_tomorrow(now_utc))), stamp
                    )
                return self._files
        except (OSError, AnalyticsError) as fault:
            raise AdviserUnavailable from fault


def amounts_of(weights: Mapping[InstrumentId, int], wish: AdviceWish) -> dict[InstrumentId, int]:
    """Return whole minor units that sum to the amount, none above its room.

    The few units that rounding leaves go where there is room, the largest parts first.
    """
    amounts = {one: wish.amount_minor * bp // _WHOLE_BP for one, bp in weights.items()}
    left = wish.amount_minor - sum(amounts.values())
    for one in sorted(amounts, key=lambda each: -amounts[each]):
        added = min(left, wish.room_minor[one] - amounts[one])
        amounts[one] += max(0, added)
        left -= max(0, added)
    if left:
        raise NothingSuitable(reasons="concentration")
    return {one: amount for one, amount in amounts.items() if amount > 0}


def _chosen(
    ranked: Sequence[Recommended], wish: AdviceWish, limits_bp: Mapping[InstrumentId, int]
) -> list[tuple[InstrumentId, float]]:
    """Return ids with scores: the best that fit, and calm ones to fill up and to calm with."""
    chosen = [(one.instrument_id, one.score) for one in ranked if limits_bp[one.instrument_id]]
    taken = {one for one, _ in chosen}
    least = min((score for _, score in chosen), default=0.0)
    calm = sorted(
        (one for one in wish.allowed if one.id in limits_bp and one.id not in taken
         and not one.is_single),
        key=lambda one: (one.risk_class, one.fee_bp, one.id),
    )  # fmt: skip
    return [*chosen, *((one.id, least) for one in calm[:_CALM_MOST] if limits_bp[one.id])]


def _weights(
    chosen: Sequence[tuple[InstrumentId, float]], closes: Closes,
    limits_bp: Mapping[InstrumentId, int], wish: AdviceWish,
) -> dict[InstrumentId, int]:  # fmt: skip
    """Return weights in basis points: of the best alone, where that keeps to all limits."""
    best_count = max(0, len(chosen) - _CALM_MOST)
    refusal: CannotAllocate | None = None
    for count in range(best_count, len(chosen) + 1):
        some = chosen[:count]
        try:
            return allocate(
                [one for one, _ in some], [score for _, score in some], closes, limits_bp,
                risk_class_max=wish.risk_class_max, horizon_years=wish.horizon_years,
            )  # fmt: skip
        except CannotAllocate as cannot:
            refusal = cannot
        except NoPrices as none:
            raise AdviserUnavailable from none
    why = refusal.why if refusal else "nothing"
    raise NothingSuitable(reasons="concentration" if why == "limits" else "risk_class")


def _calm(instrument_id: InstrumentId, wish: AdviceWish) -> dict[str, Any]:
    """Return the reason of what was added to keep the mix calm or within limits."""
    one = next(each for each in wish.allowed if each.id == instrument_id)
    return {"code": "calms", "risk_class": one.risk_class}


def _tomorrow(now_utc: datetime) -> datetime:
    """Return a moment of the next day: today's close is known once it is in the file."""
    return now_utc + timedelta(days=1)
