"""The audit record: every act is appended in the transaction that did it.

`append_in` runs inside the caller's unit of work, so an act and its entry are stored together
or not at all. `anchor` copies the committed head outside the database; the delivery worker
calls it every second, and `verify` compares. What is cut off within that second is what the
anchor cannot show.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from typing import Any

from bank.domain.actors import SYSTEM, Actor, ActorKind
from bank.domain.audit import (
    FIRST_HASH,
    AuditEntry,
    AuditFault,
    AuditHead,
    AuditReport,
    Sign,
    check_link,
    entry_id,
    text_to_sign,
)
from bank.domain.errors import NotFound
from bank.domain.security_events import SecurityEventKind
from bank.domain.staff import Role
from bank.ports import Anchor, Clock, Store, UnitOfWork
from bank.services.security_events import SecurityEvents

HEAD_ID = "head"
_BATCH_ROWS = 1_000
_FAULTS_MAX_COUNT = 100


class Audit:
    """Appends, lists and verifies the chain."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        sign: Sign,
        anchor: Anchor,
        events: SecurityEvents | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._sign = sign
        self._anchor = anchor
        self._events = events

    def append_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        action: str,
        resource: str,
        outcome: str = "done",
        why: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> AuditEntry:
        """Append one entry to the chain in the caller's transaction.

        `action` is `noun.verb` (`card.freeze`), `resource` an id. `details` hold ids and amounts
        only: strings, whole numbers, booleans; never names, texts or codes.
        """
        head = _head_for_update(uow)
        number = head.number + 1 if head else 1
        entry = AuditEntry(
            id=entry_id(number),
            number=number,
            at_utc=self._clock(),
            actor_kind=actor.kind,
            actor_id=actor.id,
            action=action,
            resource=resource,
            outcome=outcome,
            why=why,
            details={key: _plain(value) for key, value in (details or {}).items()},
            previous_hash=head.hash if head else FIRST_HASH,
            hash="",
        )
        entry = _signed(entry, self._sign)
        uow.audit.add(entry)
        after = AuditHead(HEAD_ID, number, entry.hash)
        if head:
            uow.audit_heads.save(after)
        else:
            uow.audit_heads.add(after)
        return entry

    def list(
        self,
        actor: Actor,
        *,
        resource: str | None = None,
        actor_id: str | None = None,
        limit: int = 100,
    ) -> list[AuditEntry]:
        """Return the newest entries. Compliance and the bank itself only. Raises NotPermitted."""
        if actor.kind is not ActorKind.SYSTEM:
            actor.require_staff(Role.COMPLIANCE)
        filters: dict[str, Any] = {"resource": resource, "actor_id": actor_id}
        asked = {name: value for name, value in filters.items() if value is not None}
        return self._store.read(
            lambda uow: uow.audit.list(order_by="number", descending=True, limit=limit, **asked)
        )

    def anchor(self) -> None:
        """Copy the committed head to the anchor."""
        head: AuditHead | None = self._store.read(lambda uow: uow.audit_heads.find(HEAD_ID))
        if head is not None:
            self._anchor.save(head.number, head.hash)

    def verify(self) -> AuditReport:
        """Walk the whole chain and compare it with its head and its anchor.

        What is wrong is told to the security desk. Raises AnchorBroken when the anchor file itself
        was changed.
        """
        try:
            anchored = self._anchor.load()
        except ValueError:  # AnchorBroken is one
            self._tell_broken("anchor", faults_count=1)
            raise
        report = self._store.read(lambda uow: self._verify_in(uow, anchored))
        if not report.ok:
            self._tell_broken(report.faults[0].kind, faults_count=len(report.faults))
        return report

    def _tell_broken(self, reason: str, *, faults_count: int) -> None:
        if self._events is not None:
            self._events.report(
                SYSTEM, SecurityEventKind.AUDIT_BROKEN, subject="audit", reason=reason,
                details={"faults_count": faults_count},
            )  # fmt: skip

    def _verify_in(self, uow: UnitOfWork, anchored: tuple[int, str] | None) -> AuditReport:
        faults: list[AuditFault] = []
        previous_hash, number = FIRST_HASH, 0
        anchored_number, anchored_hash = anchored or (0, FIRST_HASH)
        for entry in _entries(uow):
            number += 1
            fault = check_link(
                entry, expected_number=number, previous_hash=previous_hash, sign=self._sign
            )
            if fault is not None and len(faults) < _FAULTS_MAX_COUNT:
                faults.append(fault)
            # Go on from what is stored, so that one broken entry is one fault, not all after it.
            number, previous_hash = max(number, entry.number), entry.hash
            same = hmac.compare_digest(entry.hash.encode(), anchored_hash.encode())
            if entry.number == anchored_number and not same:
                faults.append(AuditFault(anchored_number, "anchor"))
        if anchored_number > number:
            faults.append(AuditFault(number + 1, "cut_tail"))
        head: AuditHead | None = uow.audit_heads.find(HEAD_ID)
        if (head.number, head.hash) != (number, previous_hash) if head else number > 0:
            faults.append(AuditFault(number, "head"))
        return AuditReport(uow.audit.count(), anchored_number, tuple(faults))


def _head_for_update(uow: UnitOfWork) -> AuditHead | None:
    try:
        head: AuditHead = uow.audit_heads.get(HEAD_ID, lock=True)
    except NotFound:
        return None
    return head


def _entries(uow: UnitOfWork) -> Iterator[AuditEntry]:
    last_id = ""
    while batch := uow.audit.list(order_by="id", limit=_BATCH_ROWS, id__gt=last_id):
        yield from batch
        last_id = batch[-1].id


def _signed(entry: AuditEntry, sign: Sign) -> AuditEntry:
    values = {name: getattr(entry, name) for name in AuditEntry.__slots__}
    return AuditEntry(**{**values, "hash": sign(text_to_sign(entry))})


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None) else str(value)
