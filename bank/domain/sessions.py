"""Sessions: a browser or messenger that has shown who it is, for a while.

    started ──used──▶ started        idle longer than the ttl ──▶ expired
       └────logged out, upgraded────▶ ended

The token is 256 random bits, given once and stored only as a SHA-256 hash: whoever reads the
table cannot act as anybody. A login gives a *new* token to the same conversation, so a token
planted before the login is worth nothing after it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bank.domain.actors import Actor, ActorKind, LoginLevel
from bank.domain.errors import SessionExpired
from bank.domain.ids import ConversationId, MessageId, SessionId

#: A session ends after this long even when it is used all the time.
SESSION_MAX_AGE_S = 12 * 3600

#: How long the record of a session stays after its end, for questions about it.
SESSION_KEEP_S = 7 * 24 * 3600

#: `last_seen_at_utc` is written at most this often, so that reading stays cheap.
SEEN_EVERY_S = 60


@dataclass(frozen=True, slots=True)
class Session:
    """Who a token stands for."""

    id: SessionId
    token_hash: str
    actor_kind: ActorKind
    actor_id: str
    login_level: LoginLevel
    conversation_id: ConversationId | None
    created_at_utc: datetime
    last_seen_at_utc: datetime
    expires_at_utc: datetime
    roles: tuple[str, ...] = ()
    ended_at_utc: datetime | None = None
    #: The login place it began from (domain/habits.py); None where nobody looked.
    place_id: str | None = None

    def actor(self, message_id: str | None = None) -> Actor:
        """Return the actor of one request in this session."""
        return Actor(
            self.actor_kind,
            self.actor_id,
            self.login_level,
            frozenset(self.roles),
            self.conversation_id,
            MessageId(message_id) if message_id is not None else None,
        )


def make_token() -> str:
    """Return 256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is stored of a token. Plain SHA-256: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_session(session: Session, *, ttl_s: int, now_utc: datetime) -> None:
    """Refuse a session that is over. Raises SessionExpired."""
    idle = now_utc - session.last_seen_at_utc > timedelta(seconds=ttl_s)
    if session.ended_at_utc is not None or idle or now_utc >= session.expires_at_utc:
        raise SessionExpired
