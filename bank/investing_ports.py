"""What the investing services need from outside: who proposes, and who reads the papers.

Parts of the ports, apart for size. Implemented by analytics/advice and analytics/news, where a
process serves; without them advice waits, and there are no headlines.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bank.domain.advice import AdviceWish, Proposal
from bank.domain.headlines import Mood
from bank.domain.instruments import InstrumentId


class Adviser(Protocol):
    """Proposes investments among those that are allowed: analytics/advice, where it serves."""

    def propose(self, wish: AdviceWish) -> Proposal:
        """Return a proposal whose amounts sum to the wish's.

        Raises AdviserUnavailable (no prices, no model yet), NothingSuitable.
        """


class News(Protocol):
    """Reads what is written about instruments: analytics/news, where it serves."""

    def moods(
        self, instrument_ids: Collection[InstrumentId], *, now_utc: datetime
    ) -> dict[InstrumentId, Mood]:
        """Return the moods of those that something was written about. Never raises."""
