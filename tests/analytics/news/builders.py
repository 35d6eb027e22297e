"""Builders: instruments, headlines, and a model learnt from few invented headlines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from analytics.news.learning import fit, invented
from analytics.news.mood import Told
from analytics.news.sentiment import Sentiment, SentimentModel, Tone
from analytics.news.stories import Headline
from bank.domain.instruments import Complexity, Instrument, InstrumentId, InstrumentKind

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def an_instrument(
    name: str, ticker: str, *, kind: InstrumentKind = InstrumentKind.SHARE
) -> Instrument:
    return Instrument(
        InstrumentId(f"in_{ticker.lower()}"), name, ticker, kind, 5, Complexity.SIMPLE, 5,
        20, "EUR", "europe", "industry", 60,
    )  # fmt: skip


def a_headline(
    text: str, *, age: timedelta = timedelta(hours=1), source: str = "Harbour Wire"
) -> Headline:
    return Headline(text, NOON - age, source)


def told(score: float, *, age: timedelta = timedelta(0), source: str = "Harbour Wire") -> Told:
    tone = Tone.GOOD if score > 0 else Tone.BAD
    return Told(a_headline(f"{score} {age} {source}", age=age, source=source),
                Sentiment(tone, score))  # fmt: skip


@cache
def a_model() -> SentimentModel:
    made = invented(count=900, seed=3)
    return fit([one.text for one in made], np.array([one.sentiment for one in made]))
