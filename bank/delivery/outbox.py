"""The delivery worker: takes leases on outbox items, sends, and marks what happened.

    lease (one write) ─▶ send (no transaction open) ─▶ sent, or later, or dead (one write)

At-least-once: dying between send and mark sends again, with the same Message-ID. Several
workers may run; a lease belongs to one of them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

import structlog

from bank.domain import outbox as rules
from bank.domain.outbox import OutboxItem, OutboxKind, OutboxState
from bank.ports import Clock, Mailer, Store, UnitOfWork, Vault

log = structlog.get_logger(__name__)

BATCH_ITEMS = 20


class OutboxWorker:
    """Empties the outbox through one adapter per kind."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        vault: Vault,
        mailers: Mapping[OutboxKind, Mailer],
        jitter: random.Random | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault
        self._mailers = mailers
        self._jitter = jitter or random.Random()  # noqa: S311  spreads retries, guards nothing

    def run_once(self, *, limit: int = BATCH_ITEMS) -> int:
        """Try everything that is due, at most `limit`; return how many were accepted."""
        return sum(self._deliver(item) for item in self._lease_due(limit))

    def _lease_due(self, limit: int) -> list[OutboxItem]:
        now_utc = self._clock()
        waiting = (OutboxState.QUEUED, OutboxState.LEASED)
        if not self._store.read(
            lambda uow: uow.outbox.count(state=waiting, due_at_utc__lte=now_utc)
        ):
            return []

        def work(uow: UnitOfWork) -> list[OutboxItem]:
            due = uow.outbox.list(
                order_by="due_at_utc", state=waiting, due_at_utc__lte=now_utc, limit=limit
            )
            leased = [rules.lease(item, now_utc=now_utc) for item in due]
            for item in leased:
                uow.outbox.save(item)
            return leased

        return self._store.write(work)

    def _deliver(self, item: OutboxItem) -> bool:
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
        body = self._vault.open(item.body_enc, place=f"outbox|{item.id}|body").decode()
        mailer.send(to=item.to, subject=item.subject, body=body, message_id=item.message_id)

    def _mark(self, leased: OutboxItem, after: OutboxItem) -> None:
        def work(uow: UnitOfWork) -> None:
            held: OutboxItem | None = uow.outbox.find(leased.id)
            # Another worker may have sent it after our lease ran out: what is sent stays sent.
            if held is not None and held.state is not OutboxState.SENT:
                uow.outbox.save(replace(after, attempts=max(held.attempts, after.attempts)))

        self._store.write(work)


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
