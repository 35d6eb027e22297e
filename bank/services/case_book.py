"""What every change of a case leaves: an event, an audit entry, a line in the feed.

And who sees a case: the queues of one's roles; to everybody else it does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bank.domain.actors import Actor, ActorKind
from bank.domain.cases import Case, CaseEvent, CaseKind
from bank.domain.conversations import ChangeKind
from bank.domain.errors import NotFound
from bank.domain.ids import make_id
from bank.domain.security_events import SecurityEventKind
from bank.domain.staff import Role
from bank.policies.escalation import queues_for
from bank.ports import Clock, UnitOfWork
from bank.services.audit import Audit
from bank.services.changes import note_change
from bank.services.desk_mails import DeskMails
from bank.services.security_events import SecurityEvents

_EVENTS = {
    "opened": SecurityEventKind.CASE_OPENED,
    "resolved": SecurityEventKind.CASE_RESOLVED,
}


class CaseBook:
    """Stores cases and their history, in the caller's transaction."""

    def __init__(
        self, *, clock: Clock, audit: Audit, events: SecurityEvents,
        desk_mails: DeskMails | None = None,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._audit = audit
        self._events = events
        self._desk_mails = desk_mails

    def opened_in(
        self, uow: UnitOfWork, actor: Actor, case: Case, *, amount_eur_minor: int | None = None
    ) -> None:
        """Record that a case was opened; the compliance team hears of alerts."""
        self.record_in(uow, actor, case, "opened", data={"reason_code": case.reason_code})
        if self._desk_mails is not None:
            self._desk_mails.tell_in(uow, case, amount_eur_minor=amount_eur_minor)

    def save_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        case: Case,
        event: str,
        *,
        text: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> Case:
        uow.cases.save(case)
        self.record_in(uow, actor, case, event, text=text, data=data)
        return case

    def record_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        case: Case,
        event: str,
        *,
        text: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> CaseEvent:
        line = CaseEvent(
            id=make_id("ce"),
            case_id=case.id,
            at_utc=self._clock(),
            actor_kind=actor.kind,
            actor_id=actor.id,
            kind=event,
            text=text,
            data=dict(data or {}),
        )
        uow.case_events.add(line)
        self._audit.append_in(uow, actor, f"case.{event}", case.id, details=data)
        self._report_in(uow, actor, case, event)
        note_change(
            uow,
            ChangeKind.CASE,
            at_utc=line.at_utc,
            case_id=case.id,
            conversation_id=case.conversation_id,
            customer_id=case.customer_id,
            data={"event": event, "state": case.state, "queue": case.queue},
        )
        return line

    def _report_in(self, uow: UnitOfWork, actor: Actor, case: Case, event: str) -> None:
        """Tell the security desk of alerts; other work of staff is none of its business."""
        kind = _EVENTS.get(event)
        if kind is None or case.kind is not CaseKind.ALERT:
            return
        told = {"queue": case.queue, "priority": case.priority.value}
        if case.outcome:
            told["case_outcome"] = case.outcome
        self._events.report_in(
            uow, actor, kind, subject=case.id, reason=case.reason_code, case_id=case.id,
            customer_id=case.customer_id, conversation_id=case.conversation_id, details=told,
        )  # fmt: skip


def queues_of(actor: Actor) -> tuple[str, ...]:
    """Return the queues this actor works in. Raises NotAuthenticated, NotPermitted."""
    if actor.kind is ActorKind.SYSTEM:
        return queues_for(frozenset({Role.SUPERVISOR}))
    actor.require_staff()
    return queues_for(actor.roles)


def seen_in(uow: UnitOfWork, actor: Actor, case_id: str, *, lock: bool = False) -> Case:
    """Return a case of the actor's queues. Raises NotFound."""
    case: Case = uow.cases.get(case_id, lock=lock)
    if case.queue not in queues_of(actor):
        raise NotFound(table="cases")
    return case
