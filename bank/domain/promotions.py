"""Promotions: which version of a model serves is decided by two people, never by one.

    proposed ──approve, by another──▶ approved ──carried out──▶ (the swap is done)
        ├──────reject, by another──▶ rejected
        ├──────withdraw, by the same ▶ withdrawn
        └──────(PROPOSAL_TTL)──────▶ expired

What is agreed on is exact: this card, known by its digest, in place of that version. The bank
keeps who said what and why; it knows nothing of models, and whoever serves them carries it out.

Pure: no clock, no store.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bank.domain.errors import Conflict, InvalidInput, InvalidText, NotPermitted, SecondPersonNeeded
from bank.domain.ids import PromotionId, StaffId
from bank.domain.redaction import mask, normalise

PROPOSAL_TTL = timedelta(days=7)
REASON_MAX_CHARS = 500

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class PromotionAct(StrEnum):
    PROMOTE = "promote"
    ROLLBACK = "rollback"


class PromotionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Promotion:
    """One proposal, and what became of it. `from_version` served when it was proposed."""

    id: PromotionId
    act: PromotionAct
    model: str
    to_version: str
    card_digest: str
    reason: str
    state: PromotionState
    proposed_by: StaffId
    proposed_at_utc: datetime
    expires_at_utc: datetime
    from_version: str | None = None
    decided_by: StaffId | None = None
    decided_at_utc: datetime | None = None
    carried_out_at_utc: datetime | None = None


def propose(
    promotion_id: str,
    act: PromotionAct,
    *,
    model: str,
    from_version: str | None,
    to_version: str,
    card_digest: str,
    reason: str,
    by: StaffId,
    now_utc: datetime,
) -> Promotion:
    """Return a proposal. Raises InvalidInput (which field), InvalidText (the reason)."""
    named = {"model": model, "from_version": from_version or to_version, "to_version": to_version}
    for field, text in named.items():
        if not _NAME.fullmatch(text):
            raise InvalidInput(field=field)
    if from_version == to_version:
        raise InvalidInput(field="to_version", allowed="another than the one that serves")
    if not _DIGEST.fullmatch(card_digest):
        raise InvalidInput(field="card_digest")
    return Promotion(
        id=PromotionId(promotion_id),
        act=act,
        model=model,
        from_version=from_version,
        to_version=to_version,
        card_digest=card_digest,
        reason=validate_reason(reason),
        state=PromotionState.PROPOSED,
        proposed_by=by,
        proposed_at_utc=now_utc,
        expires_at_utc=now_utc + PROPOSAL_TTL,
    )


def validate_reason(reason: str) -> str:
    r"""Return the reason on one line, without numbers that point at somebody. Raises InvalidText.

    >>> validate_reason("  better on \n March's hold-out ")
    "better on March's hold-out"
    """
    clean = " ".join(mask(normalise(reason)).text.split())
    if not clean:
        raise InvalidText(reason="empty")
    if len(clean) > REASON_MAX_CHARS:
        raise InvalidText(reason="too_long", max_chars=REASON_MAX_CHARS)
    return clean


def state_at(promotion: Promotion, now_utc: datetime) -> PromotionState:
    """Return the state as it is now: a proposal runs out without anybody writing it down."""
    is_over = promotion.state is PromotionState.PROPOSED and now_utc >= promotion.expires_at_utc
    return PromotionState.EXPIRED if is_over else promotion.state


def approve(
    promotion: Promotion,
    *,
    card_digest: str,
    from_version: str | None,
    by: StaffId,
    now_utc: datetime,
) -> Promotion:
    """Return the approved proposal.

    `card_digest` and `from_version` are what the second person has before them now.
    Raises SecondPersonNeeded (the one who proposed it), Conflict (it is decided, or expired, or
    another card or version is there by now).
    """
    _check_waits(promotion, now_utc)
    if by == promotion.proposed_by:
        raise SecondPersonNeeded(promotion_id=promotion.id)
    if card_digest != promotion.card_digest:
        raise Conflict(reason="card_changed")
    if from_version != promotion.from_version:
        raise Conflict(reason="champion_changed")
    return _decided(promotion, PromotionState.APPROVED, by, now_utc)


def reject(promotion: Promotion, *, by: StaffId, now_utc: datetime) -> Promotion:
    """Return the rejected proposal. Raises Conflict, SecondPersonNeeded (withdraw it instead)."""
    _check_waits(promotion, now_utc)
    if by == promotion.proposed_by:
        raise SecondPersonNeeded(promotion_id=promotion.id)
    return _decided(promotion, PromotionState.REJECTED, by, now_utc)


def withdraw(promotion: Promotion, *, by: StaffId, now_utc: datetime) -> Promotion:
    """Return the proposal taken back by whoever made it. Raises Conflict, NotPermitted."""
    _check_waits(promotion, now_utc)
    if by != promotion.proposed_by:
        raise NotPermitted(reason="not_yours")
    return _decided(promotion, PromotionState.WITHDRAWN, by, now_utc)


def carried_out(promotion: Promotion, *, now_utc: datetime) -> Promotion:
    """Return it with the moment of the swap; a second time changes nothing. Raises Conflict."""
    if promotion.state is not PromotionState.APPROVED:
        raise Conflict(status=promotion.state)
    if promotion.carried_out_at_utc is not None:
        return promotion
    return replace(promotion, carried_out_at_utc=now_utc)


def _check_waits(promotion: Promotion, now_utc: datetime) -> None:
    state = state_at(promotion, now_utc)
    if state is not PromotionState.PROPOSED:
        raise Conflict(status=state)


def _decided(
    promotion: Promotion, state: PromotionState, by: StaffId, now_utc: datetime
) -> Promotion:
    return replace(promotion, state=state, decided_by=by, decided_at_utc=now_utc)
