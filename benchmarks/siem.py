"""Security events: how fast they are written, how soon and how surely they arrive.

    python -m benchmarks.siem [--down-s 60] [--seconds 20]

Formats: events of 200 shapes, CPU seconds of this process. Arrival: a bank over SQLite, its worker
thread as in the branch, and Debian's rsyslogd on loopback writing to a file that is looked at every
5 ms (where there is none, the tests' own receiver). Then the receiver is away for `--down-s` real
seconds, once killed and once ended, while events go on: each must be there afterwards, told by
`event.id`; a copy is an event that went twice because its first arrival could not be known.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bank.bootstrap import Bank, open_bank
from bank.delivery.siem.cef import format_cef
from bank.delivery.siem.ecs import format_ecs
from bank.delivery.siem.syslog import Envelopes
from bank.domain.actors import SYSTEM
from bank.domain.outbox import OutboxKind, OutboxState
from bank.domain.security_events import (
    DEFAULTS,
    SecurityEvent,
    SecurityEventKind,
    clean_details,
)
from bank.settings import Settings
from bank.worker import Duty, Worker, make_siem_worker
from tests.bank.delivery.siem.certificates import write_authority
from tests.bank.delivery.siem.receivers import FakeReceiver, Receiver, Rsyslog, wait_until

SHAPES, FORMATTED, PASSES = 200, 100_000, 5
EVENTS_PER_S = 20


def shapes() -> list[SecurityEvent]:
    """Return events as different as they come: with and without each optional part."""
    chance = random.Random(7)
    kinds = list(SecurityEventKind)
    made = []
    for number in range(SHAPES):
        kind = kinds[number % len(kinds)]
        severity, outcome = DEFAULTS[kind]

        def perhaps(text: str) -> str | None:
            return text if chance.random() < 0.6 else None

        details = {f"name_{place}": chance.randrange(10**6) for place in range(number % 5)}
        made.append(
            SecurityEvent(
                id=f"sv_{number:020d}", at_utc=datetime.now(UTC), kind=kind, severity=severity,
                outcome=outcome, actor_kind="system", actor_id="system",
                customer_id=perhaps(f"cu_{number:020d}"),
                conversation_id=perhaps(f"cv_{number:020d}"),
                source_ip=perhaps("203.0.113.7"), subject=f"tr_{number:020d}",
                reason="password_spraying", case_id=perhaps(f"ca_{number:020d}"),
                technique=perhaps("T1110.003"),
                details=clean_details({**details, "path": "/api?x=1"} if number % 4 else details),
            )
        )  # fmt: skip
    return made


def per_cpu_s(work: Callable[[SecurityEvent], object], events: list[SecurityEvent]) -> int:
    """Return how many events a CPU second writes: the best of PASSES, others disturb it."""
    best = 0.0
    for _ in range(PASSES):
        began = time.process_time()
        for _ in range(FORMATTED // len(events)):
            for event in events:
                work(event)
        best = max(best, FORMATTED / (time.process_time() - began))
    return round(best)


class Branch:
    """A bank over SQLite with the worker of its line, and a receiver."""

    def __init__(self, folder: Path, scheme: str, format_name: str = "ecs") -> None:
        self.folder = folder
        authority = write_authority(folder)
        kind = Rsyslog if Rsyslog.find() else FakeReceiver
        self.receiver: Receiver = kind(scheme, folder)
        self.receiver.start()
        settings = Settings(
            _env_file=None, home_dir=folder / "home", siem_url=self.receiver.url,
            siem_format=format_name, siem_ca_file=str(authority),
        )  # type: ignore[call-arg]  # fmt: skip
        self.bank: Bank = open_bank(settings)
        line = make_siem_worker(self.bank, settings)
        assert line is not None
        self.line = line
        self.worker = Worker([Duty("siem", 0.3, line.run_once, lane="siem")], at_end=[line.close])
        self.worker.start()
        self.reported_at_s: dict[str, float] = {}

    def report(self, seconds: float) -> None:
        """Report EVENTS_PER_S for so long, each in a transaction of its own."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            at_s = time.time()
            event = self.bank.security_events.report(
                SYSTEM, SecurityEventKind.THREAT_LOGIN, subject="cu_1", reason="spraying",
                source_ip="203.0.113.7", technique="T1110.003", details={"names_count": 40},
            )  # fmt: skip
            assert event is not None
            self.reported_at_s[event.id] = at_s
            time.sleep(1 / EVENTS_PER_S)

    def arrived(self) -> list[str]:
        return self.receiver.ids()

    def close(self) -> None:
        self.worker.stop()
        self.receiver.stop()
        self.bank.store.close()


def arrival(scheme: str, format_name: str, seconds: float) -> list[str]:
    """Return a row: how long from the event to the receiver's stamp."""
    with tempfile.TemporaryDirectory() as name:
        branch = Branch(Path(name), scheme, format_name)
        seen: dict[str, float] = {}
        done = threading.Event()

        def watch() -> None:
            while not done.is_set():
                now_s = time.time()
                for event_id in branch.arrived()[len(seen) :]:
                    seen.setdefault(event_id, now_s)
                time.sleep(0.005)

        watcher = threading.Thread(target=watch)
        watcher.start()
        branch.report(seconds)
        reported = branch.reported_at_s
        wait_until(lambda: len(seen) >= len(reported), timeout_s=10)
        done.set()
        watcher.join()
        branch.close()
        waits_s = sorted(seen[one] - reported[one] for one in reported if one in seen)
        lost = len(reported) - len(waits_s)
        p50, p99 = (waits_s[int(len(waits_s) * share)] for share in (0.5, 0.99))
        kind = type(branch.receiver).__name__
        return [
            f"{scheme}, {format_name}", kind, f"{len(reported):,}", f"{lost}",
            f"{p50:.2f} / {p99:.2f} s",
        ]  # fmt: skip


def outage(scheme: str, down_s: float, *, killed: bool) -> list[str]:
    """Return a row: what arrived of all events around a receiver that was away."""
    with tempfile.TemporaryDirectory() as name:
        branch = Branch(Path(name), scheme)
        branch.report(5)
        if killed and isinstance(branch.receiver, Rsyslog):
            branch.receiver.kill()
        else:
            branch.receiver.stop()
        branch.report(down_s)
        waiting = _count(branch.bank, OutboxState.QUEUED, OutboxState.LEASED)
        before = set(branch.reported_at_s)
        branch.receiver.start()
        back_s = time.monotonic()
        wait_until(lambda: set(branch.arrived()) >= before, timeout_s=90)
        took_s = time.monotonic() - back_s
        branch.report(5)
        ids = set(branch.reported_at_s)
        wait_until(lambda: set(branch.arrived()) >= ids, timeout_s=30)
        wait_until(lambda: not _count(branch.bank, OutboxState.LEASED), timeout_s=15)
        copies = sum(count - 1 for count in Counter(branch.arrived()).values())
        dead = _count(branch.bank, OutboxState.DEAD)
        lost = len(ids - set(branch.arrived()))
        branch.close()
        return [
            f"{scheme}, {'killed' if killed else 'ended'}", f"{down_s:.0f} s",
            f"{len(ids):,}", f"{waiting:,}", f"{lost}", f"{dead}", f"{copies}",
            f"{took_s:.1f} s",
        ]  # fmt: skip


def _count(bank: Bank, *states: OutboxState) -> int:
    return bank.store.read(lambda uow: uow.outbox.count(kind=OutboxKind.SIEM, state=states))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--down-s", type=float, default=60.0, help="how long the receiver is away")
    parser.add_argument("--seconds", type=float, default=20.0, help="of events, for arrival")
    options = parser.parse_args()
    # The line's own warnings are not rows of a table.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    events, envelopes = shapes(), Envelopes(format_ecs)
    print("### Written, events a CPU second\n\n| form | events per CPU second |\n|---|---|")
    for name, work in (
        ("CEF", format_cef),
        ("ECS", format_ecs),
        ("ECS in its RFC 5424 envelope", envelopes.wrap),
    ):
        print(f"| {name} | {per_cpu_s(work, events):,} |", flush=True)
    print("\n### From the event to the receiver\n")
    print("| line | receiver | events | lost | p50 / p99 |\n|---|---|---|---|---|")
    for scheme, format_name in (("udp", "cef"), ("tcp", "ecs"), ("tls", "ecs")):
        print(f"| {' | '.join(arrival(scheme, format_name, options.seconds))} |", flush=True)
    print("\n### The receiver is away\n")
    print("| line | away | events | waiting then | lost | dead | copies | all there after |")
    print("|---|---|---|---|---|---|---|---|")
    for scheme, killed in (("tcp", True), ("tls", False)):
        row = outage(scheme, options.down_s, killed=killed)
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
