"""A small detector, learnt once for all tests from a part of the corpus, without the encoder."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np

from analytics.learners.calibrating import Calibration
from analytics.suspicion import Detector
from analytics.suspicion.corpus import load, ordinary
from analytics.suspicion.heads import Decision, Heads
from analytics.suspicion.kinds import NAMES
from analytics.suspicion.learning import learn
from analytics.suspicion.ngrams import Vocabulary
from analytics.suspicion.reading import read

ROOT = Path(__file__).resolve().parents[3]
HELD_OUT = Path(__file__).parent / "heldout"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@lru_cache(maxsize=1)
def small_heads() -> Heads:
    """Every corpus line, every twentieth ordinary sentence."""
    return learn(load(), ordinary(ROOT / "nlu_data" / "nlu", languages=("en",))[::20], None)


def small_detector() -> Detector:
    return Detector(small_heads(), None)


def heads_of_words(**words: str) -> Heads:
    """Heads made by hand: a kind's probability is 0.95 with its word and 0.05 without."""
    vocabulary = Vocabulary.learn([read(word) for word in words.values() for _ in range(2)])
    weights = np.zeros((len(vocabulary.terms), len(NAMES)), dtype=np.float32)
    for kind, word in words.items():
        weights[vocabulary.columns["\x02" + word], NAMES.index(kind)] = 6.0
    line = Calibration(np.array([-1.0, 1.0]), np.array([-1.0, 1.0]))
    decision = Decision((line,) * len(NAMES), np.full(len(NAMES), 0.5))
    return Heads(
        vocabulary, weights, np.full(len(NAMES), -3.0), np.zeros((384, len(NAMES)), np.float32),
        np.zeros(len(NAMES)), decision, None, {"en": 1.0}, "",
    )  # fmt: skip
