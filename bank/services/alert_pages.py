"""Alert pages: all a person needs to decide one alert, in one look.

    assessments · what is still held · the timeline · counterparties · lines that were noticed

To whoever does not work the queue the alert does not exist. Every look is in the audit record.
What a person decides then: alert_desk.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bank.domain.actors import Actor
from bank.domain.cases import Case, CaseKind
from bank.domain.errors import NotFound
from bank.domain.risk import Assessment, RiskNote, RiskSource
from bank.domain.transfers import Transfer
from bank.policies import access
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.alert_timeline import Timeline, timeline_in
from bank.services.case_book import seen_in
from bank.services.counterparties import PaymentGraph, graph_in

FLAGS_MOST = 200


@dataclass(frozen=True, slots=True)
class Flag:
    """What was noticed in one line of the chat. spans: (start, end) in its characters."""

    seq: int
    code: str
    sentence: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class AlertPage:
    """One alert. transfers: by id, those of the assessments that are still known."""

    case: Case
    assessments: Sequence[Assessment]
    transfers: Mapping[str, Transfer]
    timeline: Timeline | None
    graph: PaymentGraph
    flags: Sequence[Flag]
    may_decide: bool
    may_draft: bool

    @property
    def waits(self) -> bool:
        """Whether something of it has not been decided."""
        return any(one.outcome is None for one in self.assessments)


class AlertPages:
    """One page an alert."""

    def __init__(self, store: Store, *, clock: Clock, audit: Auditor) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    def open(self, actor: Actor, case_id: str) -> AlertPage:
        """Return the page, and write down that it was looked at.

        Raises NotAuthenticated, NotPermitted, NotFound (also for a case that is no alert).
        """
        reason = access.require(actor, "alerts.view")

        def work(uow: UnitOfWork) -> AlertPage:
            page = self.read_in(uow, actor, case_id)
            self._audit.append_in(uow, actor, "alert.view", page.case.id, "done", reason, {})
            return page

        return self._store.write(work)

    def read_in(self, uow: UnitOfWork, actor: Actor, case_id: str) -> AlertPage:
        """Return the page in the caller's unit of work, which notes who looks. Raises NotFound."""
        case = seen_in(uow, actor, case_id)
        if case.kind is not CaseKind.ALERT:
            raise NotFound(table="cases")
        seen: list[Assessment] = uow.assessments.list(case_id=case.id)
        found = [uow.transfers.find(one.subject_id) for one in seen]
        now_utc = self._clock()
        customer_id = case.customer_id
        return AlertPage(
            case=case,
            assessments=seen,
            transfers={one.id: one for one in found if one is not None},
            timeline=timeline_in(
                uow, customer_id, around_utc=case.opened_at_utc, now_utc=now_utc,
                asked_ids={one.subject_id for one in seen},
            )
            if customer_id
            else None,
            graph=graph_in(uow, customer_id, seen, now_utc=now_utc)
            if customer_id
            else PaymentGraph(),
            flags=_flags(uow, case),
            may_decide=access.decide(actor, "alerts.decide").allowed,
            may_draft=access.decide(actor, "sar.draft").allowed,
        )  # fmt: skip


def _flags(uow: UnitOfWork, case: Case) -> list[Flag]:
    """Return what was noticed in the lines of this case's conversation, while it is remembered."""
    if case.customer_id is None or case.conversation_id is None:
        return []
    notes: list[RiskNote] = uow.risk_notes.list(
        customer_id=case.customer_id, order_by="id", descending=True, limit=FLAGS_MOST
    )
    return [
        Flag(
            seq=int(one.evidence["seq"]),
            code=one.code,
            sentence=one.sentence,
            spans=tuple((int(start), int(end)) for start, end in one.evidence.get("spans", ())),
        )
        for one in reversed(notes)
        if one.source is RiskSource.CONVERSATION
        and one.conversation_id == case.conversation_id
        and isinstance(one.evidence.get("seq"), int)
    ]
