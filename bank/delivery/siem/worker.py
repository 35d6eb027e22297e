"""The worker of the line to the SIEM: many events at a time, none of them lost with the receiver.

    lease a batch ─▶ write it ─▶ GRACE_S on a line that stayed up, nothing unsent ─▶ sent
         ▲                          │
         └── returned, untried ◀────┘ the line broke: everything not yet believed goes again

At-least-once: what was written before a line broke goes again with the same `event.id`. Events keep
their order while one worker runs; two share the queue by leases, in order each.

A line that is down costs one try at a time with a growing pause, whatever waits behind it, and no
event dies of it. An event that cannot be written at all ends as a dead letter, like any other item.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from bank.delivery.outbox import error_of, lease_due
from bank.delivery.siem.channel import Channel
from bank.delivery.siem.syslog import Envelopes
from bank.domain import outbox as rules
from bank.domain.outbox import OutboxItem, OutboxKind, OutboxState
from bank.domain.security_events import LineCounts, from_json
from bank.ports import Clock, Store, UnitOfWork, Vault

log = structlog.get_logger(__name__)

BATCH_ITEMS = 500
#: Written and not yet believed: more is not leased until the line has proved itself.
MAX_OPEN_ITEMS = 10_000
#: A dead receiver's machine tells within a round trip; a dying one's within this.
GRACE_S = 2.0
PAUSE_FIRST_S = 1.0
PAUSE_MAX_S = 30.0


class SiemWorker:
    """Empties the outbox of security events."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        vault: Vault,
        channel: Channel,
        envelopes: Envelopes,
        counts: LineCounts | None = None,
        now_s: Callable[[], float] = time.monotonic,
        grace_s: float = GRACE_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault
        self._channel = channel
        self._envelopes = envelopes
        self._now_s = now_s
        self._grace_s = grace_s
        self._open: deque[tuple[float, list[OutboxItem]]] = deque()
        self._down_until_s = 0.0
        self._pause_s = PAUSE_FIRST_S
        self.counts = counts or LineCounts()

    def run_once(self) -> int:
        """Believe what may be believed, write what is due; return how many were written."""
        try:
            self._channel.check()
        except OSError as fault:
            if self._open:
                self._break(fault)
            else:  # closed while nothing was on its way: the next event opens it anew
                self._channel.drop()
        self._believe()
        written = 0
        while self._may_write():
            batch = lease_due(
                self._store, (OutboxKind.SIEM,), limit=BATCH_ITEMS, now_utc=self._clock()
            )
            if not batch:
                break
            written += self._write(batch)
        return written

    def close(self) -> None:
        """End the line, and mark what it certainly took; the rest goes again."""
        if self._channel.finish():
            self._mark_sent([item for _, batch in self._open for item in batch])
            self._open.clear()
        else:
            self._give_back()

    def _may_write(self) -> bool:
        open_count = sum(len(batch) for _, batch in self._open)
        return self._now_s() >= self._down_until_s and open_count < MAX_OPEN_ITEMS

    def _write(self, batch: list[OutboxItem]) -> int:
        items, envelopes = self._wrap(batch)
        try:
            self._channel.send(envelopes)
        except OSError as fault:
            self._open.append((self._now_s(), items))
            self._break(fault)
            return 0
        self._open.append((self._now_s(), items))
        self.counts.written += len(items)
        return len(items)

    def _wrap(self, batch: list[OutboxItem]) -> tuple[list[OutboxItem], list[bytes]]:
        """Return the items with their envelopes; what cannot be written is marked as failed."""
        items, envelopes, broken = [], [], []
        for item in batch:
            try:
                assert item.body_enc is not None, item.id
                body = self._vault.open(item.body_enc, place=rules.place_of(item.id))
                envelopes.append(self._envelopes.wrap(from_json(body.decode())))
            except Exception as fault:  # noqa: BLE001  one bad event must not stop those behind it
                error = error_of(fault)
                log.warning("siem.unwritable", item=item.id, error=error)
                now_utc = self._clock()
                broken.append(rules.failed(item, error=error, jitter=0.0, now_utc=now_utc))
            else:
                items.append(item)
        self._save(broken)
        self.counts.shortened = self._envelopes.shortened_count
        return items, envelopes

    def _believe(self) -> None:
        """Mark what was written long enough ago on a line that is up and has nothing unsent."""
        until_s = self._now_s() - self._grace_s
        if not self._open or self._open[0][0] > until_s or not self._channel.is_quiet():
            return
        believed: list[OutboxItem] = []
        while self._open and self._open[0][0] <= until_s:
            believed += self._open.popleft()[1]
        self._mark_sent(believed)
        self._pause_s = PAUSE_FIRST_S

    def _break(self, fault: OSError) -> None:
        self._channel.drop()
        self.counts.breaks += 1
        self._down_until_s = self._now_s() + self._pause_s
        self._pause_s = min(PAUSE_MAX_S, self._pause_s * 2)
        returned = self._give_back()
        log.warning("siem.line_down", error=type(fault).__name__, returned=returned)

    def _give_back(self) -> int:
        items = [item for _, batch in self._open for item in batch]
        self._open.clear()
        self._save([rules.returned(item) for item in items])
        self.counts.returned += len(items)
        return len(items)

    def _mark_sent(self, items: Sequence[OutboxItem]) -> None:
        now_utc = self._clock()
        self._save([rules.sent(item, now_utc=now_utc) for item in items])
        self.counts.believed += len(items)

    def _save(self, items: Sequence[OutboxItem]) -> None:
        """Store what became of leased items, in one write."""

        def work(uow: UnitOfWork) -> None:
            for item in items:
                held: OutboxItem | None = uow.outbox.find(item.id)
                # Another worker may have had it after our lease ran out: sent stays sent.
                if held is not None and held.state is not OutboxState.SENT:
                    uow.outbox.save(item)

        if items:
            self._store.write(work)
