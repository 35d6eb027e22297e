"""API keys: how another system of the bank shows who it is, and what it may ask for.

    made (shown once) ──used──▶ made        older than its end ──▶ over
         └──────revoked──▶ revoked

A key is 256 random bits behind a mark that scanners of leaked secrets can find; stored is only its
SHA-256. It stands for a system and never for a person: it opens the doors its scopes name, and no
door of customers or staff.

    score:churn     scores of one model
    score:*         scores of every model
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from bank.domain.errors import InvalidInput, InvalidText, NotPermitted, SessionExpired
from bank.domain.ids import ApiKeyId
from bank.domain.redaction import normalise

KEY_MARK = "flk_"
NAME_MAX_CHARS = 60
SCOPES_MAX_COUNT = 20
DAYS_MAX = 1_095

_SCOPE = re.compile(r"score:(\*|[a-z][a-z0-9_-]{0,39})")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One system's key. `name` says whose: "card switch", "campaign tool"."""

    id: ApiKeyId
    name: str
    key_hash: str
    scopes: tuple[str, ...]
    made_at_utc: datetime
    expires_at_utc: datetime
    revoked_at_utc: datetime | None = None

    def allows(self, scope: str) -> bool:
        """Return whether the key opens this door.

        >>> from datetime import UTC
        >>> now = datetime(2026, 3, 1, tzinfo=UTC)
        >>> key = ApiKey(ApiKeyId("ak_1"), "switch", "", ("score:fraud",), now, now)
        >>> key.allows("score:fraud"), key.allows("score:churn")
        (True, False)
        """
        kind = scope.partition(":")[0]
        return scope in self.scopes or f"{kind}:*" in self.scopes


def make_key_text() -> str:
    """Return a new key: shown once, stored never."""
    return KEY_MARK + secrets.token_urlsafe(32)


def validate_scopes(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scopes without repetitions, in order. Raises InvalidInput."""
    if not 1 <= len(scopes) <= SCOPES_MAX_COUNT or not all(map(_SCOPE.fullmatch, scopes)):
        raise InvalidInput(field="scope", allowed="score:<model>, score:*")
    return tuple(sorted(set(scopes)))


def validate_key_name(name: str) -> str:
    """Return the name on one line. Raises InvalidText."""
    clean = " ".join(normalise(name).split())
    if not clean or len(clean) > NAME_MAX_CHARS:
        raise InvalidText(field="name", max_chars=NAME_MAX_CHARS)
    return clean


def check_key(key: ApiKey, *, scope: str, now_utc: datetime) -> None:
    """Refuse a key that is over, or for other doors. Raises SessionExpired, NotPermitted."""
    if key.revoked_at_utc is not None or now_utc >= key.expires_at_utc:
        raise SessionExpired
    if not key.allows(scope):
        raise NotPermitted(scope=scope)
