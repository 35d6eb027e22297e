"""Experiments: how many people it takes, what came of it, and whether one may look already.

    before   people_needed, power          normal approximation of two shares
    after    uplift                        Newcombe's interval from two Wilson intervals
    while    always_valid                  a p-value that holds whenever it is looked at

Whoever reads a p-value every morning and stops at the first small one is wrong far more often than
it says. A mixture sequential probability ratio test pays for the looks in advance: under no effect,
its p-value is ever at or below alpha with chance at most alpha, however often it is read.

R. G. Newcombe 1998, "Interval estimation for the difference between independent proportions",
method 10. H. Robbins 1970, "Statistical methods related to the law of the iterated logarithm".
R. Johari, P. Koomen, L. Pekelis, D. Walsh 2022, "Always valid inference", section 4.

Pure, standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from bank.domain.shares import wilson

ALPHA = 0.05
#: The spread of effects the sequential test is best at: two points of a share.
EFFECT_SPREAD = 0.02
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Arm:
    """People of one arm, and how many of them did what was hoped for."""

    count: int
    hits: int

    def __post_init__(self) -> None:
        assert 0 <= self.hits <= self.count, self

    @property
    def share(self) -> float:
        return self.hits / self.count if self.count else 0.0


@dataclass(frozen=True, slots=True)
class Uplift:
    """A difference of two shares with its interval, each in [-1, 1]."""

    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves nought out. Of one look, at the end."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A look on the way: `p` in (0, 1], and an interval that holds at every look at once."""

    p: float
    low: float
    high: float


def people_needed(
    *, base_share: float, lift: float, alpha: float = ALPHA, power: float = 0.8,
    comparisons_count: int = 1,
) -> int:  # fmt: skip
    """Return how many people each arm needs to find a lift (an absolute one, either way).

    >>> people_needed(base_share=0.05, lift=0.01)
    8158
    >>> people_needed(base_share=0.05, lift=0.01, comparisons_count=3)
    10882

    comparisons_count: variants beside the first; alpha is split among them (Bonferroni).
    """
    other = base_share + lift
    assert 0 < base_share < 1, base_share
    assert 0 < other < 1, other
    assert lift != 0, "no lift is never found"
    z_alpha = _NORMAL.inv_cdf(1 - alpha / comparisons_count / 2)
    z_power = _NORMAL.inv_cdf(power)
    middle = (base_share + other) / 2
    spread = z_alpha * math.sqrt(2 * middle * (1 - middle))
    spread += z_power * math.sqrt(base_share * (1 - base_share) + other * (1 - other))
    return math.ceil((spread / lift) ** 2)


def power(
    *, people_count: int, base_share: float, lift: float, alpha: float = ALPHA,
    comparisons_count: int = 1,
) -> float:  # fmt: skip
    """Return the chance to find a lift with so many people an arm; in [0, 1].

    >>> round(power(people_count=8158, base_share=0.05, lift=0.01), 2)
    0.8
    """
    other = base_share + lift
    middle = (base_share + other) / 2
    z_alpha = _NORMAL.inv_cdf(1 - alpha / comparisons_count / 2)
    under = math.sqrt(base_share * (1 - base_share) + other * (1 - other))
    seen = abs(lift) * math.sqrt(people_count) - z_alpha * math.sqrt(2 * middle * (1 - middle))
    return _NORMAL.cdf(seen / under)


def smallest_lift(
    *, people_count: int, base_share: float, alpha: float = ALPHA, comparisons_count: int = 1
) -> float | None:
    """Return the smallest rise so many people an arm show at a power of 0.8; None: not any.

    >>> round(smallest_lift(people_count=8158, base_share=0.05), 3)
    0.01
    >>> smallest_lift(people_count=2, base_share=0.5) is None
    True
    """

    def needed(lift: float) -> int:
        return people_needed(
            base_share=base_share, lift=lift, alpha=alpha, comparisons_count=comparisons_count
        )

    low, high = 0.0, (1 - base_share) * 0.999
    if people_count < 1 or needed(high) > people_count:
        return None
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if needed(middle) <= people_count else (middle, high)
    return high


def uplift(
    treated: Arm, control: Arm, *, alpha: float = ALPHA, comparisons_count: int = 1
) -> Uplift:
    """Return how much more of the treated did it, with Newcombe's interval.

    >>> found = uplift(Arm(70, 56), Arm(80, 48))
    >>> round(found.difference, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)

    Both arms have people.
    """
    z = _NORMAL.inv_cdf(1 - alpha / max(1, comparisons_count) / 2)
    one, two = treated.share, control.share
    one_low, one_high = wilson(treated.hits, treated.count, z=z)
    two_low, two_high = wilson(control.hits, control.count, z=z)
    difference = one - two
    return Uplift(
        difference,
        max(-1.0, difference - math.hypot(one - one_low, two_high - two)),
        min(1.0, difference + math.hypot(one_high - one, two - two_low)),
    )


def always_valid(
    treated: Arm, control: Arm, *, alpha: float = ALPHA, spread: float = EFFECT_SPREAD
) -> Reading:
    """Return the reading of one look; both arms have people.

    >>> always_valid(Arm(1000, 50), Arm(1000, 50)).p
    1.0
    >>> always_valid(Arm(20_000, 1_400), Arm(20_000, 1_000)).p < 0.001
    True

    The effects mixed over are normal around nought with this spread; it is chosen before looking.
    Two hits and two misses are added to each variance (Agresti and Coull 1998), so that an early
    look at few people is not bold.
    """
    variance = _variance(treated) + _variance(control)
    difference, mixed = treated.share - control.share, spread * spread
    exponent = mixed * difference**2 / (2 * variance * (variance + mixed))
    log_ratio = 0.5 * math.log(variance / (variance + mixed)) + exponent
    half = math.sqrt(
        variance * (variance + mixed) / mixed
        * math.log((variance + mixed) / (variance * alpha * alpha))
    )  # fmt: skip
    return Reading(
        min(1.0, math.exp(-log_ratio)), max(-1.0, difference - half), min(1.0, difference + half)
    )


def smallest(readings: Iterable[Reading]) -> float:
    """Return the p-value after all these looks: the smallest of them, 1 before the first."""
    return min((one.p for one in readings), default=1.0)


def _variance(arm: Arm) -> float:
    """Return the variance of an arm's share."""
    share = (arm.hits + 2) / (arm.count + 4)
    return share * (1 - share) / arm.count
