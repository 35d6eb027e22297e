"""How often attacks pass and honest people do not: APCER and BPCER on films of our own.

    honest(seed) ─▶ judge ─▶ refused?   BPCER    every seed another invented person and challenge
    attack(seed, kind) ─▶ judge ─▶ passed?  APCER    one rate for each kind, ISO 30107-3's words

Seeds begin far above those the rules were made with. Films are drawn: what they show is that the
rules do what they say, not how a real camera and a real forger fare (docs/cards/face.md).
"""

from __future__ import annotations

import random
from math import sqrt
from typing import Any, Final

from identity.liveness.challenges import make_challenge
from identity.liveness.judging import judge
from identity.liveness.simulation import ATTACKS, attack, honest

FIRST_SEED: Final = 50_000
_Z: Final = 1.96


def evaluate_liveness(count: int = 40) -> dict[str, Any]:
    """Return BPCER and, for each kind of attack, APCER, with 95 % intervals (Wilson).

    `count` films of each kind; a few seconds of CPU a film, most of it drawing.
    """
    refused = sum(not _passes(honest, seed) for seed in _seeds(count))
    passed = {
        kind: sum(_passes(attack, seed, kind) for seed in _seeds(count)) for kind in ATTACKS
    }
    return {
        "films_each": count,
        "bpcer": _rate(refused, count),
        "apcer": {kind: _rate(found, count) for kind, found in passed.items()},
        "apcer_worst": max(found / count for found in passed.values()),
    }


def _seeds(count: int) -> range:
    return range(FIRST_SEED, FIRST_SEED + count)


def _passes(film: Any, seed: int, *kind: str) -> bool:
    challenge = make_challenge(random.Random(seed))  # noqa: S311  a measurement, repeatable
    return judge(film(seed, *kind, challenge), challenge).passed


def _rate(hits: int, count: int) -> dict[str, Any]:
    share = hits / count
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    reach = _Z / (1 + _Z**2 / count) * sqrt(share * (1 - share) / count + (_Z / count) ** 2 / 4)
    return {"share": share, "interval": (max(0.0, middle - reach), min(1.0, middle + reach))}
