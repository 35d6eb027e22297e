"""How often a face key refuses its own customer, or takes somebody else: on films of our own.

    film 1 of a person ─▶ the key       film 2, another challenge and light ─▶ refused?   own
    film of another person, doing what is asked ──────────────────────────▶ accepted?  strangers

Likeness is counted apart from life: a film that was refused as not alive says nothing about
faces. Everybody is drawn: a drawn person looks more like themselves than people do from one day
to the next, so these figures compare versions of this code; those of real faces are in
docs/cards/face.md.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, Final

import numpy as np

from identity import face_keys
from identity.face.port import DlibMatcher
from identity.liveness.challenges import make_challenge
from identity.liveness.simulation import honest
from identity.specimens.faces import another_person

#: Above the seeds the rules of liveness were made with, and those they are measured with.
FIRST_SEED: Final = 70_000


def evaluate_face_keys(count: int = 12) -> dict[str, Any]:
    """Return counts over `count` people; some 15 seconds of CPU each, most of it drawing.

    `own_unlike` and `strangers_alike` are of likeness alone, `own_refused` and
    `strangers_accepted` of the whole proof, life and likeness. All are out of `people`.
    """
    matcher, found = DlibMatcher(), Counter[str]()
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        rng = random.Random(seed)  # noqa: S311  a measurement, repeatable
        first, second = make_challenge(rng), make_challenge(rng)
        film = honest(seed, first, person=seed)
        later = honest(seed + 10_000, second, person=seed)
        other = honest(seed + 20_000, second, person=another_person(seed))
        kept = np.mean(np.stack(face_keys.samples(film, matcher)), axis=0)
        found["people"] += 1
        found["own_unlike"] += not face_keys.is_same(
            matcher, face_keys.samples(later, matcher), kept
        )
        found["strangers_alike"] += face_keys.is_same(
            matcher, face_keys.samples(other, matcher), kept
        )
        model, template = face_keys.model_of(matcher), face_keys.packed(kept)
        found["own_refused"] += not face_keys.prove(later, second, template, model=model).passed
        found["strangers_accepted"] += face_keys.prove(other, second, template, model=model).passed
    names = ("people", "own_unlike", "strangers_alike", "own_refused", "strangers_accepted")
    return {name: found[name] for name in names}
