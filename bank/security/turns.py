"""The signed turn: one customer message, as `web` vouches for it to the assistant.

    web ──mint_turn──▶ JWT (HS256, 60 s, jti = message id) ──▶ rasa ──metadata──▶ actions
                                                                      verify_turn ──▶ Turn

Whoever needs to know who speaks reads it from here and from nowhere else: not from `sender`, not
from a slot, not from the body. The bot verifies with the same rules in bot/channels/signed.py.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import jwt

from bank.domain.actors import Actor, ActorKind, LoginLevel
from bank.domain.errors import NotAuthenticated
from bank.domain.ids import ConversationId, CustomerId, MessageId

ISSUER = "florin-web"
AUDIENCE = "florin-turn"
TURN_TTL_S = 60
_CLAIMS = ("iss", "aud", "iat", "exp", "jti", "conversation_id", "login_level")


@dataclass(frozen=True, slots=True)
class Turn:
    """What the customer said (normalised and masked), and who it was.

    `payload` is server-made: `{"intent": …, "entities": {…}}` of a redeemed button or of an event
    of web; then `text` only labels it.
    """

    conversation_id: ConversationId
    message_id: MessageId
    text: str
    customer_id: CustomerId | None = None
    login_level: LoginLevel = LoginLevel.NONE
    channel: str = "web"
    locale: str = "en"
    payload: dict[str, Any] | None = None

    def actor(self) -> Actor:
        """Return who asks: the customer, or a visitor."""
        if self.customer_id is None or self.login_level is LoginLevel.NONE:
            kind, who, level = ActorKind.VISITOR, "visitor", LoginLevel.NONE
        else:
            kind, who, level = ActorKind.CUSTOMER, self.customer_id, self.login_level
        return Actor(
            kind, who, level, conversation_id=self.conversation_id, message_id=self.message_id
        )


def mint_turn(key: str | bytes, turn: Turn, *, now_s: float | None = None) -> str:
    """Return the token of `turn`, valid TURN_TTL_S from now."""
    issued_s = int(time.time() if now_s is None else now_s)
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "iat": issued_s, "exp": issued_s + TURN_TTL_S,
        "jti": turn.message_id,
        "conversation_id": turn.conversation_id,
        "message_id": turn.message_id,
        "customer_id": turn.customer_id,
        "login_level": turn.login_level.value,
        "channel": turn.channel,
        "locale": turn.locale,
        "text": turn.text,
        "payload": turn.payload,
    }  # fmt: skip
    return jwt.encode(claims, key, algorithm="HS256")


def verify_turn(key: str | bytes, token: str) -> Turn:
    """Return the turn inside a genuine, fresh token.

    Raises NotAuthenticated for anything else; never says why, the caller logs nothing of it.
    """
    try:
        claims = jwt.decode(
            token, key, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER,
            options={"require": list(_CLAIMS)},
        )  # fmt: skip
        if not claims["jti"] or claims.get("message_id") != claims["jti"]:
            raise NotAuthenticated
        return Turn(
            conversation_id=ConversationId(str(claims["conversation_id"])),
            message_id=MessageId(str(claims["jti"])),
            text=str(claims.get("text") or ""),
            customer_id=CustomerId(str(claims["customer_id"])) if claims["customer_id"] else None,
            login_level=LoginLevel(claims["login_level"]),
            channel=str(claims.get("channel") or "web"),
            locale=str(claims.get("locale") or "en"),
            payload=claims.get("payload"),
        )
    except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
        raise NotAuthenticated from None
