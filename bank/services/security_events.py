"""Security events: reported with the act they tell about, delivered by the outbox.

    report_in(uow, …) ─▶ one outbox item, in the caller's transaction    (sender: delivery/siem/)
         │ nobody receives: nothing is kept; the audit record has the act anyway
         └ MAX_WAITING events wait already: counted, and told as one event once there is room

A receiver that is down for hours costs disk, so what waits is bounded: from ALARM_WAITING on an
alarm is raised, every minute anew; at MAX_WAITING new events are counted instead of kept. The
count lies in the database and becomes an `events_dropped` event, so no gap is silent.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bank.domain.actors import SYSTEM, Actor, ActorKind
from bank.domain.conversations import Counter
from bank.domain.errors import NotFound
from bank.domain.ids import make_id
from bank.domain.outbox import OutboxItem, OutboxKind, OutboxState
from bank.domain.security_events import (
    DEFAULTS,
    EventOutcome,
    LineCounts,
    SecurityEvent,
    SecurityEventKind,
    clean_details,
    one_line,
    parse_ip,
    to_json,
    validate_event,
)
from bank.ports import Clock, Store, UnitOfWork
from bank.services.outbox import Outbox
from bank.services.purging import purge

log = structlog.get_logger(__name__)

ALARM_WAITING = 10_000
MAX_WAITING = 200_000
#: Delivered events are kept for so long, to look at; their bodies are wiped.
KEEP_SENT = timedelta(days=1)
DROPPED_ID = "siem_dropped"
_WAITING = (OutboxState.QUEUED, OutboxState.LEASED)
_COUNT_EVERY = timedelta(seconds=1)
_ALARM_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SiemQueue:
    """What /metrics shows of the way to the receiver."""

    waiting_count: int
    dead_count: int
    dropped_count: int


class SecurityEvents:
    """Tells a receiver of the bank's security desk what happens here."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        outbox: Outbox,
        to: str = "",
        alarm_waiting: int = ALARM_WAITING,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._store = store
        self._clock = clock
        self._outbox = outbox
        self._to = to
        self._max_waiting = max_waiting
        #: Of this process's own line, where it has one (delivery/siem/worker.py).
        self.line = LineCounts()
        self._backlog = _Backlog(alarm_waiting=alarm_waiting, max_waiting=max_waiting)

    def __bool__(self) -> bool:
        """Whether anybody receives."""
        return bool(self._to)

    def report_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        kind: SecurityEventKind | str,
        *,
        subject: str,
        reason: str,
        severity: int | None = None,
        outcome: EventOutcome | str | None = None,
        customer_id: str | None = None,
        conversation_id: str | None = None,
        source_ip: str | None = None,
        case_id: str | None = None,
        technique: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> SecurityEvent | None:
        """Report in the caller's transaction. Returns None when nobody receives, or no room is.

        subject: the id of what it was done to. reason: a code. severity, outcome: the kind's own
        unless given. customer_id, conversation_id: the actor's unless given. source_ip: dropped
        when it is no address. details: names of small letters; whole numbers, ids, codes.
        Raises InvalidInput.
        """
        if not self._to:
            return None
        kind = SecurityEventKind(kind)
        if customer_id is None and actor.kind is ActorKind.CUSTOMER:
            customer_id = actor.id
        usual_severity, usual_outcome = DEFAULTS[kind]
        event = validate_event(
            SecurityEvent(
                id=make_id("sv"),
                at_utc=self._clock(),
                kind=kind,
                severity=usual_severity if severity is None else severity,
                outcome=EventOutcome(outcome or usual_outcome),
                actor_kind=actor.kind.value,
                actor_id=actor.id,
                customer_id=customer_id,
                conversation_id=conversation_id or actor.conversation_id,
                source_ip=parse_ip(source_ip),
                subject=one_line(subject),
                reason=reason,
                case_id=case_id,
                technique=technique,
                details=clean_details(details or {}),
            )
        )
        # The notice of a gap is one item, and is never what fills it.
        has_room = kind is SecurityEventKind.EVENTS_DROPPED or self._backlog.take(
            event.at_utc, lambda: _count_in(uow)
        )
        if not has_room:
            _count_dropped_in(uow)
            return None
        self._outbox.add_in(
            uow, kind=OutboxKind.SIEM, to=self._to, subject=event.kind, body=to_json(event)
        )
        return event

    def report(
        self, actor: Actor, kind: SecurityEventKind | str, **about: Any
    ) -> SecurityEvent | None:
        """Report in a write of its own; see `report_in`. Nothing is written for nobody."""
        if not self._to:
            return None
        return self._store.write(lambda uow: self.report_in(uow, actor, kind, **about))

    def tell_dead_in(self, uow: UnitOfWork, item: OutboxItem) -> None:
        """Report an item that could not be delivered, in the write that lets it die."""
        self.report_in(
            uow, SYSTEM, SecurityEventKind.DEAD_LETTER, subject=item.id, reason=item.kind.value,
            details={"error": item.last_error or ""},
        )  # fmt: skip

    def tell_dropped(self) -> int:
        """Report how many events were counted instead of kept, once there is room again."""
        queue = self.queue() if self._to else None
        if queue is None or not queue.dropped_count or queue.waiting_count >= self._max_waiting:
            return 0

        def work(uow: UnitOfWork) -> int:
            counter: Counter = uow.counters.get(DROPPED_ID, lock=True)
            if counter.value:
                self.report_in(
                    uow, SYSTEM, SecurityEventKind.EVENTS_DROPPED, subject="siem",
                    reason="no_room", details={"dropped_count": counter.value},
                )  # fmt: skip
                uow.counters.save(Counter(DROPPED_ID, 0))
            return counter.value

        return self._store.write(work)

    def queue(self) -> SiemQueue:
        """Return what waits, died and was dropped: for /metrics and `florin outbox`."""

        def work(uow: UnitOfWork) -> SiemQueue:
            counter: Counter | None = uow.counters.find(DROPPED_ID)
            return SiemQueue(
                waiting_count=uow.outbox.count(kind=OutboxKind.SIEM, state=_WAITING),
                dead_count=uow.outbox.count(kind=OutboxKind.SIEM, state=OutboxState.DEAD),
                dropped_count=counter.value if counter else 0,
            )

        return self._store.read(work)

    def purge(self) -> int:
        """Forget events that were delivered a day ago. Returns how many."""
        until = self._clock() - KEEP_SENT
        return purge(
            self._store, "outbox", kind=OutboxKind.SIEM, state=OutboxState.SENT,
            due_at_utc__lt=until,
        )  # fmt: skip


class _Backlog:
    """How many wait: counted once a second, in between what this process has added."""

    def __init__(self, *, alarm_waiting: int, max_waiting: int) -> None:
        self._alarm_waiting = alarm_waiting
        self._max_waiting = max_waiting
        self._lock = threading.Lock()
        self._waiting = 0
        self._counted_at_utc: datetime | None = None
        self._alarmed_at_utc: datetime | None = None

    def take(self, now_utc: datetime, count: Callable[[], int]) -> bool:
        """Return whether there is room for one more, and take it. Raises the alarm."""
        with self._lock:
            before = self._counted_at_utc
            if before is None or not timedelta(0) <= now_utc - before < _COUNT_EVERY:
                self._waiting, self._counted_at_utc = count(), now_utc
            self._waiting += 1
            waiting = self._waiting
            if waiting > self._alarm_waiting:
                self._alarm(now_utc, waiting)
            return waiting <= self._max_waiting

    def _alarm(self, now_utc: datetime, waiting: int) -> None:
        before = self._alarmed_at_utc
        if before is None or now_utc - before >= _ALARM_EVERY:
            self._alarmed_at_utc = now_utc
            log.error("siem.backlog", waiting=waiting, most=self._max_waiting)


def _count_in(uow: UnitOfWork) -> int:
    return uow.outbox.count(kind=OutboxKind.SIEM, state=_WAITING)


def _count_dropped_in(uow: UnitOfWork) -> None:
    try:
        counter: Counter = uow.counters.get(DROPPED_ID, lock=True)
    except NotFound:
        uow.counters.add(Counter(DROPPED_ID, 1))
    else:
        uow.counters.save(Counter(DROPPED_ID, counter.value + 1))
