"""Audit: who did what, in a chain that shows every later change.

    entry n   hash = HMAC(key, entry without hash, which holds entry n-1's hash)

An edited, deleted, inserted or swapped entry breaks the chain at its row. A cut tail leaves a
valid shorter chain, so the newest number and hash are also kept outside the database (the
anchor). Somebody without the key can hide nothing; somebody who holds the key, the database and
the anchor file can rewrite history, so the anchor belongs on another machine in earnest use.

Pure: `sign` is passed in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FIRST_HASH = "0" * 64

Sign = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `outcome` is done or the code of the refusal; `details` hold ids and amounts."""

    id: str
    number: int
    at_utc: datetime
    actor_kind: str
    actor_id: str
    action: str
    resource: str
    outcome: str
    why: str
    details: dict[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The newest entry's number and hash; one row, id `head`."""

    id: str
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditFault:
    """Where the chain is broken, and how: edited, missing, inserted, head, cut_tail, anchor."""

    number: int
    kind: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What a check of the whole chain found."""

    entries_count: int
    anchored_number: int
    faults: tuple[AuditFault, ...]

    @property
    def ok(self) -> bool:
        return not self.faults


def text_to_sign(entry: AuditEntry) -> str:
    """Return the canonical text of everything in an entry but its hash."""
    return json.dumps(
        [
            entry.id,
            entry.number,
            entry.at_utc.isoformat(),
            entry.actor_kind,
            entry.actor_id,
            entry.action,
            entry.resource,
            entry.outcome,
            entry.why,
            entry.details,
            entry.previous_hash,
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )


def entry_id(number: int) -> str:
    """Return the id of entry `number`: sorting by id is sorting by number."""
    return f"au_{number:012d}"


def check_link(
    entry: AuditEntry, *, expected_number: int, previous_hash: str, sign: Sign
) -> AuditFault | None:
    """Return what is wrong with one entry at its place in the chain, or None."""
    if entry.number != expected_number or entry.id != entry_id(expected_number):
        kind = "missing" if entry.number > expected_number else "inserted"
        return AuditFault(expected_number, kind)
    if entry.previous_hash != previous_hash or sign(text_to_sign(entry)) != entry.hash:
        return AuditFault(expected_number, "edited")
    return None
