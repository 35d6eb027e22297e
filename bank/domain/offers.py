"""Offers: what was shown to whom in a conversation, and what they said to it.

    shown ──"tell me more"────▶ interested
      └────"not interested"───▶ not_interested      for good: that product never again

One row a showing. It is made in the write that takes the message from its campaign, so what was
not written down was not said. "Not interested" may come late, or after "tell me more"; it is
always believed. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bank.domain.ids import CustomerId


class OfferReply(StrEnum):
    """What a customer says to an offer."""

    INTERESTED = "interested"
    NOT_INTERESTED = "not_interested"


@dataclass(frozen=True, slots=True)
class OfferAnswer:
    """One showing. `id` is that of the campaign's send; `segment`: what its chance was read by."""

    id: str
    customer_id: CustomerId
    conversation_id: str
    campaign_id: str
    offer: str
    product: str
    segment: str
    shown_at_utc: datetime
    answer: OfferReply | None = None
    answered_at_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfferlessTalk:
    """A conversation in which nothing is offered; why is nobody's business, and is not kept."""

    id: str
    closed_at_utc: datetime


@dataclass(frozen=True, slots=True)
class Rate:
    """How an offer did among people like this: shown so often, and so often wanted."""

    shown: int = 0
    wanted: int = 0


def answered(held: OfferAnswer, reply: OfferReply, *, now_utc: datetime) -> OfferAnswer:
    """Return it answered. Twice is once; after "not interested" nothing changes any more."""
    if held.answer in (reply, OfferReply.NOT_INTERESTED):
        return held
    return replace(held, answer=reply, answered_at_utc=now_utc)
