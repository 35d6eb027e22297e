"""Load, kill, start again: N transfers by 32 clients while the server dies at random times.

A client asks with one key until it is answered, whatever happens to the server in between;
some answers it asks for once more, at once and after the last restart, to compare the bodies.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bank.bootstrap import make_bank
from bank.domain.accounts import AccountKind, InternalRole
from bank.domain.actors import SYSTEM
from bank.domain.ledger import Category, TransactionKind
from bank.domain.money import Money
from bank.services.ledger import book_in
from bank.storage.database import open_store
from bank.storage.migrate import upgrade
from benchmarks.chaos.checks import count_violations

CUSTOMERS = 40
BEGAN_MINOR = 10_000_000
REPLAY_SHARE = 0.05
REPLAYS_AT_END = 500
CLIENTS = 32
GIVE_UP_S = 120.0


@dataclass
class Outcome:
    """What a run found. All of `violations` are 0 when the bank is right."""

    transfers: int
    kills: int
    seed: int
    wall_s: float
    down_s: float
    retries: int
    violations: dict[str, int]
    latencies_ms: list[float] = field(repr=False)

    @property
    def transfers_per_s(self) -> float:
        """Per second of a server being up: starting Python is not what is measured."""
        return self.transfers / (self.wall_s - self.down_s)

    def latency_ms(self, share: float) -> float:
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Server:
    """The process under test, on one port across its lives."""

    def __init__(self, url: str, *, mutant: str | None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._command = [sys.executable, "-m", "benchmarks.chaos.server", "--url", url,
                         "--port", str(self.port)]  # fmt: skip
        if mutant:
            self._command += ["--mutant", mutant]
        self._parent: asyncio.subprocess.Process | None = None
        self._pid = 0
        self.down_s = 0.0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def prepare(self) -> None:
        """Start the process that imports the code; it serves nothing yet."""
        self._parent = await asyncio.create_subprocess_exec(
            *self._command, cwd=Path(__file__).parents[2],
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def start(self) -> None:
        assert self._parent is not None
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(b"start\n")
        line = await asyncio.wait_for(self._parent.stdout.readline(), 60)
        word, pid = line.split()
        assert word == b"ready", line
        self._pid = int(pid)

    async def restart(self) -> None:
        began_s = time.perf_counter()
        os.kill(self._pid, signal.SIGKILL)
        await self.start()  # the parent waits for the end of the killed one
        self.down_s += time.perf_counter() - began_s

    async def close(self) -> None:
        """Kill the server and let its parent end."""
        if self._parent is not None:
            assert self._parent.stdin is not None
            self._parent.stdin.close()
            await self._parent.wait()


class Load:
    """All clients of a run, and what they were told."""

    def __init__(self, server: Server, jobs: dict[str, dict[str, Any]], rng: random.Random) -> None:
        self._server = server
        self._rng = rng
        self._waiting = iter(jobs.items())
        self.told: dict[str, dict[str, Any]] = {}
        self.retries = self.replays_wrong = 0
        self.latencies_ms: list[float] = []
        self.jobs = jobs

    async def run(self, kills_at: list[int]) -> None:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CLIENTS), timeout=aiohttp.ClientTimeout(20)
        ) as http:
            clients = [asyncio.create_task(self._client(http)) for _ in range(CLIENTS)]
            killer = asyncio.create_task(self._kill(kills_at))
            await asyncio.gather(*clients, killer)

    async def replay(self, keys: list[str]) -> None:
        """Ask again for what was answered; count bodies that differ."""
        async with aiohttp.ClientSession() as http:
            for key in keys:
                self.replays_wrong += await self._ask(http, key) != self.told[key]

    async def _client(self, http: aiohttp.ClientSession) -> None:
        for key, _ in self._waiting:
            began_s = time.perf_counter()
            self.told[key] = await self._ask(http, key)
            self.latencies_ms.append((time.perf_counter() - began_s) * 1000)
            if self._rng.random() < REPLAY_SHARE:
                self.replays_wrong += await self._ask(http, key) != self.told[key]

    async def _ask(self, http: aiohttp.ClientSession, key: str) -> dict[str, Any]:
        until_s = time.perf_counter() + GIVE_UP_S
        while time.perf_counter() < until_s:
            try:
                async with http.post(
                    f"{self._server.address}/transfers",
                    json=self.jobs[key],
                    headers={"Idempotency-Key": key},
                ) as reply:
                    body: dict[str, Any] = await reply.json()
                    if reply.status == 201:
                        return body
                    # 503 may pass; any other refusal of a good request is a violation.
                    if reply.status != 503:
                        return {"refused": body, "status": reply.status, "id": None}
            except (aiohttp.ClientError, TimeoutError):
                pass
            self.retries += 1
            await asyncio.sleep(self._rng.uniform(0.02, 0.1))
        raise TimeoutError(f"{key}: no answer in {GIVE_UP_S} s")

    async def _kill(self, kills_at: list[int]) -> None:
        for at in kills_at:
            while len(self.told) < at:  # noqa: ASYNC110  an Event for each count is no better
                await asyncio.sleep(0.002)
            await asyncio.sleep(self._rng.uniform(0, 0.03))
            await self._server.restart()


async def run_chaos(
    folder: Path, *, transfers: int, kills: int, seed: int, mutant: str | None = None
) -> Outcome:
    """Run once in an empty folder and check the books."""
    rng = random.Random(seed)
    path = folder / "chaos.db"
    url = f"sqlite:///{path}"
    server = Server(url, mutant=mutant)
    await server.prepare()  # imports while the town is built
    try:
        town = await asyncio.to_thread(make_town, url)
        jobs = {body["reference"]: body for body in _jobs(town, transfers, rng)}
        await server.start()
        load = Load(server, jobs, rng)
        began_s = time.perf_counter()
        # Kills fall in the middle of the load, never after it.
        await load.run(
            sorted(rng.randint(transfers // 20, transfers * 9 // 10) for _ in range(kills))
        )
        wall_s, down_s = time.perf_counter() - began_s, server.down_s
        await server.restart()
        await load.replay(rng.sample(sorted(load.told), min(REPLAYS_AT_END, len(load.told))))
    finally:
        await server.close()
    violations = count_violations(
        path,
        began_minor=CUSTOMERS * 2 * BEGAN_MINOR,
        asked=jobs,
        acknowledged=load.told,
        replays_wrong=load.replays_wrong,
    )
    return Outcome(
        transfers, kills, seed, wall_s, down_s, load.retries, violations, load.latencies_ms
    )


def make_town(url: str) -> list[tuple[str, str, str]]:
    """Return (customer, account, account) of a few customers with money on both."""
    upgrade(url)
    bank = make_bank(open_store(url))
    made = []
    for number in range(CUSTOMERS):
        customer = bank.customers.create(
            SYSTEM, login_name=f"chaos.{number}", full_name=f"Chaos {number}",
            email=f"chaos.{number}@example.com", phone=f"+491555019{number:04d}", kyc_tier=2,
        )  # fmt: skip
        accounts = []
        for kind in (AccountKind.CURRENT, AccountKind.SAVINGS):
            account = bank.accounts.open(
                SYSTEM, customer_id=customer.id, kind=kind, name=kind.title(), currency="EUR"
            )
            bank.store.write(lambda uow, account=account: book_in(
                uow, account_id=account.id, amount=Money(BEGAN_MINOR, "EUR"),
                against=InternalRole.CLEARING, kind=TransactionKind.TRANSFER,
                category=Category.TRANSFERS, booked_at_utc=bank.clock(),
            ))  # fmt: skip
            accounts.append(account.id)
        made.append((customer.id, accounts[0], accounts[1]))
    bank.store.close()
    return made


def _jobs(
    town: list[tuple[str, str, str]], transfers: int, rng: random.Random
) -> Iterator[dict[str, Any]]:
    for number in range(transfers):
        customer_id, one, two = rng.choice(town)
        source, target = (one, two) if rng.random() < 0.5 else (two, one)
        yield {
            "customer_id": customer_id, "from_account_id": source, "to_account_id": target,
            "amount_minor": rng.randint(1, 500), "currency": "EUR",
            "reference": f"job-{number:06d}",
        }  # fmt: skip


def bare_commits_per_s(folder: Path, *, seconds: float = 2.0) -> float:
    """Return how many one-row commits SQLite makes here at synchronous=FULL, one at a time."""
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, amount_minor INTEGER)")
    began_s, count = time.perf_counter(), 0
    while time.perf_counter() - began_s < seconds:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO bare (amount_minor) VALUES (1)")
        db.execute("COMMIT")
        count += 1
    db.close()
    return count / seconds
