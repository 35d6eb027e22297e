"""Chat turns while actions and Rasa are killed: every message answered or apologised for, once.

    .venv/bin/python -m benchmarks.chat_chaos [--turns 3000] [--kills 30] [--json FILE]

Clients talk, each in a conversation of its own, through the public door; a killer sends SIGKILL to
the action server or to Rasa at random moments (the supervisor brings them back). A client that gets no
answer sends the same message id again. Afterwards the transcripts are read back:

    lost         a message without a single reply behind it
    doubled      a message that stands twice, or whose reply changed on replay
    unanswered   a request that never came to 200, retries included
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.running import RunningBranch

SENTENCES = (
    "hello", "what can you do?", "what are your opening hours", "thank you",
    "what is 20 dollars in euros", "what fees do you charge", "what's my balance",
    "show me my last transactions", "how much did I spend on groceries last month",
)  # fmt: skip
RETRIES = 40


@dataclass
class Tally:
    """What the clients saw."""

    sent: int = 0
    retried: int = 0
    apologies: int = 0
    unanswered: list[str] = field(default_factory=list)
    replies: dict[str, Any] = field(default_factory=dict)


class Client:
    """One customer who talks and never gives up on a message."""

    def __init__(self, url: str, http: aiohttp.ClientSession, login: list[str] | None) -> None:
        self._url, self._http, self._login = url, http, login
        self._headers: dict[str, str] = {}
        self.ids: list[str] = []

    async def start(self) -> None:
        body = {"customer": self._login[0], "password": self._login[1]} if self._login else {}
        async with self._http.post(f"{self._url}/api/chat/sessions", json=body) as got:
            answer = await got.json()
            assert got.status in (200, 201), answer
        self._headers = {"Authorization": f"Bearer {answer['token']}"}

    async def say(self, text: str, message_id: str, tally: Tally) -> Any:
        for attempt in range(RETRIES):
            try:
                async with self._http.post(
                    f"{self._url}/api/chat/messages", headers=self._headers,
                    json={"text": text, "message_id": message_id},
                ) as got:  # fmt: skip
                    if got.status == 200:
                        return (await got.json())["replies"]
            except (aiohttp.ClientError, TimeoutError):
                pass
            tally.retried += 1
            await asyncio.sleep(min(0.2 * (attempt + 1), 2.0))
        tally.unanswered.append(message_id)
        return None

    async def history(self) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        while True:
            after = messages[-1]["seq"] if messages else 0
            async with self._http.get(
                f"{self._url}/api/chat/history", params={"after": after}, headers=self._headers
            ) as got:
                page = (await got.json())["messages"]
            if not page:
                return messages
            messages += page


async def kill_at_random(
    branch: RunningBranch, kills: int, span_s: float, dice: random.Random
) -> Counter[str]:
    """Kill actions (often) and rasa (seldom: it takes long to come back) `kills` times."""
    killed: Counter[str] = Counter()
    while killed.total() < kills:
        await asyncio.sleep(dice.uniform(0.2, 1.8) * span_s / kills)
        name = dice.choices(["actions", "rasa"], weights=[4, 1])[0]
        pid = (await asyncio.to_thread(branch.pids)).get(name, 0)
        if pid:
            os.kill(pid, signal.SIGKILL)
            killed[name] += 1
    return killed


async def run(
    branch: RunningBranch, *, turns: int, kills: int, seed: int, clients: int = 8
) -> dict[str, Any]:
    """Talk, kill, read back; return the figures."""
    dice = random.Random(seed)
    tally = Tally()
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        people = [
            Client(branch.url, http, branch.demo["customer"][0] if n % 2 else None)
            for n in range(clients)
        ]
        for person in people:
            await person.start()
        began = time.monotonic()
        # A turn takes some 60 ms when nothing is down; the kills are spread over the whole run.
        killer = asyncio.create_task(
            kill_at_random(branch, kills, max(kills * 4.0, turns * 0.06), dice)
        )
        budget = iter(range(turns))

        async def talk(person: Client) -> None:
            for _ in budget:
                message_id, text = uuid.uuid4().hex, dice.choice(SENTENCES)
                person.ids.append(message_id)
                tally.sent += 1
                tally.replies[message_id] = await person.say(text, message_id, tally)

        await asyncio.gather(*(talk(person) for person in people))
        while not killer.done():  # the last kills still come: keep talking until they have
            budget = iter(range(clients))
            await asyncio.gather(*(talk(person) for person in people))
        elapsed_s = time.monotonic() - began
        lost, doubled = 0, 0
        for person in people:
            found_lost, found_doubled = await check(person, tally)
            lost += found_lost
            doubled += found_doubled
    apology = sum(
        any((r.get("data") or {}).get("apology") for r in replies or [])
        for replies in tally.replies.values()
    )
    return {
        "turns": tally.sent, "kills": dict(killer.result()), "seconds": round(elapsed_s, 1),
        "retried": tally.retried, "apologised": apology, "lost": lost, "doubled": doubled,
        "unanswered": len(tally.unanswered),
    }  # fmt: skip


async def check(person: Client, tally: Tally) -> tuple[int, int]:
    """Read the transcript and replay a sample; return (lost, doubled)."""
    lines = await person.history()
    counts = Counter(line["message_id"] for line in lines if line["from"] == "customer")
    doubled = sum(counts[message_id] != 1 for message_id in person.ids)
    lost = 0
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        if line["from"] == "customer" and (following is None or following["from"] == "customer"):
            lost += 1
    for message_id in person.ids[:: max(1, len(person.ids) // 10)]:
        again = await person.say("anything: the id decides", message_id, tally)
        told = [
            [r.get("text") for r in replies or []] for replies in (again, tally.replies[message_id])
        ]
        doubled += again is not None and told[0] != told[1]
    doubled += len(await person.history()) != len(lines)
    return lost, doubled


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with RunningBranch(customers=20, env={"FLORIN_MESSAGE_RATE": "100000/minute"}) as branch:
        figures = asyncio.run(
            run(branch, turns=options.turns, kills=options.kills, seed=options.seed)
        )
    print(
        "| turns | kills | retried | apologised | lost | doubled | unanswered | seconds |\n|---|---|---|---|---|---|---|---|"
    )
    print(
        "| {turns} | {kills} | {retried} | {apologised} | {lost} | {doubled} | {unanswered} | {seconds} |".format(
            **figures
        )
    )
    if options.json:
        options.json.write_text(json.dumps(figures))
    raise SystemExit(1 if figures["lost"] or figures["doubled"] or figures["unanswered"] else 0)


if __name__ == "__main__":
    main()
