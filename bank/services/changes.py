"""The feed of changes: what pages poll to know that something is new.

A change holds ids and numbers, never a text: whoever reads the feed still has to ask for the
thing itself, and is checked there. Numbers are given inside the transaction from one counter
row, so a reader who has seen `n` has seen everything up to `n`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bank.domain.conversations import Change, ChangeKind, Counter
from bank.domain.errors import NotFound
from bank.ports import Clock, Store, UnitOfWork

COUNTER_ID = "changes"
KEEP_S = 3_600


def note_change(
    uow: UnitOfWork,
    kind: ChangeKind,
    *,
    at_utc: datetime,
    conversation_id: str | None = None,
    case_id: str | None = None,
    customer_id: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Add a change to the feed, in the caller's transaction."""
    try:
        counter: Counter = uow.counters.get(COUNTER_ID, lock=True)
        number = counter.value + 1
        uow.counters.save(Counter(COUNTER_ID, number))
    except NotFound:
        number = 1
        uow.counters.add(Counter(COUNTER_ID, number))
    uow.changes.add(
        Change(
            id=f"cg_{number:012d}",
            number=number,
            kind=kind,
            at_utc=at_utc,
            conversation_id=conversation_id,
            case_id=case_id,
            customer_id=customer_id,
            data=dict(data or {}),
        )
    )


class Changes:
    """Reads the feed, and forgets its old end."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def newest(self) -> int:
        """Return the number of the newest change; 0 when there is none."""
        counter: Counter | None = self._store.read(lambda uow: uow.counters.find(COUNTER_ID))
        return counter.value if counter else 0

    def after(self, number: int, *, limit: int = 500) -> list[Change]:
        """Return the changes after `number`, oldest first. One row is read when there are none."""

        def work(uow: UnitOfWork) -> list[Change]:
            counter: Counter | None = uow.counters.find(COUNTER_ID)
            if counter is None or counter.value <= number:
                return []
            found: list[Change] = uow.changes.list(
                order_by="number", number__gt=number, limit=limit
            )
            return found

        return self._store.read(work)

    def trim(self) -> int:
        """Forget changes older than KEEP_S: pages catch up from the history, not from here."""
        until = self._clock() - timedelta(seconds=KEEP_S)

        def work(uow: UnitOfWork) -> int:
            old = uow.changes.list(order_by="number", at_utc__lt=until, limit=1_000)
            for change in old:
                uow.changes.remove(change.id)
            return len(old)

        return self._store.write(work)
