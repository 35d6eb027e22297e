"""Library rooms: puts together what staff write for the library. A part of bootstrap, for size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bank.ports import Clock, Store
from bank.services.articles import Articles
from bank.services.library import Library
from bank.services.unanswered import Unanswered

if TYPE_CHECKING:
    from bank.bootstrap import People


@dataclass(frozen=True, kw_only=True)
class LibraryRooms:
    """What the library says beyond what is shipped, and what it could not say."""

    articles: Articles
    library: Library


def make_library_rooms(store: Store, *, clock: Clock, people: People) -> LibraryRooms:
    """Return the services over a store."""
    questions = Unanswered(
        store, clock=clock, vault=people.vault, digests=people.keyring, audit=people.audit
    )
    return LibraryRooms(
        articles=Articles(store, clock=clock, audit=people.audit, questions=questions),
        library=Library(clock=clock),
    )
