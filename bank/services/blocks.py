"""Blocks: put by people, or by programs within a bound; lifted by people; over by themselves.

    put             a person closes a door
    put_automatic   a program does, on counted evidence: at most so many an hour, never for long
         └ over the bound ─▶ nothing is closed; an alarm, and a case for a person
    active          what is closed now: doors look at it through a copy of a second (web/closed.py)

Every change is one transaction with its audit entry and its security event.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bank.domain import blocks as rules
from bank.domain.actors import Actor
from bank.domain.blocks import Block, BlockKind
from bank.domain.errors import InvalidInput, RateLimited
from bank.domain.ids import make_id
from bank.domain.security_events import SecurityEventKind, clean_details, validate_code
from bank.policies import access
from bank.policies.blocks import lasting, rule_of
from bank.ports import Clock, Store, UnitOfWork
from bank.services.audit import Audit
from bank.services.block_book import BlockBook
from bank.services.cases import Cases
from bank.services.security_events import SecurityEvents

log = structlog.get_logger(__name__)

ACTIVE_MAX = 10_000
LIST_MAX = 200
_HOUR = timedelta(hours=1)


class Blocks:
    """Which doors are closed to whom."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        audit: Audit,
        cases: Cases,
        events: SecurityEvents,
        never: Collection[str] = (),
    ) -> None:
        self._store = store
        self._clock = clock
        self._book = BlockBook(audit=audit, cases=cases, events=events)
        self._never = tuple(ipaddress.ip_network(one, strict=False) for one in never)

    def put(
        self,
        actor: Actor,
        kind: BlockKind | str,
        subject: str,
        *,
        reason: str,
        lasts_s: int | None = None,
        evidence: Mapping[str, Any] | None = None,
    ) -> Block:
        """Close a door by hand; one that is closed already stays so for the longer time.

        subject: an address, or a customer's id. reason: a code.
        Raises NotPermitted, InvalidInput (no such subject, one of the bank's proxies, the time).
        """
        why = access.require(actor, "blocks.put")
        kind, reason = BlockKind(kind), validate_code(reason)
        subject, until = self._checked(kind, subject), lasting(kind, lasts_s, is_automatic=False)
        return self._store.write(
            lambda uow: self._put_in(
                uow, actor, kind, subject, reason=reason, why=why, is_automatic=False,
                until_utc=self._clock() + until, evidence=clean_details(evidence or {}),
            )
        )  # fmt: skip

    def put_automatic(
        self,
        actor: Actor,
        kind: BlockKind | str,
        subject: str,
        *,
        reason: str,
        evidence: Mapping[str, Any],
        lasts_s: int | None = None,
    ) -> Block:
        """Close a door as a program, on something counted; the time is cut to the policy's.

        evidence: at least one whole number above zero. A door that is closed stays as it is.
        Raises NotPermitted, InvalidInput (nothing counted, an address of the bank's own),
        RateLimited (the bound of the hour: a case tells a person).
        """
        why = access.require(actor, "blocks.put_automatic")
        kind, reason = BlockKind(kind), validate_code(reason)
        subject, told = self._checked(kind, subject), clean_details(evidence)
        if not any(isinstance(value, int) and value > 0 for value in told.values()):
            raise InvalidInput(field="evidence", allowed="something counted")
        if kind is not BlockKind.CUSTOMER_STEP_UP and not _is_outside(subject):
            raise InvalidInput(field="subject", allowed="an address outside this machine")
        until = lasting(kind, lasts_s, is_automatic=True)

        def work(uow: UnitOfWork) -> Block | None:
            now_utc = self._clock()
            held = _active_in(uow, kind, subject, now_utc=now_utc)
            if held:
                return held[0]
            if self._hour_in(uow, kind, now_utc) >= rule_of(kind).per_hour:
                self._book.refuse_in(uow, actor, kind, subject, reason=reason, now_utc=now_utc)
                return None
            return self._put_in(
                uow, actor, kind, subject, reason=reason, why=why, is_automatic=True,
                until_utc=now_utc + until, evidence=told,
            )  # fmt: skip

        block = self._store.write(work)
        if block is None:  # said only now: the alarm and the case must be stored
            log.error("blocks.bound_reached", kind=kind.value, per_hour=rule_of(kind).per_hour)
            raise RateLimited(reason="automatic_blocks", retry_after_s=int(_HOUR.total_seconds()))
        return block

    def lift(self, actor: Actor, block_id: str, *, reason: str = "lifted_by_hand") -> Block:
        """Open a door again. Raises NotPermitted, NotFound, Conflict: over."""
        why, reason = access.require(actor, "blocks.lift"), validate_code(reason)

        def work(uow: UnitOfWork) -> Block:
            held: Block = uow.blocks.get(block_id, lock=True)
            lifted = rules.lift(held, by=actor.id, now_utc=self._clock())
            uow.blocks.save(lifted)
            self._book.tell_in(
                uow, actor, SecurityEventKind.UNBLOCKED, lifted, reason=reason, why=why
            )
            return lifted

        return self._store.write(work)

    def active(self, kind: BlockKind | str, subject: str) -> Block | None:
        """Return what closes this door now, a person's before a program's; None when it is open."""
        kind, now_utc = BlockKind(kind), self._clock()
        normal = rules.parse_subject(kind, subject)
        found = self._store.read(lambda uow: _active_in(uow, kind, normal, now_utc=now_utc))
        return min(found, key=lambda one: one.is_automatic, default=None)

    def list_active(self) -> Sequence[Block]:
        """Return everything that is closed now, at most ACTIVE_MAX: for the doors themselves."""
        now_utc = self._clock()
        return self._store.read(
            lambda uow: uow.blocks.list(
                expires_at_utc__gt=now_utc, lifted_at_utc=None, limit=ACTIVE_MAX
            )
        )

    def list(self, actor: Actor, *, only_active: bool = True) -> Sequence[Block]:
        """Return the newest blocks. Raises NotPermitted."""
        access.require(actor, "blocks.list")
        asked: dict[str, Any] = {}
        if only_active:
            asked = {"expires_at_utc__gt": self._clock(), "lifted_at_utc": None}
        return self._store.read(
            lambda uow: uow.blocks.list(order_by="id", descending=True, limit=LIST_MAX, **asked)
        )

    def _checked(self, kind: BlockKind, subject: str) -> str:
        normal = rules.parse_subject(kind, subject)
        if kind is BlockKind.CUSTOMER_STEP_UP:
            return normal
        # Behind a proxy of ours is everybody: closing it would close the bank.
        asked = ipaddress.ip_network(normal)
        if any(asked.version == own.version and asked.overlaps(own) for own in self._never):
            raise InvalidInput(field="subject", allowed="no proxy of the bank")
        return normal

    def _put_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        kind: BlockKind,
        subject: str,
        *,
        reason: str,
        why: str,
        is_automatic: bool,
        until_utc: datetime,
        evidence: dict[str, str | int],
    ) -> Block:
        now_utc = self._clock()
        held = [
            one
            for one in _active_in(uow, kind, subject, now_utc=now_utc)
            if one.is_automatic == is_automatic
        ]
        if held:
            block = rules.prolong(held[0], until_utc=until_utc)
            uow.blocks.save(block)
        else:
            block = Block(
                id=make_id("bk"),
                kind=kind,
                subject=subject,
                reason=reason,
                is_automatic=is_automatic,
                made_by=actor.id,
                at_utc=now_utc,
                expires_at_utc=until_utc,
                lifted_at_utc=None,
                lifted_by=None,
                evidence=evidence,
            )
            uow.blocks.add(block)
        self._book.tell_in(uow, actor, SecurityEventKind.BLOCKED, block, reason=reason, why=why)
        return block

    def _hour_in(self, uow: UnitOfWork, kind: BlockKind, now_utc: datetime) -> int:
        return uow.blocks.count(kind=kind, is_automatic=True, at_utc__gt=now_utc - _HOUR)


def must_step_up_in(uow: UnitOfWork, customer_id: str, *, now_utc: datetime) -> bool:
    """Whether every payment of this customer asks for a code now, however small."""
    return bool(_active_in(uow, BlockKind.CUSTOMER_STEP_UP, customer_id, now_utc=now_utc))


def _active_in(
    uow: UnitOfWork, kind: BlockKind, subject: str, *, now_utc: datetime
) -> Sequence[Block]:
    found: Sequence[Block] = uow.blocks.list(
        kind=kind, subject=subject, expires_at_utc__gt=now_utc, lifted_at_utc=None
    )
    return found


def _is_outside(subject: str) -> bool:
    """Whether this is not the machine itself: its own programs must not be locked out."""
    network = ipaddress.ip_network(subject)
    return not (network.network_address.is_loopback or network.network_address.is_link_local)
