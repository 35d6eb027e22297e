"""Headlines: what is written about instruments, and the mood it comes to. Never a trade by itself.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bank.domain.instruments import InstrumentId


@dataclass(frozen=True, slots=True)
class Headline:
    """One headline about one instrument. sentiment: -1 bad to 1 good, for whoever holds it."""

    instrument_id: InstrumentId
    title: str
    source: str
    url: str
    at_utc: datetime
    sentiment: float


@dataclass(frozen=True, slots=True)
class Mood:
    """What the newest headlines of an instrument come to.

    value: -1 to 1, old ones fading, few ones drawn to 0. count: headlines that still count.
    has_turned: it fell under what the bank warns of, by enough sources.
    newest: newest first.
    """

    instrument_id: InstrumentId
    value: float
    count: int
    has_turned: bool
    newest: tuple[Headline, ...]
