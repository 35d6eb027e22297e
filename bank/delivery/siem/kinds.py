"""What each kind of security event is called, and where Elastic's schema files it.

The words of `categories` and `types` are closed lists of ECS 8 (event.category, event.type).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bank.domain.security_events import SecurityEventKind as K


@dataclass(frozen=True, slots=True)
class KindShape:
    """title: a sentence without anybody in it. is_alert: a detection, not only an act."""

    title: str
    categories: tuple[str, ...]
    types: tuple[str, ...]
    is_alert: bool = False


_LOGIN, _THREAT = ("authentication",), ("intrusion_detection",)
_DENIED, _CHANGED, _INFO = ("denied",), ("change",), ("info",)

KINDS: Mapping[K, KindShape] = {
    K.LOGIN_FAILED: KindShape("Login of a customer failed", _LOGIN, ("start",)),
    K.LOGIN_SUCCEEDED_NEW_PLACE: KindShape("Login from a new place", _LOGIN, ("start",)),
    K.CUSTOMER_LOCKED: KindShape("Logins of a customer refused for a while", _LOGIN, _DENIED, True),
    K.STAFF_LOGIN_FAILED: KindShape("Login of staff failed", _LOGIN, ("start",)),
    K.STAFF_LOCKED: KindShape("Logins of staff refused for a while", _LOGIN, _DENIED, True),
    K.PAYMENT_STEPPED_UP: KindShape("Payment asked for a code", _LOGIN, _INFO),
    K.PAYMENT_PAUSED: KindShape("Payment paused with a warning", _THREAT, _DENIED, True),
    K.PAYMENT_HELD: KindShape("Payment held for a decision", _THREAT, _DENIED, True),
    K.PAYMENT_RELEASED: KindShape("Held payment released", _THREAT, ("allowed",)),
    K.PAYMENT_REJECTED: KindShape("Held payment rejected", _THREAT, _DENIED),
    K.ACT_PAUSED: KindShape("Act of a customer not carried out", _THREAT, _DENIED, True),
    K.CARD_FROZEN_AFTER_QUESTION: KindShape(
        "Card frozen: the customer did not know the act", _THREAT, _DENIED, True
    ),
    K.SUSPICION_IN_CHAT: KindShape("Suspicion in a conversation", _THREAT, _INFO, True),
    K.THREAT_FLOW: KindShape("Suspicious network flows", ("network", *_THREAT), _INFO, True),
    K.THREAT_REQUEST: KindShape("Suspicious web requests", ("web", *_THREAT), _INFO, True),
    K.THREAT_LOGIN: KindShape("Suspicious logins", ("authentication", *_THREAT), _INFO, True),
    K.BLOCKED: KindShape("Block put", _THREAT, _DENIED),
    K.BLOCK_REFUSED: KindShape("Automatic block over its bound", _THREAT, ("error",), True),
    K.UNBLOCKED: KindShape("Block lifted", _THREAT, ("allowed",)),
    K.CASE_OPENED: KindShape("Case opened", _THREAT, ("creation",)),
    K.CASE_RESOLVED: KindShape("Case resolved", _THREAT, ("end",)),
    K.MODEL_PROMOTED: KindShape("Another version of a model serves", ("configuration",), _CHANGED),
    K.MODEL_ROLLED_BACK: KindShape("A model was rolled back", ("configuration",), _CHANGED),
    K.AUDIT_BROKEN: KindShape("The audit record was changed", ("database",), ("error",), True),
    K.DEAD_LETTER: KindShape("A message could not be delivered", ("email",), ("error",)),
    K.EVENTS_DROPPED: KindShape("Security events were lost: no room", ("host",), ("error",), True),
}
