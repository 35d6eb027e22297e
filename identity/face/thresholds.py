"""A threshold is chosen by how often it may take a stranger for the customer.

    FMR   false match rate: strangers called the same person          we state this one
    FNMR  false non-match rate: the same person called strangers      and accept this one

        distance ──0.50──────0.55──────0.60──────0.65──▶
        same person      │ near: look again │        strangers
                         └──── thorough ────┘

The default of the library, 0.60, lets 7 strangers in 1,000 pass: too generous for a bank.
`threshold_for` reads a calibration: rates measured at distances, on public photos.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

#: Half the mean squared distance of strangers: an average face's distance from the mean face.
RADIUS_SQUARED = 0.36


@dataclass(frozen=True, slots=True)
class Rate:
    """What was measured at one distance. `fmr` and `fnmr` in [0, 1]."""

    distance: float
    fmr: float
    fnmr: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """Up to `distance` it is the same person. `fmr` is the rate it was chosen for.

    `fnmr` is what that costs. Within `near` (distances) a quick answer is not trusted. Up to
    `unsure` it may be a bad picture of the right person; above `far` it is surely another one.
    `source` says what it was measured on.
    """

    distance: float
    fmr: float
    fnmr: float
    near: tuple[float, float]
    unsure: float
    far: float
    source: str

    @property
    def similarity(self) -> float:
        return similarity_of(self.distance)

    def is_same(self, distance: float) -> bool:
        return distance <= self.distance

    def is_near(self, distance: float) -> bool:
        return self.near[0] <= distance <= self.near[1]


def similarity_of(distance: float) -> float:
    """Return a similarity in [-1, 1]: 1 for one picture twice, about 0 for two strangers.

    The cosine two embeddings have, seen from the mean face, if both lie at the average distance
    from it: 1 - d² / 2r². Falls with the distance, so one threshold serves both.

    >>> similarity_of(0.0)
    1.0
    >>> similarity_of(3.0)
    -1.0
    """
    return max(-1.0, 1.0 - distance * distance / (2 * RADIUS_SQUARED))


def threshold_for(fmr: float, calibration: Sequence[Rate], *, source: str) -> Threshold:
    """Return the threshold whose false match rate is `fmr`.

    Between two measured distances the logarithm of the rate is taken as straight; beyond them
    nothing is known. Raises ValueError: `fmr` outside the calibration.
    """
    rates = sorted(calibration, key=lambda rate: rate.distance)
    for low, high in pairwise(rates):
        if low.fmr <= fmr <= high.fmr:
            share = (log(fmr) - log(low.fmr)) / (log(high.fmr) - log(low.fmr))
            distance = low.distance + share * (high.distance - low.distance)
            fnmr = exp(log(low.fnmr) + share * (log(high.fnmr) - log(low.fnmr)))
            return Threshold(
                distance=round(distance, 4), fmr=fmr, fnmr=fnmr,
                near=(distance - 0.12, distance + 0.12),
                unsure=distance + 0.06, far=distance + 0.14, source=source,
            )  # fmt: skip
    raise ValueError(f"no calibration for a false match rate of {fmr}")


#: LFW, 6,000 pairs. FMR was measured with one embedding a picture, FNMR with the mean of picture
#: and mirror; the distances are those, times the 0.97 and 0.985 by which our mean of two crops
#: draws strangers nearer.
LFW_RATES = (
    Rate(0.534, 0.0003, 0.060),
    Rate(0.563, 0.0027, 0.029),
    Rate(0.582, 0.0067, 0.017),
)
THRESHOLD = threshold_for(0.001, LFW_RATES, source="LFW, 6,000 pairs")
