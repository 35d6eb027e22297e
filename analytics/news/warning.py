"""An early warning: the mood about an instrument has fallen, by enough headlines of enough sources.

    quiet ──score <= FALLS_AT, enough told──▶ warned ──score >= RISES_AT──▶ quiet

Between the two thresholds nothing changes, so that a mood on the edge does not warn every day. A
warning is a value that somebody looks at; it never sells or buys anything. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from analytics.news.mood import Mood
from bank.domain.instruments import InstrumentId

FALLS_AT, RISES_AT = -0.35, -0.15
HEADLINES_LEAST, SOURCES_LEAST = 4, 2


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """The mood that gave the warning, and since when it stands."""

    instrument_id: InstrumentId
    mood: Mood
    since_utc: datetime


@dataclass(frozen=True, slots=True)
class Watch:
    """What stands after a look; what is new in it, and what has ended, by instrument."""

    standing: Mapping[InstrumentId, EarlyWarning]
    raised: tuple[EarlyWarning, ...]
    ended: tuple[InstrumentId, ...]


def watch(standing: Mapping[InstrumentId, EarlyWarning], moods: Iterable[Mood]) -> Watch:
    """Return the warnings after new moods; an instrument without a new mood stays as it was."""
    after = dict(standing)
    raised: list[EarlyWarning] = []
    ended: list[InstrumentId] = []
    for mood in moods:
        key = mood.instrument_id
        if key in after:
            if mood.score >= RISES_AT:
                del after[key]
                ended.append(key)
        elif _has_fallen(mood):
            after[key] = EarlyWarning(key, mood, mood.as_of_utc)
            raised.append(after[key])
    return Watch(after, tuple(raised), tuple(ended))


def _has_fallen(mood: Mood) -> bool:
    return (
        mood.score <= FALLS_AT
        and mood.headlines_count >= HEADLINES_LEAST
        and mood.sources_count >= SOURCES_LEAST
    )
