"""Access: may this actor do this, to a record of this owner? Default deny, with the reason.

    no rule for the action ──▶ refused  no_rule
    a rule names the actor ──▶ allowed  the word of the rule that did it
    a customer, not the owner ▶ refused  not_owner     told as not_found: the record may not
                                                       even be known to exist
    otherwise ────────────────▶ refused  kind_not_allowed

The table is `access.toml`. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bank.domain.actors import Actor, ActorKind
from bank.domain.errors import NotAuthenticated, NotFound, NotPermitted
from bank.policies.tables import load_table

#: Reasons of a refusal.
NO_RULE, NOT_OWNER, KIND_NOT_ALLOWED = "no_rule", "not_owner", "kind_not_allowed"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether, and why: the word of the rule that allowed it, or the reason it is refused."""

    allowed: bool
    reason: str


def decide(actor: Actor, action: str, *, owner_id: str | None = None) -> Decision:
    """Return the decision. `owner_id` None: the act is on the actor's own things by its nature.

    >>> from bank.domain.actors import VISITOR, a_customer
    >>> decide(VISITOR, "transfers.propose").reason
    'kind_not_allowed'
    >>> decide(a_customer("cu_1"), "transfers.read", owner_id="cu_2").reason
    'not_owner'
    """
    words: Sequence[str] | None = load_table("access")["actions"].get(action)
    if words is None:
        return Decision(allowed=False, reason=NO_RULE)
    if "visitor" in words:
        return Decision(allowed=True, reason="visitor")
    if actor.kind is ActorKind.CUSTOMER and "owner" in words:
        if owner_id in (None, actor.id):
            return Decision(allowed=True, reason="owner")
        return Decision(allowed=False, reason=NOT_OWNER)
    held = {actor.kind.value, *(f"staff:{role}" for role in actor.roles)}
    for word in words:
        if actor.kind in (ActorKind.SYSTEM, ActorKind.STAFF) and word in held:
            return Decision(allowed=True, reason=word)
    return Decision(allowed=False, reason=KIND_NOT_ALLOWED)


def require(actor: Actor, action: str, *, owner_id: str | None = None) -> str:
    """Return the reason the act is allowed. Raises NotAuthenticated, NotPermitted, NotFound."""
    decision = decide(actor, action, owner_id=owner_id)
    if decision.allowed:
        return decision.reason
    if actor.kind is ActorKind.VISITOR:
        raise NotAuthenticated
    if decision.reason == NOT_OWNER:
        raise NotFound
    raise NotPermitted(action=action, reason=decision.reason)
