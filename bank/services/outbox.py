"""The outbox: what is to leave the bank, written in the transaction of its reason.

The worker that empties it is `delivery/outbox.py`; this side only writes and shows.
"""

from __future__ import annotations

from bank.domain import outbox as rules
from bank.domain.actors import Actor, ActorKind
from bank.domain.ids import make_id
from bank.domain.outbox import OutboxItem, OutboxKind, OutboxState, place_of
from bank.domain.staff import Role
from bank.ports import Clock, Store, UnitOfWork, Vault


class Outbox:
    """Things to deliver, their bodies sealed."""

    def __init__(self, store: Store, *, clock: Clock, vault: Vault) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault

    def add_in(
        self, uow: UnitOfWork, *, kind: OutboxKind | str, to: str, subject: str, body: str
    ) -> OutboxItem:
        """Queue one SMS, mail or webhook call in the caller's transaction."""
        item_id, now_utc = make_id("ob"), self._clock()
        item = OutboxItem(
            id=item_id,
            kind=OutboxKind(kind),
            to=to,
            subject=subject,
            body_enc=self._vault.seal(body.encode(), place=place_of(item_id)),
            message_id=f"<{item_id}@florin>",
            state=OutboxState.QUEUED,
            attempts=0,
            created_at_utc=now_utc,
            due_at_utc=now_utc,
        )
        uow.outbox.add(item)
        return item

    def list_dead(self, actor: Actor, *, limit: int = 100) -> list[OutboxItem]:
        """Return what could not be delivered. Supervisors and the bank."""
        if actor.kind is not ActorKind.SYSTEM:
            actor.require_staff(Role.SUPERVISOR)
        return self._store.read(
            lambda uow: uow.outbox.list(state=OutboxState.DEAD, descending=True, limit=limit)
        )

    def retry(self, actor: Actor, item_id: str) -> OutboxItem:
        """Queue a dead letter again. Supervisors and the bank. Raises NotFound, Conflict."""
        if actor.kind is not ActorKind.SYSTEM:
            actor.require_staff(Role.SUPERVISOR)

        def work(uow: UnitOfWork) -> OutboxItem:
            again = rules.requeued(uow.outbox.get(item_id, lock=True), now_utc=self._clock())
            uow.outbox.save(again)
            return again

        return self._store.write(work)

    def count_by_state(self) -> dict[str, int]:
        """Return how many items wait, are under way, sent and dead: for /metrics."""
        return self._store.read(
            lambda uow: {str(state): uow.outbox.count(state=state) for state in OutboxState}
        )
