"""Which records there are, and how they are found: one line a table.

A record is a frozen dataclass; its first field is `id`. Both stores are built from this list,
so adding a table is: a dataclass in the domain, a line here, a migration.
Field types allowed: str, int, bool, float, bytes, datetime (UTC), StrEnum, NewType of str,
each optionally `| None`, and `dict[str, Any]` / `tuple[str, ...]` (kept as JSON).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RecordSpec:
    """A record type with the columns it is unique by and looked up by."""

    record: type[Any]
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()


RECORDS: dict[str, RecordSpec] = {}
