"""Actor: whoever asks. Comes only from a verified session or signed turn, never from a slot.

    visitor   nobody yet: may ask about products, hours, branches
    customer  logged in with a password, or strongly (passkey, or code this session)
    staff     works the console, with roles
    system    the bank itself: standing orders, notices, seeding
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bank.domain.errors import NotAuthenticated, NotPermitted
from bank.domain.ids import ConversationId, CustomerId, MessageId, StaffId


class ActorKind(StrEnum):
    VISITOR = "visitor"
    CUSTOMER = "customer"
    STAFF = "staff"
    SYSTEM = "system"


class LoginLevel(StrEnum):
    NONE = "none"
    PASSWORD = "password"  # noqa: S105  a level's name
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, how sure we are, and in which conversation and message."""

    kind: ActorKind
    id: str
    login_level: LoginLevel = LoginLevel.NONE
    roles: frozenset[str] = field(default_factory=frozenset)
    conversation_id: ConversationId | None = None
    message_id: MessageId | None = None

    def require_customer(self) -> CustomerId:
        """Return the customer's id. Raises NotAuthenticated, or NotPermitted for staff."""
        if self.kind is ActorKind.CUSTOMER:
            return CustomerId(self.id)
        if self.kind is ActorKind.VISITOR:
            raise NotAuthenticated
        raise NotPermitted(actor=self.kind)

    def require_staff(self, role: str | None = None) -> StaffId:
        """Return the staff member's id. Raises NotAuthenticated, NotPermitted."""
        if self.kind is ActorKind.VISITOR:
            raise NotAuthenticated
        if self.kind is not ActorKind.STAFF or (role is not None and role not in self.roles):
            raise NotPermitted(actor=self.kind)
        return StaffId(self.id)


VISITOR = Actor(ActorKind.VISITOR, "visitor")
SYSTEM = Actor(ActorKind.SYSTEM, "system", LoginLevel.STRONG)


def a_customer(customer_id: str, level: LoginLevel = LoginLevel.PASSWORD) -> Actor:
    """Return the actor of a logged-in customer outside a conversation (API, tests, tools)."""
    return Actor(ActorKind.CUSTOMER, customer_id, level)
