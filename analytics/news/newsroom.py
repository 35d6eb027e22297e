"""The newsroom: headlines in, moods and early warnings out.

    read_file, fetch ─▶ hear ─▶ linked, judged, once each ─▶ mood_of(ids, now) ─▶ warnings(now)

It holds what it heard in memory, bounded; nothing is stored and nothing traded. Who asks about an
instrument of which nothing was heard gets a mood of 0 with no sources, which is what is known.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

from analytics.errors import BrokenModel
from analytics.news.linking import Link, Linker
from analytics.news.mood import WINDOW, Mood, Told, mood_from
from analytics.news.sentiment import Sentiment, SentimentModel, vader
from analytics.news.stories import Headline, canonical, merged
from analytics.news.warning import EarlyWarning, Watch, watch
from analytics.suspicion.encoder import Encoder, find_encoder
from bank.domain.instruments import Instrument, InstrumentId

log = logging.getLogger(__name__)
#: Headlines kept, of all instruments; the oldest go first.
HELD_MOST = 100_000


class Newsroom:
    """Hears headlines and knows the moods. Several threads may ask and tell."""

    def __init__(
        self,
        linker: Linker,
        model: SentimentModel | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        self._linker, self._model, self._encoder = linker, model, encoder
        self._told: dict[str, Told] = {}
        self._of: dict[InstrumentId, dict[str, Told]] = defaultdict(dict)
        self._standing: dict[InstrumentId, EarlyWarning] = {}
        self._lock = Lock()

    @classmethod
    def open(
        cls, instruments: Iterable[Instrument], *, model_folder: Path, encoder_folder: Path
    ) -> Newsroom:
        """Return a newsroom about these instruments; without a model, VADER's words serve."""
        try:
            model = SentimentModel.load(model_folder)
        except BrokenModel as fault:
            log.warning("headlines are judged by VADER alone: %s", fault)
            return cls(Linker(instruments))
        return cls(Linker(instruments), model, find_encoder(encoder_folder))

    def judge(self, texts: Sequence[str]) -> list[Sentiment]:
        """Return what headlines mean, in their order."""
        if self._model is None:
            return [vader(one) for one in texts]
        return self._model.look(texts, self._encoder)

    def links(self, text: str) -> list[Link]:
        return self._linker.links(text)

    def hear(self, headlines: Iterable[Headline]) -> int:
        """Take in headlines; return how many were new and about something known here."""
        new = [one for one in merged(headlines) if canonical(one.text) not in self._told]
        about = [(one, {link.instrument_id for link in self.links(one.text)}) for one in new]
        known = [(one, ids) for one, ids in about if ids]
        judged = self.judge([one.text for one, _ in known])
        with self._lock:
            for (one, ids), sentiment in zip(known, judged, strict=True):
                key, told = canonical(one.text), Told(one, sentiment)
                self._told[key] = told
                for instrument_id in ids:
                    self._of[instrument_id][key] = told
            self._forget()
        return len(known)

    def _forget(self) -> None:
        """Drop the oldest beyond HELD_MOST, and what no mood looks at any more."""
        if not self._told:
            return
        newest = max(one.headline.published_at_utc for one in self._told.values())
        by_age = sorted(self._told, key=lambda key: self._told[key].headline.published_at_utc)
        gone = set(by_age[: max(len(by_age) - HELD_MOST, 0)])
        gone |= {
            key for key in by_age if newest - self._told[key].headline.published_at_utc > 2 * WINDOW
        }
        for key in gone:
            del self._told[key]
            for held in self._of.values():
                held.pop(key, None)

    def mood_of(
        self, instrument_ids: Iterable[InstrumentId], *, now_utc: datetime
    ) -> dict[InstrumentId, Mood]:
        """Return the mood of each instrument asked for."""
        with self._lock:
            told = {one: tuple(self._of.get(one, {}).values()) for one in instrument_ids}
        return {one: mood_from(one, held, now_utc=now_utc) for one, held in told.items()}

    def warnings(self, *, now_utc: datetime) -> Watch:
        """Look at every mood anew, and return what stands, is new, and has ended since."""
        with self._lock:
            ids = [*self._of, *self._standing]
        moods = self.mood_of(dict.fromkeys(ids), now_utc=now_utc)
        with self._lock:
            seen = watch(self._standing, moods.values())
            self._standing = dict(seen.standing)
        return seen
