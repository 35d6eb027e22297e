"""Campaigns: one message, for an audience, in a window, said to be one thing and approved as it.

    draft ──approve, by another──▶ approved ──plan──▶ running ──(window over, all told)──▶ done
      └───────────stop───────────────┴─────stop─────────┴──▶ stopped

    a Send:  planned ──▶ sent ──withdrawn or stopped while it waited──▶ recalled
                ├──────▶ refused   with every reason
                └──────▶ (later)   quiet hours, the cap: tried again while the window lasts
             held_out              never contacted: what the others are compared with

The message class is no default: whoever makes a campaign says service, security or marketing, and
the second person sees it. Nothing of a campaign can be edited, so what was approved is what runs.

Pure: no clock, no store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

from bank.domain.audiences import validate_audience
from bank.domain.consents import Channel, Purpose
from bank.domain.errors import Conflict, InvalidInput, InvalidText, SecondPersonNeeded
from bank.domain.ids import CustomerId, StaffId

CampaignId = NewType("CampaignId", str)  # cp_
SendId = NewType("SendId", str)  # sd_

NAME_MAX_CHARS = 80
VARIANTS_MAX_COUNT = 8
ALL_BP = 10_000
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")


class MessageClass(StrEnum):
    """Service and security are owed to the customer; marketing is a wish of the bank's."""

    SERVICE = "service"
    SECURITY = "security"
    MARKETING = "marketing"


class CampaignState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


class SendState(StrEnum):
    PLANNED = "planned"
    SENT = "sent"
    REFUSED = "refused"
    RECALLED = "recalled"
    HELD_OUT = "held_out"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign.

    channels: in the order they are tried; a person is reached on one of them.
    variants: {"code": "a", "share_bp": 5000, "texts": {channel: text id}}; shares sum to ALL_BP.
    planned_until: the last customer id that is planned, so planning goes on where it stopped.
    """

    id: CampaignId
    name: str
    message_class: MessageClass
    purpose: Purpose
    channels: tuple[str, ...]
    audience: dict[str, Any]
    variants: tuple[dict[str, Any], ...]
    starts_at_utc: datetime
    ends_at_utc: datetime
    budget_minor: int
    spent_minor: int
    state: CampaignState
    made_by: str
    made_at_utc: datetime
    approved_by: StaffId | None = None
    approved_at_utc: datetime | None = None
    planned_until: str = ""
    is_planned: bool = False
    ended_at_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """One person, one campaign, one channel. `due_at_utc` is when it is next tried.

    reasons: why it was refused or, while planned, why it waits. outbox_id: the letter it became.
    """

    id: SendId
    campaign_id: CampaignId
    customer_id: CustomerId
    channel: Channel
    message_class: MessageClass
    variant: str
    state: SendState
    due_at_utc: datetime
    reasons: tuple[str, ...] = ()
    outbox_id: str | None = None
    sent_at_utc: datetime | None = None
    responded_at_utc: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWish:
    """What a campaign is made of; `make` checks it."""

    name: str
    message_class: MessageClass
    purpose: Purpose
    channels: Sequence[str]
    variants: Sequence[Mapping[str, Any]]
    starts_at_utc: datetime
    ends_at_utc: datetime
    budget_minor: int
    audience: Mapping[str, Any]


def make(campaign_id: str, wish: CampaignWish, *, by: str, now_utc: datetime) -> Campaign:
    """Return a draft. Raises InvalidInput (which field), InvalidText (the name)."""
    name = " ".join(wish.name.split())
    if not 1 <= len(name) <= NAME_MAX_CHARS or not name.isprintable():
        raise InvalidText(field="name", max_chars=NAME_MAX_CHARS)
    channels = tuple(str(Channel(one)) for one in _known(wish.channels, Channel, "channels"))
    if not channels or len(set(channels)) != len(channels):
        raise InvalidInput(field="channels", allowed=",".join(Channel))
    if wish.budget_minor < 0:
        raise InvalidInput(field="budget_minor", min=0)
    if not max(wish.starts_at_utc, now_utc) < wish.ends_at_utc:
        raise InvalidInput(field="ends_at_utc", allowed="after the start, and still to come")
    return Campaign(
        id=CampaignId(campaign_id),
        name=name,
        message_class=MessageClass(wish.message_class),
        purpose=Purpose(wish.purpose),
        channels=channels,
        audience=validate_audience(wish.audience),
        variants=_validate_variants(wish.variants, channels),
        starts_at_utc=wish.starts_at_utc,
        ends_at_utc=wish.ends_at_utc,
        budget_minor=wish.budget_minor,
        spent_minor=0,
        state=CampaignState.DRAFT,
        made_by=by,
        made_at_utc=now_utc,
    )


def approve(campaign: Campaign, *, by: StaffId, now_utc: datetime) -> Campaign:
    """Return it approved. Raises SecondPersonNeeded (its maker), Conflict (no draft, or over)."""
    if campaign.state is not CampaignState.DRAFT:
        raise Conflict(status=campaign.state)
    if campaign.made_by == by:
        raise SecondPersonNeeded(campaign_id=campaign.id)
    if now_utc >= campaign.ends_at_utc:
        raise Conflict(reason="window_over")
    return replace(campaign, state=CampaignState.APPROVED, approved_by=by, approved_at_utc=now_utc)


def begin(campaign: Campaign) -> Campaign:
    """Return it running; a running one unchanged. Raises Conflict: not approved, or ended."""
    if campaign.state is CampaignState.RUNNING:
        return campaign
    if campaign.state is not CampaignState.APPROVED:
        raise Conflict(status=campaign.state)
    return replace(campaign, state=CampaignState.RUNNING)


def stop(campaign: Campaign, *, now_utc: datetime) -> Campaign:
    """Return it stopped, for good; a stopped one unchanged. Raises Conflict: it is done."""
    if campaign.state is CampaignState.STOPPED:
        return campaign
    if campaign.state is CampaignState.DONE:
        raise Conflict(status=campaign.state)
    return replace(campaign, state=CampaignState.STOPPED, ended_at_utc=now_utc)


def variant_of(campaign: Campaign, share: float) -> Mapping[str, Any]:
    """Return the variant of a person whose keyed share in [0, 1) is this."""
    assert 0 <= share < 1, share
    until_bp = 0
    for variant in campaign.variants:
        until_bp += variant["share_bp"]
        if share * ALL_BP < until_bp:
            return variant
    raise AssertionError("shares sum to ALL_BP")  # _validate_variants


def variant_coded(campaign: Campaign, code: str) -> Mapping[str, Any]:
    """Return the variant with this code."""
    return next(one for one in campaign.variants if one["code"] == code)


def _known(values: Sequence[str], kind: type[StrEnum], field: str) -> Sequence[str]:
    if any(one not in set(kind) for one in values):
        raise InvalidInput(field=field, allowed=",".join(kind))
    return values


def _validate_variants(
    variants: Sequence[Mapping[str, Any]], channels: Sequence[str]
) -> tuple[dict[str, Any], ...]:
    """Return variants in their normal form. Raises InvalidInput."""
    if not 1 <= len(variants) <= VARIANTS_MAX_COUNT:
        raise InvalidInput(field="variants", min=1, max=VARIANTS_MAX_COUNT)
    clean: list[dict[str, Any]] = []
    for variant in variants:
        code, share_bp = variant.get("code", ""), variant.get("share_bp", 0)
        texts = dict(variant.get("texts", {}))
        if not _is_code(code) or type(share_bp) is not int or share_bp < 1:
            raise InvalidInput(field="variants", allowed="a code, and share_bp above 0")
        if set(texts) != set(channels) or not all(map(_is_code, texts.values())):
            raise InvalidInput(field="texts", allowed="one text id for each channel")
        clean.append({"code": str(code), "share_bp": share_bp, "texts": texts})
    if sum(one["share_bp"] for one in clean) != ALL_BP:
        raise InvalidInput(field="share_bp", allowed=f"a sum of {ALL_BP}")
    if len({one["code"] for one in clean}) != len(clean):
        raise InvalidInput(field="variants", allowed="each code once")
    return tuple(clean)


def _is_code(text: object) -> bool:
    return isinstance(text, str) and _CODE.fullmatch(text) is not None
