"""Verifies signed turns; the same rules as bank/security/turns.py, which this Python cannot load.

tests/bot/test_tokens.py reads tokens minted by the other side, so the two cannot drift apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

import jwt

ISSUER = "florin-web"
AUDIENCE = "florin-turn"
_CLAIMS = ("iss", "aud", "iat", "exp", "jti", "conversation_id", "login_level")
_LEVELS = frozenset({"none", "password", "strong"})


class InvalidTurn(Exception):
    """Not a genuine, fresh turn of web. Says nothing more on purpose."""


@dataclass(frozen=True)
class SignedTurn:
    """What the channel needs of a turn; who speaks is for the action server to read."""

    conversation_id: str
    message_id: str
    text: str
    payload: Optional[dict[str, Any]]
    channel: str


def verify_turn(key: str, token: str) -> SignedTurn:
    """Return the turn inside `token`. Raises InvalidTurn."""
    try:
        claims = jwt.decode(
            token, key, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER,
            options={"require": list(_CLAIMS)},
        )  # fmt: skip
    except (jwt.InvalidTokenError, ValueError, TypeError):
        raise InvalidTurn from None
    texts = [claims["jti"], claims["conversation_id"], claims.get("text")]
    payload = claims.get("payload")
    if (
        not all(isinstance(text, str) for text in texts)
        or not claims["jti"]
        or not claims["conversation_id"]
        or claims.get("message_id") != claims["jti"]
        or claims["login_level"] not in _LEVELS
        or not (payload is None or isinstance(payload, dict))
    ):
        raise InvalidTurn
    return SignedTurn(
        conversation_id=claims["conversation_id"],
        message_id=claims["jti"],
        text=claims["text"],
        payload=payload,
        channel=str(claims.get("channel") or "web"),
    )
