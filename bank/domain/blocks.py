"""Blocks: doors that are closed for a while to an address or asked more of a customer.

    put ──▶ active ──(time)──▶ over          ip                 requests from there are refused
              └──────lift────▶ lifted        rate_limit         … are let through slowly
                                             customer_step_up   every act of money asks for a code

Each ends by itself, says why and on what evidence, and can be taken back. Never on a score alone:
an automatic block needs something that was counted.

Pure: callers pass `now_utc`. How many a program may put in an hour: policies/blocks.toml.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bank.domain.errors import Conflict, InvalidInput
from bank.domain.security_events import parse_ip

#: What one subscriber holds of IPv6 (RFC 6177): a single address of it is changed at will.
IPV6_PREFIX_BITS = 64
#: ::1 and what once stood for IPv4: no subscriber's network.
_NOBODYS = ipaddress.IPv6Network("::/64")


class BlockKind(StrEnum):
    IP = "ip"
    RATE_LIMIT = "rate_limit"
    CUSTOMER_STEP_UP = "customer_step_up"


@dataclass(frozen=True, slots=True)
class Block:
    """One closed door. subject: of `address_subject`, or a customer's id.

    is_automatic: put by a program; staff's own doors ignore those. evidence: counts and ids.
    """

    id: str
    kind: BlockKind
    subject: str
    reason: str
    is_automatic: bool
    made_by: str
    at_utc: datetime
    expires_at_utc: datetime
    lifted_at_utc: datetime | None
    lifted_by: str | None
    evidence: dict[str, str | int]


def address_subject(text: str) -> str:
    """Return what a block of this address is kept under; IPv6 as the subscriber's network.

    >>> address_subject("203.0.113.7"), address_subject("2001:db8:1:2:3::4")
    ('203.0.113.7', '2001:db8:1:2::/64')

    Raises InvalidInput: no address of one machine.
    """
    shortest = parse_ip(text.removesuffix(f"/{IPV6_PREFIX_BITS}"))
    if shortest is None:
        raise InvalidInput(field="subject", allowed="an IP address")
    found = ipaddress.ip_address(shortest)
    if found.is_multicast or found.is_unspecified:
        raise InvalidInput(field="subject", allowed="an address of one machine")
    if isinstance(found, ipaddress.IPv4Address) or found in _NOBODYS:
        return shortest
    return str(ipaddress.ip_network((found, IPV6_PREFIX_BITS), strict=False))


def parse_subject(kind: BlockKind, text: str) -> str:
    """Return the subject in its normal form. Raises InvalidInput."""
    if kind is not BlockKind.CUSTOMER_STEP_UP:
        return address_subject(text)
    if not text.startswith("cu_"):
        raise InvalidInput(field="subject", allowed="the id of a customer")
    return text


def is_active(block: Block, now_utc: datetime) -> bool:
    """Whether the door is closed at this moment."""
    return block.lifted_at_utc is None and now_utc < block.expires_at_utc


def lift(block: Block, *, by: str, now_utc: datetime) -> Block:
    """Return the block as taken back. Raises Conflict: it is over already."""
    if not is_active(block, now_utc):
        raise Conflict(block_id=block.id)
    return replace(block, lifted_at_utc=now_utc, lifted_by=by)


def prolong(block: Block, *, until_utc: datetime) -> Block:
    """Return the block with the later of the two ends: a second reason never shortens it."""
    return replace(block, expires_at_utc=max(block.expires_at_utc, until_utc))
