"""How often attacks pass and honest people do not: APCER and BPCER on films of our own.

    honest(seed) ─▶ judge ─▶ refused?   BPCER    every seed another invented person and challenge
    attack(seed, kind) ─▶ judge ─▶ passed?  APCER    one rate for each kind, ISO 30107-3's words

Seeds begin above those the rules were made and corrected with (below 66 000). Films are drawn:
what they show is that the rules do what they say, not how a real camera and a real forger fare
(docs/cards/face.md). `screen_right`, the very steps asked for on a screen, stands apart: it is
what this does not stop.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from bank.domain.findings import Weight
from identity.liveness.challenges import make_challenge
from identity.liveness.judging import LivenessResult, judge
from identity.liveness.simulation import ATTACKS, UNSTOPPED, attack, honest
from identity.tables import interval

FIRST_SEED: Final = 66_000
HONEST_COUNT, ATTACKS_COUNT = 60, 10


def evaluate_liveness(
    films_count: int = HONEST_COUNT,
    *,
    attacks_count: int = ATTACKS_COUNT,
    first_seed: int = FIRST_SEED,
    progress: Callable[[float], None] = lambda _: None,
) -> dict[str, Any]:
    """Return BPCER and, for each kind of attack, APCER, with 95 % intervals (Wilson).

    `films_count` honest films and `attacks_count` of each kind; some 7 seconds of CPU a film, most
    of it drawing. `why` counts the codes that refused honest people, `stopped_by` those that
    stopped each kind of attack; a film may have several.
    """
    kinds = (*ATTACKS, UNSTOPPED)
    total, done = films_count + attacks_count * len(kinds), 0
    verdicts: dict[str, list[LivenessResult]] = {}
    for kind in ("", *kinds):
        count = attacks_count if kind else films_count
        verdicts[kind] = []
        for seed in range(first_seed, first_seed + count):
            verdicts[kind].append(_verdict(seed, kind))
            done += 1
            progress(done / total)
    refused = [one for one in verdicts[""] if not one.passed]
    passed = {kind: sum(one.passed for one in verdicts[kind]) for kind in kinds}
    return {
        "films": {"honest": films_count, "of_each_attack": attacks_count, "first_seed": first_seed},
        "bpcer": {**_rate(len(refused), films_count), "why": _codes(refused)},
        "apcer": {
            kind: {**_rate(passed[kind], attacks_count), "stopped_by": _codes(verdicts[kind])}
            for kind in ATTACKS
        },
        "apcer_worst": max(passed[kind] / attacks_count for kind in ATTACKS),
        "apcer_all": _rate(sum(passed[kind] for kind in ATTACKS), attacks_count * len(ATTACKS)),
        "not_stopped": {UNSTOPPED: _rate(passed[UNSTOPPED], attacks_count)},
    }


def _verdict(seed: int, kind: str) -> LivenessResult:
    challenge = make_challenge(random.Random(seed))  # noqa: S311  a measurement, repeatable
    film = attack(seed, kind, challenge) if kind else honest(seed, challenge)
    return judge(film, challenge)


def _codes(verdicts: list[LivenessResult]) -> dict[str, int]:
    """Return how many of these recordings each code stopped."""
    weights = {Weight.RETRY, Weight.REVIEW}
    found = Counter(
        code
        for verdict in verdicts
        for code in {one.code for one in verdict.findings if one.weight in weights}
    )
    return dict(sorted(found.items()))


def _rate(hits: int, count: int) -> dict[str, Any]:
    return {"share": hits / count, "count": hits, "interval": interval(hits, count)}
