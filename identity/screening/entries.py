"""Entries: who stands on a list, in one shape for all lists.

OFAC sdn+alt+add+comments ─┐
UN consolidated.xml        ├─▶ Entry(names, born, countries, programmes)
own_*.csv (PEP, internal)  ─┘
"""

from __future__ import annotations

import calendar
import hashlib
import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from identity.screening.names import NameKind


class ListBroken(Exception):
    """A list file cannot be trusted: empty, cut off, of another shape. The old list stays in force.

    `reason` is one of empty, truncated, malformed, wrong_columns, orphans, shrunk, missing,
    too_large, unreachable; `detail` is for the operator.
    """

    def __init__(self, source: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{source}: {reason}{f' ({detail})' if detail else ''}")
        self.source = source
        self.reason = reason
        self.detail = detail


class NameQuality(StrEnum):
    """How much the list itself trusts a name."""

    PRIMARY = "primary"
    STRONG = "strong"
    WEAK = "weak"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class ListedName:
    text: str
    quality: NameQuality = NameQuality.PRIMARY


@dataclass(frozen=True, slots=True)
class BirthDate:
    """The days a person may have been born on, both ends included. `is_circa`: the list doubts."""

    earliest: date
    latest: date
    is_circa: bool = False

    @classmethod
    def of(
        cls, year: int, month: int | None = None, day: int | None = None, *, is_circa: bool = False
    ) -> BirthDate:
        """Return a day, a month or a whole year. Raises ValueError."""
        first = date(year, month or 1, day or 1)
        last_day = day or calendar.monthrange(year, month or 12)[1]
        return cls(first, date(year, month or 12, last_day), is_circa)

    @property
    def text(self) -> str:
        """Return the shortest honest spelling: 1971-05-02, 1971-05, 1971, 1968-1973, ~1971."""
        a, b = self.earliest, self.latest
        if a == b:
            text = a.isoformat()
        elif a.year != b.year:
            text = f"{a.year}-{b.year}"
        elif a.month == b.month:
            text = f"{a.year:04}-{a.month:02}"
        else:
            text = str(a.year)
        return f"~{text}" if self.is_circa else text


@dataclass(frozen=True, slots=True)
class Entry:
    """One listed person, organisation, vessel or aircraft.

    `entry_id` is unique over all lists: "ofac:7257", "un:QDi.015". `countries` are ISO 3166-1
    alpha-2 of nationality, address and birth; `nationalities` the first of these alone.
    `list_name` is what a person reads; `programs` why somebody is listed, in the list's codes.
    """

    entry_id: str
    list_name: str
    kind: NameKind
    names: tuple[ListedName, ...]
    born: tuple[BirthDate, ...] = ()
    nationalities: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    programs: tuple[str, ...] = ()
    remarks: str = ""

    @property
    def digest(self) -> str:
        """Return a digest of all that was listed: another digest is another entry to judge."""
        return hashlib.sha256(
            json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False).encode()
        ).hexdigest()[:16]

    def to_json(self) -> dict[str, Any]:
        """Return the entry as it is kept in the cache."""
        return {
            "id": self.entry_id,
            "list": self.list_name,
            "kind": self.kind.value,
            "names": [[name.text, name.quality.value] for name in self.names],
            "born": [
                [one.earliest.isoformat(), one.latest.isoformat(), one.is_circa]
                for one in self.born
            ],
            "nationalities": sorted(self.nationalities),
            "countries": sorted(self.countries),
            "programs": list(self.programs),
            "remarks": self.remarks,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Entry:
        """Return what `to_json` made."""
        return cls(
            entry_id=data["id"],
            list_name=data["list"],
            kind=NameKind(data["kind"]),
            names=tuple(ListedName(text, NameQuality(quality)) for text, quality in data["names"]),
            born=tuple(
                BirthDate(date.fromisoformat(a), date.fromisoformat(b), circa)
                for a, b, circa in data["born"]
            ),
            nationalities=frozenset(data["nationalities"]),
            countries=frozenset(data["countries"]),
            programs=tuple(data["programs"]),
            remarks=data["remarks"],
        )
