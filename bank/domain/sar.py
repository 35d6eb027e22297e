"""SAR drafts: the report to the authority as compliance writes it, before staff file it.

    prefilled (0) ──write──▶ 1 ──write──▶ 2 … every version stays as it was written

We draft, staff file: nothing here leaves the bank by itself. The customer never hears of it, nor
does anybody of staff outside compliance: that one exists is part of the secret.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bank.domain.errors import InvalidInput
from bank.domain.ids import CaseId, StaffId

#: The parts of a report, in the order they are read.
PARTS = ("subject", "activity", "grounds", "chronology", "narrative")
PART_MAX_CHARS = 20_000
#: So many versions of one report are a mistake of a program.
VERSIONS_MOST = 200


@dataclass(frozen=True, slots=True)
class SarDraft:
    """One version, sealed for its place. version: from 1."""

    id: str
    case_id: CaseId
    version: int
    parts_enc: bytes
    written_by: StaffId
    written_at_utc: datetime


def place_of(draft_id: str) -> str:
    """Return the place a version's parts are sealed for."""
    return f"sar_drafts|{draft_id}|parts"


def clean_parts(parts: Mapping[str, str]) -> dict[str, str]:
    """Return the parts as they are kept: all of them, in their order, without outer blanks.

    >>> clean_parts({"narrative": " He was told to hurry. "})["narrative"]
    'He was told to hurry.'

    Raises InvalidInput: a part that is none of PARTS, or too long.
    """
    if set(parts) - set(PARTS):
        raise InvalidInput(field="parts", allowed=", ".join(PARTS))
    for name, text in parts.items():
        if len(text) > PART_MAX_CHARS:
            raise InvalidInput(field=name, max_chars=str(PART_MAX_CHARS))
    return {name: parts.get(name, "").strip() for name in PARTS}
