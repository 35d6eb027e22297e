"""The delivery worker: takes leases on outbox items, sends, and marks what happened.

    lease (one write) ─▶ send (no transaction open) ─▶ sent, or later, or dead (one write)

At-least-once: dying between send and mark sends again, with the same Message-ID. Several
workers may run; a lease belongs to one of them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import product

import structlog

from bank.domain import outbox as rules
from bank.domain.outbox import OutboxItem, OutboxKind, OutboxState
from bank.ports import Clock, Mailer, Store, UnitOfWork, Vault

log = structlog.get_logger(__name__)

BATCH_ITEMS = 20
#: What goes out one by one; events for a SIEM have a worker of their own (siem/worker.py).
LETTERS = tuple(kind for kind in OutboxKind if kind is not OutboxKind.SIEM)


class OutboxWorker:
    """Empties the outbox through one adapter per kind."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        vault: Vault,
        mailers: Mapping[OutboxKind, Mailer],
        on_dead: Callable[[UnitOfWork, OutboxItem], None] | None = None,
        jitter: random.Random | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault
        self._mailers = mailers
        self._on_dead = on_dead
        self._jitter = jitter or random.Random()  # noqa: S311  spreads retries, guards nothing

    def run_once(self, *, limit: int = BATCH_ITEMS) -> int:
        """Try everything that is due, at most `limit`; return how many were accepted."""
        return sum(self._deliver(item) for item in self._lease_due(limit))

    def _lease_due(self, limit: int) -> list[OutboxItem]:
        return lease_due(self._store, LETTERS, limit=limit, now_utc=self._clock())

    def _deliver(self, item: OutboxItem) -> bool:
        # A batch is leased at once and sent one by one; meanwhile a letter may be recalled.
        if self._store.read(lambda uow: uow.outbox.find(item.id)) is None:
            return False
        try:
            self._send(item)
        except Exception as fault:  # noqa: BLE001  whatever an outside service does, the item stays
            error = error_of(fault)
            self._mark(
                item,
                rules.failed(
                    item, error=error, jitter=self._jitter.random(), now_utc=self._clock()
                ),
            )
            log.warning("outbox.failed", item=item.id, attempts=item.attempts, error=error)
            return False
        self._mark(item, rules.sent(item, now_utc=self._clock()))
        return True

    def _send(self, item: OutboxItem) -> None:
        mailer = self._mailers.get(item.kind)
        if mailer is None:
            raise NoAdapter(item.kind)
        assert item.body_enc is not None, item.id
        body = self._vault.open(item.body_enc, place=rules.place_of(item.id)).decode()
        mailer.send(to=item.to, subject=item.subject, body=body, message_id=item.message_id)

    def _mark(self, leased: OutboxItem, after: OutboxItem) -> None:
        def work(uow: UnitOfWork) -> None:
            held: OutboxItem | None = uow.outbox.find(leased.id)
            # Another worker may have sent it after our lease ran out: what is sent stays sent.
            if held is not None and held.state is not OutboxState.SENT:
                uow.outbox.save(replace(after, attempts=max(held.attempts, after.attempts)))
                if after.state is OutboxState.DEAD and self._on_dead is not None:
                    self._on_dead(uow, after)

        self._store.write(work)


def lease_due(
    store: Store, kinds: tuple[OutboxKind, ...], *, limit: int, now_utc: datetime
) -> list[OutboxItem]:
    """Take leases on what is due of these kinds, the longest due first; none writes nothing."""
    if not store.read(lambda uow: _due_in(uow, kinds, limit=1, now_utc=now_utc)):
        return []

    def work(uow: UnitOfWork) -> list[OutboxItem]:
        found = _due_in(uow, kinds, limit=limit, now_utc=now_utc)
        leased = [rules.lease(item, now_utc=now_utc) for item in found]
        for item in leased:
            uow.outbox.save(item)
        return leased

    return store.write(work)


def _due_in(
    uow: UnitOfWork, kinds: tuple[OutboxKind, ...], *, limit: int, now_utc: datetime
) -> list[OutboxItem]:
    # Kind by kind, state by state: each is read off the index in its order, so a line that was
    # down for a day is not sorted anew for every batch.
    found: list[OutboxItem] = [
        item
        for kind, state in product(kinds, (OutboxState.QUEUED, OutboxState.LEASED))
        for item in uow.outbox.list(
            order_by="due_at_utc", kind=kind, state=state, due_at_utc__lte=now_utc, limit=limit
        )
    ]
    return sorted(found, key=lambda item: (item.due_at_utc, item.id))[:limit]


def error_of(fault: BaseException) -> str:
    """Return what is kept of a failed delivery: its kind and a server's code, never its words.

    >>> import smtplib
    >>> error_of(smtplib.SMTPDataError(554, b"no mail for ana@example.org"))
    'SMTPDataError 554'

    The message may quote the body or the recipient.
    """
    codes = [getattr(fault, name, None) for name in ("smtp_code", "code")]
    refused = getattr(fault, "recipients", None)
    if isinstance(refused, dict):
        codes += [answer[0] for answer in refused.values()]
    code = next((one for one in codes if isinstance(one, int)), None)
    return type(fault).__name__ if code is None else f"{type(fault).__name__} {code}"


class NoAdapter(RuntimeError):
    """Nothing here delivers this kind; the item ends as dead and is seen."""
