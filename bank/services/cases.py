"""Cases: opened by any room, worked by staff, one owner at a time.

    claim     a lease, by compare and set      release, resolve, hand back   gives it up
    take over the owner also speaks in the conversation: same write, so never two or none

Staff see the queues of their roles; to everybody else a case does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bank.domain import cases as rules
from bank.domain.actors import SYSTEM, Actor, ActorKind
from bank.domain.cases import UNRESOLVED, Case, CaseEvent, CaseKind, CaseState, Priority
from bank.domain.errors import Conflict, InvalidInput
from bank.domain.ids import CaseId, ConversationId, CustomerId, StaffId, make_id
from bank.domain.risk import RiskDecision
from bank.domain.staff import Role, StaffMember, StaffState
from bank.policies.escalation import due_at_utc, queues_for, validate_queue
from bank.ports import Clock, Store, UnitOfWork
from bank.services.case_book import CaseBook, queues_of, seen_in
from bank.services.speaking import let_bot_speak, let_staff_speak, speaks_in

TEXT_MAX_CHARS = 4_000


class Cases:
    """The console's work."""

    def __init__(self, store: Store, *, clock: Clock, book: CaseBook) -> None:
        self._store = store
        self._clock = clock
        self._book = book

    def open_in(
        self,
        uow: UnitOfWork,
        *,
        kind: CaseKind | str,
        queue: str,
        subject: str,
        reason_code: str,
        why: str,
        customer_id: str | None = None,
        conversation_id: str | None = None,
        priority: Priority | str = Priority.MEDIUM,
        idempotency_key: str | None = None,
        amount_eur_minor: int | None = None,
        actor: Actor = SYSTEM,
    ) -> Case:
        """Open a case in the caller's transaction. The same key returns the same case.

        `why` and `subject` are read by staff only. Raises InvalidInput (unknown queue).
        """
        if idempotency_key is not None:
            known: Case | None = uow.cases.first(idempotency_key=idempotency_key)
            if known is not None:
                return known
        now_utc = self._clock()
        priority = Priority(priority)
        case = Case(
            id=CaseId(make_id("ca")),
            kind=CaseKind(kind),
            queue=validate_queue(queue),
            state=CaseState.OPEN,
            priority=priority,
            subject=subject,
            reason_code=reason_code,
            why=why[:TEXT_MAX_CHARS],
            customer_id=CustomerId(customer_id) if customer_id else None,
            conversation_id=ConversationId(conversation_id) if conversation_id else None,
            assignee=None,
            lease_until_utc=None,
            version=1,
            opened_at_utc=now_utc,
            due_at_utc=due_at_utc(queue=queue, priority=priority, now_utc=now_utc),
            idempotency_key=idempotency_key,
        )
        uow.cases.add(case)
        self._book.opened_in(uow, actor, case, amount_eur_minor=amount_eur_minor)
        return case

    def open(self, actor: Actor, **about: Any) -> Case:
        """Open a case in its own transaction; see `open_in`. Staff and the bank only."""
        if actor.kind is not ActorKind.SYSTEM:
            actor.require_staff()
        return self._store.write(lambda uow: self.open_in(uow, actor=actor, **about))

    def get(self, actor: Actor, case_id: str) -> Case:
        """Return one case. Raises NotFound, also for queues that are not the actor's."""
        return self._store.read(lambda uow: seen_in(uow, actor, case_id))

    def claim(self, actor: Actor, case_id: str) -> Case:
        """Take a case. Raises CaseNotOwned when somebody was quicker, CaseClosed."""
        return self._store.write(lambda uow: self._claim_in(uow, actor, case_id))

    def release(self, actor: Actor, case_id: str) -> Case:
        """Give a case back to its queue; if the owner was speaking, the bot speaks again."""

        def work(uow: UnitOfWork) -> Case:
            case = self._owned_in(uow, actor, case_id)
            return self._let_go_in(uow, actor, case, "released")

        return self._store.write(work)

    def assign(self, actor: Actor, case_id: str, staff_id: str) -> Case:
        """Put a case into somebody's hands. Supervisors, or the owner passing it on."""

        def work(uow: UnitOfWork) -> Case:
            case = seen_in(uow, actor, case_id, lock=True)
            member: StaffMember | None = uow.staff.find(staff_id)
            if member is None or member.state is not StaffState.ACTIVE:
                raise InvalidInput(field="staff_id")
            if case.queue not in queues_for(frozenset(member.roles)):
                raise InvalidInput(field="staff_id", queue=case.queue)
            now_utc = self._clock()
            if Role.SUPERVISOR not in actor.roles and actor.kind is not ActorKind.SYSTEM:
                rules.check_owner(case, staff_id=actor.require_staff(), now_utc=now_utc)
            given = rules.give(case, staff_id=StaffId(staff_id), now_utc=now_utc)
            if speaks_in(uow, case):
                let_staff_speak(uow, given, now_utc=now_utc, joining=False)
            return self._book.save_in(uow, actor, given, "assigned", data={"staff_id": staff_id})

        return self._store.write(work)

    def note(self, actor: Actor, case_id: str, text: str) -> CaseEvent:
        """Add a private note. It is part of the case, never of the conversation."""
        if not text.strip() or len(text) > TEXT_MAX_CHARS:
            raise InvalidInput(field="text", max_chars=TEXT_MAX_CHARS)

        def work(uow: UnitOfWork) -> CaseEvent:
            case = seen_in(uow, actor, case_id)
            return self._book.record_in(uow, actor, case, "note", text=text)

        return self._store.write(work)

    def resolve(self, actor: Actor, case_id: str, outcome: str, note: str = "") -> Case:
        """Finish a case; if the owner was speaking, the bot speaks again.

        Raises CaseNotOwned, CaseClosed, InvalidInput (no outcome), Conflict (a held payment
        waits: alert_desk.decide).
        """
        return self._store.write(lambda uow: self.resolve_in(uow, actor, case_id, outcome, note))

    def resolve_in(
        self, uow: UnitOfWork, actor: Actor, case_id: str, outcome: str, note: str = ""
    ) -> Case:
        """Finish it in the caller's transaction."""
        if not outcome.strip():
            raise InvalidInput(field="outcome")
        case = self._owned_in(uow, actor, case_id)
        if uow.assessments.count(case_id=case.id, decision=RiskDecision.HOLD, outcome=None):
            raise Conflict(case_id=case.id, undecided="held")
        self._hush_in(uow, case)
        done = rules.resolve(case, outcome=outcome, now_utc=self._clock())
        return self._book.save_in(
            uow, actor, done, "resolved", text=note, data={"outcome": outcome}
        )

    def reopen(self, actor: Actor, case_id: str) -> Case:
        """Put a resolved case back into its queue. Raises Conflict."""

        def work(uow: UnitOfWork) -> Case:
            case = seen_in(uow, actor, case_id, lock=True)
            due = due_at_utc(queue=case.queue, priority=case.priority, now_utc=self._clock())
            return self._book.save_in(uow, actor, rules.reopen(case, due_at_utc=due), "reopened")

        return self._store.write(work)

    def take_over(self, actor: Actor, case_id: str) -> Case:
        """Claim the case and speak in its conversation, in one write.

        Raises CaseNotOwned (somebody holds the case, or speaks there for another case),
        CaseClosed, InvalidInput (the case has no conversation).
        """

        def work(uow: UnitOfWork) -> Case:
            case = self._claim_in(uow, actor, case_id)
            let_staff_speak(uow, case, now_utc=self._clock(), joining=True)
            self._book.record_in(uow, actor, case, "took_over")
            return case

        return self._store.write(work)

    def hand_back(self, actor: Actor, case_id: str, summary: str = "") -> Case:
        """Let the bot speak again. The case stays with its owner until it is resolved."""

        def work(uow: UnitOfWork) -> Case:
            case = self._owned_in(uow, actor, case_id)
            self._hush_in(uow, case)
            self._book.record_in(uow, actor, case, "handed_back", text=summary[:TEXT_MAX_CHARS])
            return case

        return self._store.write(work)

    def wait_for_customer(self, actor: Actor, case_id: str, *, waiting: bool = True) -> Case:
        """Mark that the next step is the customer's (or no longer is)."""

        def work(uow: UnitOfWork) -> Case:
            case = self._owned_in(uow, actor, case_id)
            state = CaseState.WAITING_CUSTOMER if waiting else CaseState.ASSIGNED
            changed = replace(case, state=state, version=case.version + 1)
            return self._book.save_in(uow, actor, changed, str(state))

        return self._store.write(work)

    def keep_in(self, uow: UnitOfWork, conversation_id: str, *, staff_id: StaffId) -> None:
        """Renew the leases of a member of staff who has just written in this conversation."""
        for case in uow.cases.list(
            conversation_id=conversation_id, assignee=staff_id, state=UNRESOLVED
        ):
            uow.cases.save(rules.give(case, staff_id=staff_id, now_utc=self._clock()))

    def adopt_in(self, uow: UnitOfWork, conversation_id: str, *, customer_id: str) -> None:
        """Name the customer in the cases of a chat they have just logged in to."""
        for case in uow.cases.list(conversation_id=conversation_id, customer_id=None):
            owned = replace(case, customer_id=CustomerId(customer_id), version=case.version + 1)
            self._book.save_in(uow, SYSTEM, owned, "customer_known")

    def expire_leases(self, leaves: Callable[[UnitOfWork, Case], None] | None = None) -> int:
        """Return cases nobody works on any more to their queues; returns how many.

        `leaves` runs in the same write for each owner who was speaking: a farewell comes once.
        """
        now_utc = self._clock()

        def work(uow: UnitOfWork) -> int:
            stale = uow.cases.list(state=UNRESOLVED, lease_until_utc__lt=now_utc, limit=100)
            for case in stale:
                if leaves is not None and speaks_in(uow, case):
                    leaves(uow, case)
                self._let_go_in(uow, SYSTEM, case, "lease_over")
            return len(stale)

        return self._store.write(work)

    def _claim_in(self, uow: UnitOfWork, actor: Actor, case_id: str) -> Case:
        staff_id, now_utc = actor.require_staff(), self._clock()
        case = seen_in(uow, actor, case_id, lock=True)
        claimed = rules.claim(case, staff_id=staff_id, now_utc=now_utc)
        if speaks_in(uow, case):  # the lease of whoever spoke is over: the new owner does
            let_staff_speak(uow, claimed, now_utc=now_utc, joining=False)
        if case.assignee == staff_id:
            uow.cases.save(claimed)
            return claimed
        return self._book.save_in(uow, actor, claimed, "claimed")

    def _owned_in(self, uow: UnitOfWork, actor: Actor, case_id: str) -> Case:
        case = seen_in(uow, actor, case_id, lock=True)
        rules.check_owner(case, staff_id=actor.require_staff(), now_utc=self._clock())
        return case

    def _let_go_in(self, uow: UnitOfWork, actor: Actor, case: Case, event: str) -> Case:
        self._hush_in(uow, case)
        return self._book.save_in(uow, actor, rules.let_go(case), event)

    def _hush_in(self, uow: UnitOfWork, case: Case) -> None:
        if speaks_in(uow, case):
            let_bot_speak(uow, case, now_utc=self._clock())

    def events(self, actor: Actor, case_id: str) -> list[CaseEvent]:
        """Return a case's history, oldest first, private notes included."""

        def work(uow: UnitOfWork) -> list[CaseEvent]:
            seen_in(uow, actor, case_id)
            found: list[CaseEvent] = uow.case_events.list(order_by="at_utc", case_id=case_id)
            return found

        return self._store.read(work)

    def list(
        self,
        actor: Actor,
        *,
        queue: str | None = None,
        state: CaseState | str | None = None,
        kind: CaseKind | str | None = None,
        assignee: str | None = None,
        limit: int = 100,
    ) -> list[Case]:
        """Return the cases of the actor's queues, the soonest due first.

        Without a state: everything unresolved. Raises NotPermitted.
        """
        queues = queues_of(actor)
        if queue is not None:
            queues = (queue,) if queue in queues else ()
        if not queues:
            return []
        asked = {"queue": queues, "state": state or UNRESOLVED, "kind": kind, "assignee": assignee}
        filters: Any = {name: value for name, value in asked.items() if value is not None}
        return self._store.read(
            lambda uow: uow.cases.list(order_by="due_at_utc", limit=limit, **filters)
        )
