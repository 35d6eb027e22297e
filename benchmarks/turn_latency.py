"""A turn through our doors beside stock Rasa REST with the same model, in the same run.

    .venv/bin/python -m benchmarks.turn_latency [--messages 160] [--json FILE]

The same sentence, answered by a rule without an action, goes to `POST /api/chat/messages` (session,
rate limit, masking, replay table, transcript, signed turn, Rasa, one-time buttons) and to a second Rasa
process with the stock `rest` channel and in-memory tracker. 1, 4 and 16 clients, the two sides in
turn. Conversations are TURNS long: stock Rasa gets slower as one grows, ours does not
(tracker_growth.py), and that must not flatter us here. The claim: at one client our doors add at
most 15 ms to the median.

A second table says what the processes cost: CPU of a message over all clients, and the most memory
each has held (Linux: /proc).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import aiohttp
import yaml

from benchmarks.running import ROOT, RunningBranch, free_port

SENTENCE = "thank you"
RESPONSES = ROOT / "bot" / "domain" / "smalltalk.yml"
EXPECTED = yaml.safe_load(RESPONSES.read_text())["responses"]["utter_smalltalk_thanks"][0]["text"]
CLIENTS = (1, 4, 16)
TURNS = 10
CLAIM_MS = 15.0
Say = Callable[[aiohttp.ClientSession], Awaitable[list[str | None]]]
OpenConversation = Callable[[str, aiohttp.ClientSession], Awaitable[Say]]


class StockRasa:
    """Rasa as it comes: REST channel, in-memory tracker, the same model."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="stock-"))
        (self._folder / "credentials.yml").write_text("rest:\n")
        (self._folder / "endpoints.yml").write_text("{}\n")

    def __enter__(self) -> str:
        self._process = subprocess.Popen(
            [str(ROOT / "bot/.venv/bin/python"), "-W", "ignore", "-m", "rasa", "run", "--model",
             "models/florin.tar.gz", "--credentials", str(self._folder / "credentials.yml"),
             "--endpoints", str(self._folder / "endpoints.yml"), "--interface", "127.0.0.1",
             "--port", str(self.port)],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"},
        )  # fmt: skip
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        shutil.rmtree(self._folder, ignore_errors=True)


async def our_conversation(url: str, http: aiohttp.ClientSession) -> Say:
    """Open a visitor's session and return what says the sentence in it."""
    while True:
        async with http.post(f"{url}/api/chat/sessions", json={}) as answer:
            opened = await answer.json()
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
                break
            await asyncio.sleep(float(answer.headers.get("Retry-After", 5)))
    headers = {"Authorization": f"Bearer {opened['token']}"}

    async def say(session: aiohttp.ClientSession) -> list[str | None]:
        body = {"text": SENTENCE, "message_id": uuid.uuid4().hex}
        async with session.post(f"{url}/api/chat/messages", json=body, headers=headers) as got:
            answer = await got.json()
            assert got.status == HTTPStatus.OK, answer
            assert all(reply["kind"] != "apology" for reply in answer["replies"]), answer
            return [reply["text"] for reply in answer["replies"]]

    return say


async def stock_conversation(url: str, _http: aiohttp.ClientSession) -> Say:
    """Return what says the sentence to stock Rasa in a conversation of its own."""
    sender = uuid.uuid4().hex

    async def say(session: aiohttp.ClientSession) -> list[str | None]:
        body = {"sender": sender, "message": SENTENCE}
        async with session.post(f"{url}/webhooks/rest/webhook", json=body) as got:
            return [reply.get("text") for reply in await got.json()]

    return say


@dataclass
class Side:
    """One of the two: how a conversation with it is opened, and what was measured."""

    url: str
    open_conversation: OpenConversation
    took_ms: list[float] = field(default_factory=list)
    elapsed_s: float = 0.0

    async def open(self, http: aiohttp.ClientSession) -> Say:
        """Open a conversation and take its first turn, which starts Rasa's session."""
        say = await self.open_conversation(self.url, http)
        assert await say(http) == [EXPECTED], "not answered by the plain response"
        return say

    async def talk(self, http: aiohttp.ClientSession, says: list[Say]) -> None:
        """Say the sentence TURNS times in each conversation, all side by side."""

        async def work(say: Say) -> None:
            for _ in range(TURNS):
                began = time.perf_counter()
                said = await say(http)
                self.took_ms.append((time.perf_counter() - began) * 1000)
                assert said == [EXPECTED], said

        began = time.perf_counter()
        await asyncio.gather(*(work(say) for say in says))
        self.elapsed_s += time.perf_counter() - began

    def row(self) -> dict[str, float]:
        ordered = sorted(self.took_ms)
        return {
            "p50_ms": round(statistics.median(ordered), 1),
            "p95_ms": round(ordered[int(len(ordered) * 0.95) - 1], 1),
            "messages_per_s": round(len(ordered) / self.elapsed_s, 1),
        }


async def wait_for(url: str) -> None:
    """Wait until stock Rasa answers its root."""
    async with aiohttp.ClientSession() as http:
        for _ in range(600):
            try:
                async with http.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.3)
    raise RuntimeError("stock Rasa did not start")


async def compare(ours: str, stock: str, messages: int) -> list[dict[str, object]]:
    """Return a row for each number of clients; both sides in turn, so both feel the same box."""
    rows: list[dict[str, object]] = []
    for clients in CLIENTS:
        sides = [Side(stock, stock_conversation), Side(ours, our_conversation)]
        async with aiohttp.ClientSession() as http:
            for _ in range(max(1, messages // (clients * TURNS))):
                for side in sides:
                    says = [await side.open(http) for _ in range(clients)]
                    await side.talk(http, says)
        stock_row, our_row = (side.row() for side in sides)
        turns = len(sides[1].took_ms) * (TURNS + 1) // TURNS  # the first of each is not timed
        rows.append({"clients": clients, "turns": turns, "florin": our_row, "stock": stock_row,
                     "added_p50_ms": round(our_row["p50_ms"] - stock_row["p50_ms"], 1)})  # fmt: skip
    return rows


def cpu_s(pid: int) -> float:
    """Return the CPU seconds a process has used, its own and the kernel's for it."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid: int) -> float:
    """Return the most memory a process has held."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/status has no VmHWM")


def costs(pids: dict[str, int], before_s: dict[str, float], messages: int) -> str:
    """Return the markdown table of CPU and memory, a row for each process."""
    lines = ["| process | CPU ms a message | messages a second and core | peak memory MB |",
             "|---|---|---|---|"]  # fmt: skip
    for name, pid in pids.items():
        took_ms = (cpu_s(pid) - before_s[name]) * 1000 / messages
        if not took_ms:
            continue  # it had no part in it
        lines.append(f"| {name} | {took_ms:.1f} | {1000 / took_ms:.0f} | {peak_mb(pid):.0f} |")
    return "\n".join(lines)


def table(rows: list[dict[str, object]]) -> str:
    """Return the markdown table of docs/benchmarks.md."""
    lines = ["| clients | Florin p50 / p95 ms | msg/s | stock Rasa REST p50 / p95 ms | msg/s | added p50 |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for row in rows:
        one, two = row["florin"], row["stock"]
        lines.append(
            f"| {row['clients']} | {one['p50_ms']} / {one['p95_ms']} | {one['messages_per_s']} | "
            f"{two['p50_ms']} / {two['p95_ms']} | {two['messages_per_s']} | "
            f"{row['added_p50_ms']:+} ms |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=160)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    # Limits are for strangers; a measurement of latency is one by intention.
    with (
        RunningBranch(customers=20, env={"FLORIN_MESSAGE_RATE": "100000/minute"}) as branch,
        (stock_rasa := StockRasa()) as stock,
    ):
        asyncio.run(wait_for(stock))
        pids = {f"Florin: {name}": pid for name, pid in branch.pids().items() if name != "identity"}
        pids["stock Rasa"] = stock_rasa.pid
        before_s = {name: cpu_s(pid) for name, pid in pids.items()}
        rows = asyncio.run(compare(branch.url, stock, options.messages))
        messages = sum(row["turns"] for row in rows)
        cost = costs(pids, before_s, messages)
    print(table(rows), cost, sep="\n\n")
    if options.json:
        options.json.write_text(json.dumps({"rows": rows}))
    raise SystemExit(rows[0]["added_p50_ms"] > CLAIM_MS)


if __name__ == "__main__":
    main()
