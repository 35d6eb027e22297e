"""A liveness challenge: what the person before the camera is asked to do, in an order nobody knew.

    rng ─▶ three of {turn_left, turn_right, blink, smile}, at random, at least one of them a turn
           └▶ 24 challenges: a recording of one fits two of them, see gestures.matched

Left and right are the subject's own. The page shows the video mirrored, like a mirror does; the
frames it sends are not mirrored.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

STEPS: Final = ("turn_left", "turn_right", "blink", "smile")
STEPS_COUNT: Final = 3
LIMIT_S: Final = 15


@dataclass(frozen=True, slots=True)
class Challenge:
    """`steps` in the order asked; all of them within `limit_s` seconds."""

    steps: tuple[str, ...]
    limit_s: int = LIMIT_S

    def __post_init__(self) -> None:
        unknown = set(self.steps) - set(STEPS)
        if unknown or not self.steps:
            raise ValueError(f"no such steps: {sorted(unknown)}")


def make_challenge(rng: random.Random) -> Challenge:
    """Return a new challenge; give it `random.SystemRandom()` where it matters.

    Three of four steps: one turn at least is always among them, and a turn is what a flat
    picture cannot do.
    """
    return Challenge(tuple(rng.sample(STEPS, STEPS_COUNT)))
