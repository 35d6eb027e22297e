"""What distinguishes a segment: its middle beside everybody's, in facts with codes.

    scaled rows + groups ──▶ Profile(share, middles) ──strongest differences──▶ Trait(code, …)

Facts only; words.py makes sentences of them in a language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.models import Floats
from analytics.segments.features import FEATURES, NAMES
from analytics.segments.shapes import Groups

#: Nearer to everybody than this (in spreads) is no difference worth a word.
_LEAST = 0.35
_TRAITS_MOST = 4


@dataclass(frozen=True, slots=True)
class Trait:
    """One difference. code: "spent_minor_90d.high" or ".low"; strength in spreads, signed.

    middle, everybody: the segment's and the bank's median, or mean where `is_share`.
    """

    code: str
    strength: float
    middle: float
    everybody: float

    @property
    def feature(self) -> str:
        return self.code.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Profile:
    """A segment of a version. id: stable from version to version (matching.py).

    place: its number in the arrays. middles: median of each feature, in FEATURES' order; strengths:
    the same in spreads from everybody. traits: the strongest first.
    """

    id: str
    place: int
    customers_count: int
    share: float
    middles: tuple[float, ...]
    strengths: tuple[float, ...]
    traits: tuple[Trait, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "place": self.place, "customers_count": self.customers_count,
            "share": self.share, "middles": dict(zip(NAMES, self.middles, strict=True)),
            "strengths": dict(zip(NAMES, self.strengths, strict=True)),
            "traits": [
                {"code": one.code, "strength": one.strength, "middle": one.middle,
                 "everybody": one.everybody}
                for one in self.traits
            ],
        }  # fmt: skip

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Profile:
        """Return what `as_json` wrote. Raises KeyError, TypeError for anything else."""
        return cls(
            id=told["id"],
            place=told["place"],
            customers_count=told["customers_count"],
            share=told["share"],
            middles=tuple(told["middles"][name] for name in NAMES),
            strengths=tuple(told["strengths"][name] for name in NAMES),
            traits=tuple(Trait(**one) for one in told["traits"]),
        )


def profiles_of(values: Floats, scaled: Floats, groups: Groups, count: int) -> tuple[Profile, ...]:
    """Return a profile of each of `count` groups that anybody is in, largest first.

    values, scaled: (n, len(FEATURES)), the numbers and the same in spreads. Their ids are "" yet.
    """
    sizes = np.bincount(groups, minlength=count)
    order = sorted(range(count), key=lambda place: (-sizes[place], place))
    everybody = _middles(values)
    # From everybody's mean: a skewed column is off its median in every segment alike.
    scaled = scaled - scaled.mean(axis=0)
    return tuple(
        _profile(place, values[groups == place], scaled[groups == place], everybody, len(groups))
        for place in order
        if sizes[place]
    )


def _profile(
    place: int, values: Floats, scaled: Floats, everybody: Floats, everybody_count: int
) -> Profile:
    # The mean of cut spreads: a median of zeros would hide that a third are savers.
    strengths, middles = scaled.mean(axis=0), _middles(values)
    strongest = [spot for spot in np.argsort(-np.abs(strengths)) if abs(strengths[spot]) >= _LEAST]
    traits = tuple(
        Trait(
            code=f"{NAMES[spot]}.{'high' if strengths[spot] > 0 else 'low'}",
            strength=float(strengths[spot]),
            middle=float(middles[spot]),
            everybody=float(everybody[spot]),
        )
        for spot in strongest[:_TRAITS_MOST]
    )
    return Profile(
        id="", place=place, customers_count=len(values),
        share=len(values) / everybody_count, middles=tuple(float(one) for one in middles),
        strengths=tuple(float(one) for one in strengths), traits=traits,
    )  # fmt: skip


def _middles(values: Floats) -> Floats:
    """Return medians; means of what is a share or a number of things one has."""
    is_share = np.array([one.unit == 0 for one in FEATURES])
    return np.where(is_share, values.mean(axis=0), np.median(values, axis=0))
