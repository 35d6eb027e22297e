"""A bank that tells a receiver, and the worker between them, with clocks that tests turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bank.bootstrap import make_bank
from bank.delivery.siem.channel import Channel
from bank.delivery.siem.sender import make_envelopes, open_channel
from bank.delivery.siem.worker import SiemWorker
from bank.domain.actors import SYSTEM
from bank.domain.outbox import OutboxItem, OutboxKind, OutboxState
from bank.security.vault import AesGcmVault
from bank.services.outbox import Outbox
from bank.services.security_events import SecurityEvents
from bank.storage.memory import MemoryStore
from tests.bank.builders import TurnedClock


@dataclass
class Line:
    """Security events, their outbox and their worker."""

    url: str = "tcp://127.0.0.1:1"
    format_name: str = "ecs"
    ca_file: str = ""
    channel: Channel | None = None
    alarm_waiting: int = 10_000
    max_waiting: int = 200_000
    store: Any = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        self.clock, self.now_s = TurnedClock(), 0.0
        self.bank = make_bank(self.store, clock=self.clock)
        vault = AesGcmVault(self.bank.keyring)
        self.events = SecurityEvents(
            self.store, clock=self.clock, to=self.url,
            outbox=Outbox(self.store, clock=self.clock, vault=vault),
            alarm_waiting=self.alarm_waiting, max_waiting=self.max_waiting,
        )  # fmt: skip
        self.worker = SiemWorker(
            self.store, clock=self.clock, vault=vault,
            channel=self.channel or open_channel(self.url, ca_file=self.ca_file),
            envelopes=make_envelopes(self.url, self.format_name), now_s=lambda: self.now_s,
        )  # fmt: skip

    def report(self, count: int = 1, **about: Any) -> list[str]:
        """Report events and return their ids."""
        told = {"subject": "cu_1", "reason": "wrong_credentials", **about}
        return [self.events.report(SYSTEM, "login_failed", **told).id for _ in range(count)]

    def pass_s(self, seconds: float) -> None:
        self.clock.turn(seconds=seconds)
        self.now_s += seconds

    def run(self, seconds: float = 0.0) -> int:
        """Let time pass, then let the worker do what is due."""
        self.pass_s(seconds)
        return self.worker.run_once()

    def settle(self) -> None:
        """Let the worker believe what lies behind it.

        A real receiver's kernel may take its time to acknowledge what its program has read.
        """
        self.run(3.0)
        until_s = time.monotonic() + 10.0
        while self.items(OutboxState.LEASED) and time.monotonic() < until_s:
            time.sleep(0.02)
            self.run()

    def items(self, state: OutboxState) -> list[OutboxItem]:
        return self.store.read(lambda uow: uow.outbox.list(kind=OutboxKind.SIEM, state=state))

    def until(self, check: Callable[[], bool], *, step_s: float = 30.0, most: int = 500) -> bool:
        """Let the bank's time pass until something is so, and a real receiver have its own."""
        for _ in range(most):
            if check():
                return True
            self.run(step_s)
            time.sleep(0.02)
        return check()
