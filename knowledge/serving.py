"""The library in a process that serves: shipped articles and those published by staff.

    asked ─▶ revision looked at every POLL_S ─▶ another one? ─▶ index made beside ─▶ swapped in
                                                 (the old one answers meanwhile)

Importing this costs nothing: libraries load with the first question, or by `warm`. The first
process encodes and keeps the vectors under `<home>/library/`; the others find them there.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bank.domain.answers import Audience, LibraryAnswer, LibraryQuestion, Span

if TYPE_CHECKING:
    from knowledge.answering import Library
    from knowledge.article import Article

log = logging.getLogger(__name__)

POLL_S = 2.0
ENCODER_FOLDER = Path("models") / "encoder"
Source = Callable[[], tuple[int, Iterable["Article"]]]
"""What staff published: a revision that grows with each change, and the articles."""


def nothing_published() -> tuple[int, tuple[Article, ...]]:
    """Return that staff published nothing: the shipped articles alone."""
    return 0, ()


class LateLibrarian:
    """The bank's port `Librarian`. A published article takes the place of the shipped one."""

    def __init__(
        self,
        *,
        home_dir: Path,
        source: Source = nothing_published,
        articles_folder: Path | None = None,
        encoder_folder: Path = ENCODER_FOLDER,
        poll_s: float = POLL_S,
    ) -> None:
        self._home_dir, self._source = home_dir, source
        self._articles_folder, self._encoder_folder = articles_folder, encoder_folder
        self._poll_s = poll_s
        self._library: Library | None = None
        self._revision = -1
        self._looked_at_s = float("-inf")
        self._lock, self._refreshing = threading.Lock(), threading.Lock()

    def answer(self, question: LibraryQuestion) -> LibraryAnswer | None:
        return self._current().answer(question)

    def find(self, question: LibraryQuestion, *, most: int = 5) -> Sequence[Span]:
        return self._current().find(question, most=most)

    def article(
        self, article_id: str, *, audiences: frozenset[Audience], on: date
    ) -> Article | None:
        """Return an article's text of a day, for its page; None: there is none for these."""
        return self._current().article(article_id, audiences=audiences, on=on)

    def warm(self) -> None:
        """Load in a thread, and follow the source from now on: no question waits or meets what
        was published before it.
        """
        threading.Thread(target=self._follow, name="library", daemon=True).start()

    def refresh(self) -> None:
        """Look at the source now, and serve what it says when this returns."""
        with self._refreshing:
            self._take_in()

    def _current(self) -> Library:
        if self._library is None:
            with self._lock:  # the first question waits; there is nothing to answer from
                if self._library is None:
                    self._take_in()
        elif time.monotonic() - self._looked_at_s > self._poll_s:
            self._look_in_a_thread()
        assert self._library is not None
        return self._library

    def _follow(self) -> None:
        while True:
            try:
                self._current()
            except Exception:  # whatever is in the way goes away or is put right; questions ask too
                log.exception("the library could not be loaded")
            time.sleep(self._poll_s)

    def _look_in_a_thread(self) -> None:
        if not self._refreshing.acquire(blocking=False):
            return
        threading.Thread(target=self._look, name="library", daemon=True).start()

    def _look(self) -> None:
        try:
            self._take_in()
        except Exception:  # whatever the source does, the articles at hand go on answering
            log.exception("the library could not be brought up to date")
            self._looked_at_s = time.monotonic()
        finally:
            self._refreshing.release()

    def _take_in(self) -> None:
        revision, published = self._source()
        if self._library is None or revision != self._revision:
            self._library = self._made(list(published))
            self._revision = revision
        self._looked_at_s = time.monotonic()

    def _made(self, published: list[Article]) -> Library:
        from knowledge.answering import Library  # noqa: PLC0415  see the head
        from knowledge.making import bring_up_to_date  # noqa: PLC0415

        made = bring_up_to_date(
            self._home_dir,
            published,
            articles_folder=self._articles_folder,
            encoder_folder=self._encoder_folder,
        )
        for one in made.refused:
            log.warning("the article %s waits for a person: %s", one.name, one.code)
        return Library(made.index)
