"""Instruments as arrays: what they are, and, at a stroke, which of them fit somebody's limits.

    instruments ──▶ Catalogue ──▶ features   what it is, for content and diversity
                             └──▶ allowed(limits) ──▶ mask, the same answer as policies.judge

The mask comes before every search and every ranking; a property test holds it against
`bank.policies.suitability.judge`, one instrument at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bank.domain.instruments import (
    RISK_CLASS_MAX,
    Complexity,
    Instrument,
    InstrumentId,
    InstrumentKind,
    InstrumentState,
)
from bank.policies.suitability import Limits

Mask: TypeAlias = NDArray[np.bool_]
Floats32: TypeAlias = NDArray[np.float32]

_COMPLEXITIES = tuple(Complexity)
_FEE_BP_MAX, _ESG_MAX = 250, 100
#: Of a fund that is about everything, or everywhere: no sector, no region to be too much of.
BROAD_SECTOR, BROAD_REGION = "all", "world"


class Catalogue:
    """Instruments in a fixed order; every mask and score of the room is in this order."""

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        self.instruments = tuple(instruments)
        self.ids = tuple(one.id for one in self.instruments)
        self.place = {one: number for number, one in enumerate(self.ids)}
        assert len(self.place) == len(self.ids), "an instrument twice"
        self._can_be_bought: Mask = np.array(
            [one.state is InstrumentState.LISTED and one.close_minor is not None
             for one in self.instruments], bool,
        )  # fmt: skip
        self._risk = np.array([one.risk_class for one in self.instruments], np.int16)
        self._years = np.array([one.horizon_years_min for one in self.instruments], np.int32)
        self._complexity = np.array(
            [_COMPLEXITIES.index(one.complexity) for one in self.instruments], np.int8
        )
        tags = sorted({tag for one in self.instruments for tag in one.tags})
        self._tagged: dict[str, Mask] = {
            tag: np.array([tag in one.tags for one in self.instruments], bool) for tag in tags
        }
        self.features = _features(self.instruments)

    @cached_property
    def likeness(self) -> Floats32:
        """How alike two instruments are, shape (n, n): the cosine of what they are, from 0 to 1."""
        apart = self.features[:, 1:]  # without the 1 that all share
        length = np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-6)
        found: Floats32 = np.clip((apart / length) @ (apart / length).T, 0.0, 1.0)
        return found

    @cached_property
    def low_fee_bp(self) -> dict[InstrumentKind, float]:
        """The fee below which a third of its kind lies, by kind."""
        fees: dict[InstrumentKind, list[int]] = {}
        for one in self.instruments:
            fees.setdefault(one.kind, []).append(one.fee_bp)
        return {kind: float(np.quantile(each, 1 / 3)) for kind, each in fees.items()}

    @cached_property
    def groups(self) -> dict[str, NDArray[np.int64]]:
        """What an instrument belongs to, by "kind", "sector" and "region"; -1: to none of them."""
        return {
            "kind": _numbers([str(one.kind) for one in self.instruments], none=""),
            "sector": _numbers([one.sector for one in self.instruments], none=BROAD_SECTOR),
            "region": _numbers([one.region for one in self.instruments], none=BROAD_REGION),
        }

    def __len__(self) -> int:
        return len(self.ids)

    def allowed(self, limits: Limits) -> Mask:
        """Return which instruments may be recommended, shape (n,), as `suitability.judge` says."""
        known = np.array([one in limits.known for one in _COMPLEXITIES])
        mask: Mask = (
            self._can_be_bought
            & (self._risk <= limits.risk_class_max)
            & (self._years <= limits.horizon_years)
            & known[self._complexity]
        )
        for tag in limits.exclusions & self._tagged.keys():
            mask &= ~self._tagged[tag]
        return mask

    def mask_of(self, ids: Collection[InstrumentId]) -> Mask:
        """Return the mask of some ids; an id that is not in the catalogue is passed over."""
        mask = np.zeros(len(self), bool)
        mask[[self.place[one] for one in ids if one in self.place]] = True
        return mask


def _numbers(names: Sequence[str], *, none: str) -> NDArray[np.int64]:
    numbers = {name: number for number, name in enumerate(sorted(set(names) - {none}))}
    return np.array([numbers.get(one, -1) for one in names], np.int64)


def _features(instruments: Sequence[Instrument]) -> Floats32:
    """Return what each instrument is, shape (n, some): kinds, places and sectors as 0 or 1."""
    kinds = list(InstrumentKind)
    regions = sorted({one.region for one in instruments})
    sectors = sorted({one.sector for one in instruments})
    rows = [
        (
            1.0,
            one.risk_class / RISK_CLASS_MAX,
            (one.risk_class / RISK_CLASS_MAX) ** 2,
            min(1.0, one.fee_bp / _FEE_BP_MAX),
            one.esg_score / _ESG_MAX,
            _COMPLEXITIES.index(one.complexity) / (len(_COMPLEXITIES) - 1),
            *(float(one.kind is kind) for kind in kinds),
            *(float(one.region == region) for region in regions),
            *(float(one.sector == sector) for sector in sectors),
        )
        for one in instruments
    ]
    return np.array(rows, np.float32) if rows else np.zeros((0, 6 + len(kinds)), np.float32)
