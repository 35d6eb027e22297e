"""Screening again: all customers, when a list changes; only what changed, only what is open.

    old lists ─┐                     people ─┐
               ├─▶ added, changed ──────────┴─▶ hits ─▶ less what a person judged no_hit
    new lists ─┘

A no_hit is remembered by person, entry and the entry's digest: when the list changes the entry,
the question is asked again. Pure: the caller stores the keys.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from identity.screening.lists import ScreeningLists
from identity.screening.matching import Hit, HitState, Threshold, screen
from identity.screening.names import NameKind


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to screen. `country` is alpha-2; what is not known is None."""

    person_id: str
    name: str
    born: date | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class ListChange:
    """Entry ids by what happened to them between two versions."""

    added: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    @property
    def to_screen(self) -> frozenset[str]:
        return self.added | self.changed

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def changed_entries(old: ScreeningLists, new: ScreeningLists) -> ListChange:
    """Return what is different in the new lists."""
    before = {entry.entry_id: entry.digest for entry in old.entries}
    after = {entry.entry_id: entry.digest for entry in new.entries}
    return ListChange(
        added=frozenset(after.keys() - before.keys()),
        changed=frozenset(key for key in after.keys() & before.keys() if after[key] != before[key]),
        removed=frozenset(before.keys() - after.keys()),
    )


def settled_key(person_id: str, hit: Hit) -> str:
    """Return the key under which a person's no_hit is remembered."""
    return f"{person_id}|{hit.entry_id}|{hit.entry_digest}"


def open_hits(person_id: str, hits: Iterable[Hit], settled: Container[str]) -> list[Hit]:
    """Return the hits nobody has judged no_hit yet."""
    return [hit for hit in hits if settled_key(person_id, hit) not in settled]


def settle(person_id: str, hit: Hit, state: HitState) -> str | None:
    """Return the key to remember when a person judged a hit, None where nothing is settled."""
    return settled_key(person_id, hit) if state is HitState.NO_HIT else None


def rescreen(
    lists: ScreeningLists,
    people: Iterable[Person],
    *,
    previous: ScreeningLists | None = None,
    settled: Container[str] = frozenset(),
    threshold: Threshold | None = None,
    kind: NameKind | None = NameKind.PERSON,
) -> Iterator[tuple[Person, list[Hit]]]:
    """Yield the people who have open hits, with these.

    With `previous`, only entries that are new or changed since are looked at, so a weekly run over
    all customers costs what the week's change costs. `people` may be a cursor: one at a time.
    """
    if previous is not None:
        change = changed_entries(previous, lists)
        if not change.to_screen:
            return
        lists = lists.only(change.to_screen)
    for person in people:
        found = screen(
            lists, person.name, born=person.born, country=person.country, kind=kind,
            threshold=threshold,
        )  # fmt: skip
        still_open = open_hits(person.person_id, found, settled)
        if still_open:
            yield person, still_open


def in_chunks(people: Iterable[Person], size: int = 500) -> Iterator[list[Person]]:
    """Yield people in lists, so that a long run can be stored and resumed chunk by chunk."""
    rest = iter(people)
    while chunk := list(islice(rest, size)):
        yield chunk
