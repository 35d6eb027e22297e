"""Headlines in a process that serves: the newsroom at the bank's port, following files and feeds.

    <home>/market/news/*.csv|jsonl|xml ──newer than last time──┐
    feeds the bank has named ──every FEED_EVERY_S──────────────┴─▶ Newsroom ─▶ the port News

A file that cannot be read is logged and the others are; a feed that does not answer is asked again
later. Moods are asked for at any time: before anything was read there are none. Importing this
costs nothing: libraries load in the thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bank.domain.headlines import Headline, Mood
from bank.domain.instruments import InstrumentId

if TYPE_CHECKING:
    from analytics.news import mood
    from analytics.news.newsroom import Newsroom
    from bank.bootstrap import Bank

log = logging.getLogger(__name__)
FOLDER = Path("market") / "news"
LOOK_EVERY_S, FEED_EVERY_S = 20.0, 600.0
#: A process that starts has other things to do first.
FIRST_LOOK_S = 10.0
_ENDINGS = frozenset({".csv", ".jsonl", ".xml", ".rss", ".atom"})


class FollowedNews:
    """The bank's port `News`, silent until something was read."""

    def __init__(
        self, bank: Bank, *, models_dir: Path, home_dir: Path, feeds: Sequence[str] = ()
    ) -> None:
        self._bank, self._models_dir = bank, models_dir
        self._folder = home_dir / FOLDER
        self._feeds = tuple(feeds)
        self._read_at: dict[Path, float] = {}
        self._room: Newsroom | None = None
        self._asked_feeds_s = 0.0
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to read, and go on."""
        threading.Thread(target=self._run, name="news", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def moods(
        self, instrument_ids: Collection[InstrumentId], *, now_utc: datetime
    ) -> dict[InstrumentId, Mood]:
        room = self._room
        if room is None:
            return {}
        standing = room.warnings(now_utc=now_utc).standing
        found = room.mood_of(instrument_ids, now_utc=now_utc)
        return {
            one: _as_told(each, has_turned=one in standing)
            for one, each in found.items()
            if each.headlines_count
        }

    def look(self, *, now_s: float = 0.0) -> int:
        """Read what is new; return how many headlines were. now_s: seconds, for feeds."""
        files = sorted(one for one in self._folder.glob("*") if one.suffix in _ENDINGS)
        changed_at = {one: one.stat().st_mtime for one in files}
        newer = [one for one in files if self._read_at.get(one) != changed_at[one]]
        is_feed_time = bool(self._feeds) and now_s - self._asked_feeds_s >= FEED_EVERY_S
        if not newer and not is_feed_time:
            return 0
        from analytics.news.fetching import fetch  # noqa: PLC0415  see the head
        from analytics.news.reading import BrokenFeed, read_file  # noqa: PLC0415

        room, count = self._opened(), 0
        for one in newer:
            self._read_at[one] = changed_at[one]
            try:
                count += room.hear(read_file(one).headlines)
            except (OSError, BrokenFeed) as fault:
                log.warning("headlines of %s are left out: %s", one.name, fault)
        if is_feed_time:
            self._asked_feeds_s = now_s
            for url in self._feeds:
                try:
                    count += room.hear(fetch(url, allowed=self._feeds).headlines)
                except BrokenFeed as fault:
                    log.warning("a feed is left out: %s", fault)
        return count

    def _opened(self) -> Newsroom:
        from analytics.news.newsroom import Newsroom  # noqa: PLC0415  see the head

        if self._room is None:
            self._room = Newsroom.open(
                self._bank.investing.instruments(),
                model_folder=self._models_dir / "news",
                encoder_folder=self._models_dir / "encoder",
            )
        return self._room

    def _run(self) -> None:
        passed_s = FEED_EVERY_S
        self._stopped.wait(FIRST_LOOK_S)
        while not self._stopped.is_set():
            try:
                self.look(now_s=passed_s)
            except Exception:  # a thread that dies would keep the moods of today for ever
                log.exception("headlines could not be read")
            self._stopped.wait(LOOK_EVERY_S)
            passed_s += LOOK_EVERY_S


def _as_told(one: mood.Mood, *, has_turned: bool) -> Mood:
    return Mood(
        instrument_id=one.instrument_id,
        value=one.score,
        count=one.headlines_count,
        has_turned=has_turned,
        newest=tuple(
            Headline(
                instrument_id=one.instrument_id,
                title=each.headline.text,
                source=each.headline.source,
                url=each.headline.url,
                at_utc=each.headline.published_at_utc,
                sentiment=each.sentiment.score,
            )
            for each in one.newest
        ),
    )
