"""The mood about an instrument: what its headlines say, newer ones more, few ones little.

    mood = Σ w·score / (Σ w + PRIOR_HEADLINES)        w = 0.5 ** (age / half-life)

A mood lies in [-1, 1]; without headlines it is 0, and one headline alone never moves it far, since
PRIOR_HEADLINES neutral ones are thought beside it. A headline of tomorrow has no part in today's
mood. Pure: callers pass `now_utc`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.news.sentiment import Sentiment
from analytics.news.stories import Headline
from bank.domain.instruments import InstrumentId

HALF_LIFE = timedelta(days=7)
#: Older headlines have no part.
WINDOW = timedelta(days=60)
PRIOR_HEADLINES = 2.0
#: How many headlines are shown beside a mood.
NEWEST_MOST = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A headline with what it means."""

    headline: Headline
    sentiment: Sentiment


@dataclass(frozen=True, slots=True)
class Mood:
    """score: in [-1, 1]. headlines_count, sources_count: within WINDOW. newest: first the newest.

    weight: Σ w, how many headlines of this minute it is worth.
    """

    instrument_id: InstrumentId
    score: float
    headlines_count: int
    sources_count: int
    weight: float
    as_of_utc: datetime
    newest: tuple[Told, ...] = ()


def mood_from(
    instrument_id: InstrumentId,
    told: Iterable[Told],
    *,
    now_utc: datetime,
    half_life: timedelta = HALF_LIFE,
) -> Mood:
    """Return the mood at a moment, from an instrument's headlines in any order."""
    assert half_life > timedelta(0), half_life
    heard = sorted(
        (one for one in told if timedelta(0) <= now_utc - one.headline.published_at_utc <= WINDOW),
        key=lambda one: (one.headline.published_at_utc, one.headline.text),
        reverse=True,
    )
    weights = [0.5 ** ((now_utc - one.headline.published_at_utc) / half_life) for one in heard]
    total = sum(weights)
    balance = sum(
        weight * min(max(one.sentiment.score, -1.0), 1.0)
        for weight, one in zip(weights, heard, strict=True)
    )
    return Mood(
        instrument_id, balance / (total + PRIOR_HEADLINES), len(heard),
        len({one.headline.source for one in heard}), total, now_utc, tuple(heard[:NEWEST_MOST]),
    )  # fmt: skip
