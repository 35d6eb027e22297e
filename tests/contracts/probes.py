"""Records made for the contract tests: every kind of column once, two unique keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from bank.storage.records import RecordSpec

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Probe:
    id: str
    name: str
    number: int = 0
    colour: Colour = Colour.RED
    key: str | None = None
    group: str = "g"
    at_utc: datetime = NOON
    until_utc: datetime | None = None
    born: date | None = None
    flag: bool = False
    ratio: float = 0.0
    blob: bytes = b""
    data: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Purse:
    id: str
    amount_minor: int


PROBES = {
    "probes": RecordSpec(
        Probe, unique=(("key",), ("group", "number")), indexes=(("name", "at_utc"),)
    ),
    "purses": RecordSpec(Purse),
}


def a_probe(which: int = 0, **changes: Any) -> Probe:
    values: dict[str, Any] = {"id": f"pr_{which}", "name": f"name {which}", "number": which}
    return Probe(**(values | changes))
