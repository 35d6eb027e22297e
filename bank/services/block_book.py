"""What every change of a block leaves: an audit entry, an event; a case when it was refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bank.domain.actors import Actor
from bank.domain.blocks import Block, BlockKind
from bank.domain.cases import CaseKind, Priority
from bank.domain.security_events import SecurityEventKind
from bank.policies.blocks import rule_of
from bank.policies.escalation import queue_of
from bank.ports import UnitOfWork
from bank.services.audit import Audit
from bank.services.cases import Cases
from bank.services.security_events import SecurityEvents


class BlockBook:
    """Writes down what became of blocks, in the caller's transaction."""

    def __init__(self, *, audit: Audit, cases: Cases, events: SecurityEvents) -> None:
        self._audit = audit
        self._cases = cases
        self._events = events

    def tell_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        event: SecurityEventKind,
        block: Block,
        *,
        reason: str,
        why: str,
    ) -> None:
        """Write down a block that was put or lifted. why: what allowed the actor to."""
        told: dict[str, str | int] = {
            "block_id": block.id,
            "kind": block.kind.value,
            "is_automatic": block.is_automatic,
            "expires_at_utc": block.expires_at_utc.isoformat(timespec="seconds"),
        }
        verb = "put" if event is SecurityEventKind.BLOCKED else "lift"
        self._audit.append_in(
            uow, actor, f"block.{verb}", block.subject, "done", why, {**told, "reason": reason}
        )
        self._report_in(
            uow, actor, event, block.kind, block.subject, reason=reason,
            details={**told, **block.evidence},
        )  # fmt: skip

    def refuse_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        kind: BlockKind,
        subject: str,
        *,
        reason: str,
        now_utc: datetime,
    ) -> None:
        """Leave the decision to a person: one case an hour, an event each time."""
        bound = rule_of(kind).per_hour
        case = self._cases.open_in(
            uow,
            kind=CaseKind.ALERT,
            queue=queue_of(CaseKind.ALERT),
            subject=f"More automatic blocks than {bound} an hour ({kind.value})",
            reason_code="blocks_bound",
            why=f"The bound was first met with {subject} ({reason}). Nothing more is closed by "
            "itself until the hour is over; a person may close more.",
            priority=Priority.URGENT,
            idempotency_key=f"blocks_bound:{kind.value}:{now_utc:%Y%m%d%H}",
        )
        self._audit.append_in(
            uow, actor, "block.refuse", subject, "refused", reason, {"kind": kind.value}
        )
        self._report_in(
            uow, actor, SecurityEventKind.BLOCK_REFUSED, kind, subject, reason=reason,
            case_id=case.id, details={"kind": kind.value, "per_hour": bound},
        )  # fmt: skip

    def _report_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        event: SecurityEventKind,
        kind: BlockKind,
        subject: str,
        **about: Any,
    ) -> None:
        is_customer = kind is BlockKind.CUSTOMER_STEP_UP
        self._events.report_in(
            uow, actor, event, subject=subject,
            customer_id=subject if is_customer else None,
            source_ip=None if is_customer else subject.partition("/")[0],
            **about,
        )  # fmt: skip
