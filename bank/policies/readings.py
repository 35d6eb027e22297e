"""Readings: which messages are noted for people, and which guesses may be offered. Pure.

The numbers and the words are in `readings.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from bank.domain.readings import plain
from bank.policies.tables import load_table


def is_low(confidence: float) -> bool:
    """Whether an answer was given with too little confidence, in [0, 1], to be left unseen.

    >>> is_low(0.59), is_low(0.6)
    (True, False)
    """
    return bool(confidence * 100 < load_table("readings")["low_confidence_pct"])


def gives_way(confidence: float) -> bool:
    """Whether a reading, with confidence in [0, 1], gives way to an answer that is certain.

    >>> gives_way(0.79), gives_way(0.8)
    (True, False)
    """
    return bool(confidence * 100 < load_table("readings")["gives_way_pct"])


def is_hopeless(confidence: float) -> bool:
    """Whether a reading is too unlikely to be offered.

    >>> is_hopeless(0.049), is_hopeless(0.05)
    (True, False)
    """
    return bool(confidence * 100 < load_table("readings")["hopeless_pct"])


def is_wish(intent: str) -> bool:
    """Whether an intent is something a customer wants, and not an answer or nothing understood.

    >>> is_wish("check_balance"), is_wish("affirm"), is_wish("nlu_fallback"), is_wish("")
    (True, False, False, False)
    """
    return bool(intent) and intent not in load_table("readings")["no_wishes"]


def is_correction(text: str) -> bool:
    """Whether a message begins with "that is not what I meant", in a language of the table.

    >>> is_correction("No, I meant my savings!"), is_correction("No es eso."), is_correction("no")
    (True, True, False)
    """
    return f"{plain(text)} ".startswith(_beginnings())


def offered_count() -> int:
    """Return how many readings are offered at once."""
    return int(load_table("readings")["offered_count"])


def keep_for() -> timedelta:
    """Return how long a reading is kept."""
    return timedelta(days=load_table("readings")["keep_days"])


def open_max() -> int:
    """Return how many readings may wait for a label."""
    return int(load_table("readings")["open_max"])


def conversation_max() -> int:
    """Return how many readings one conversation may leave."""
    return int(load_table("readings")["conversation_max"])


@dataclass(frozen=True, slots=True)
class LearningRule:
    """When a challenger is promoted, and how many models are kept; see `readings.toml`."""

    own_min: int
    loss_max_permille: int
    versions_max: int


def learning() -> LearningRule:
    """Return the rule of `florin nlu learn`."""
    return LearningRule(**load_table("readings")["learning"])


@cache
def _beginnings() -> tuple[str, ...]:
    lists = load_table("readings")["corrections"].values()
    return tuple(f"{plain(words)} " for listed in lists for words in listed)
