"""Notice choices: "don't tell me about this", one kind of notice and one person at a time.

    no row            told
    is_wanted false   not looked for, and not told if it was found before

Only what is meant as a kindness can be turned off (`policies/notices.py`); that money moved, or
that somebody may be at the account, is owed. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bank.domain.ids import CustomerId
from bank.domain.notices import NoticeKind


@dataclass(frozen=True, slots=True)
class NoticeChoice:
    """What a customer said about one kind of notice, the newest word."""

    id: str
    customer_id: CustomerId
    kind: NoticeKind
    is_wanted: bool
    changed_at_utc: datetime


def choice_id(customer_id: str, kind: NoticeKind) -> str:
    """Return the one id of a choice."""
    return f"{customer_id}|{kind}"
