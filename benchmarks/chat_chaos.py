"""Chat turns while actions and Rasa are killed: every message answered or apologised for, once.

    .venv/bin/python -m benchmarks.chat_chaos [--turns 3000] [--kills 30] [--json FILE]

Clients talk, each in a conversation of its own, through the public door; a killer sends SIGKILL to
the action server (mostly) or to Rasa (it needs long to come back) while a turn chosen at random is
under way; the supervisor brings them back. A client that gets no answer sends the same message id
again; one that reads an apology waits a moment, as people do. Then the transcripts are read:

    lost         a message that is not there, or has no reply behind it
    doubled      a message that stands twice, or whose replies are not those the client was
                 given, in the transcript or when the same id is sent again
    unanswered   a request that never came to 200, retries included

At the end the branch must answer again without an apology.
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
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.running import RunningBranch

SENTENCES = (
    "hello", "what can you do?", "what are your opening hours", "thank you",
    "what is 20 dollars in euros", "what fees do you charge", "what's my balance",
    "show me my last transactions", "how much did I spend on groceries last month",
)  # fmt: skip
RETRIES_MAX = 60
CLIENTS = 8
#: After an apology: how long a person waits before the next try, in seconds.
PATIENCE_S = (0.5, 1.5)
#: One kill in so many is Rasa's.
RASA_EVERY = 8
RECOVERY_MAX_S = 90.0
REPLAYS_OF_EACH = 10

Replies = list[dict[str, Any]]


@dataclass
class Tally:
    """What the clients saw."""

    sent: int = 0
    retried: int = 0
    unanswered: list[str] = field(default_factory=list)
    replies: dict[str, Replies] = field(default_factory=dict)

    @property
    def apologised(self) -> int:
        return sum(is_apology(replies) for replies in self.replies.values())


def is_apology(replies: Replies) -> bool:
    return any(reply["kind"] == "apology" for reply in replies)


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

    async def talk(self, text: str, tally: Tally) -> Replies:
        """Say something new; return what came of it, nothing when it was never answered."""
        message_id = uuid.uuid4().hex
        self.ids.append(message_id)
        tally.sent += 1
        replies = await self.say(text, message_id, tally)
        if replies is None:
            tally.unanswered.append(message_id)
        tally.replies[message_id] = replies or []
        return tally.replies[message_id]

    async def say(self, text: str, message_id: str, tally: Tally) -> Replies | None:
        """Send one message id until it is answered."""
        for attempt in range(RETRIES_MAX):
            try:
                async with self._http.post(
                    f"{self._url}/api/chat/messages", headers=self._headers,
                    json={"text": text, "message_id": message_id},
                ) as got:  # fmt: skip
                    if got.status == HTTPStatus.OK:
                        replies: Replies = (await got.json())["replies"]
                        return replies
            except (aiohttp.ClientError, TimeoutError):
                pass
            tally.retried += 1
            await asyncio.sleep(min(0.2 * (attempt + 1), 2.0))
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


class Killer:
    """Sends SIGKILL when the run has come to certain turns."""

    def __init__(self, branch: RunningBranch, tally: Tally, dice: random.Random) -> None:
        self._branch, self._tally, self._dice = branch, tally, dice
        self.killed: Counter[str] = Counter()

    async def run(self, *, turns: int, kills: int) -> None:
        """Kill inside the run, never before its first turns or after its last."""
        of_rasa = max(1, kills // RASA_EVERY)
        names = ["rasa"] * of_rasa + ["actions"] * (kills - of_rasa)
        self._dice.shuffle(names)
        moments = sorted(self._dice.randint(turns // 20, turns * 9 // 10) for _ in names)
        for name, moment in zip(names, moments, strict=True):
            while self._tally.sent < moment:  # noqa: ASYNC110  an Event for each is no better
                await asyncio.sleep(0.002)
            await asyncio.sleep(self._dice.uniform(0, 0.1))  # somewhere inside a turn
            await self._kill(name)

    async def _kill(self, name: str) -> None:
        while True:  # one that is down is waited for: a kill is a kill
            pid = (await asyncio.to_thread(self._branch.pids)).get(name, 0)
            if pid:
                os.kill(pid, signal.SIGKILL)
                self.killed[name] += 1
                return
            await asyncio.sleep(0.05)


async def run(branch: RunningBranch, *, turns: int, kills: int, seed: int) -> dict[str, Any]:
    """Talk, kill, read back; return the figures."""
    dice = random.Random(seed)
    tally = Tally()
    killer = Killer(branch, tally, random.Random(seed + 1))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
        people = [
            Client(branch.url, http, branch.demo["customer"][0] if number % 2 else None)
            for number in range(CLIENTS)
        ]
        for person in people:
            await person.start()
        began_s = time.monotonic()
        budget = iter(range(turns))

        async def chat(person: Client) -> None:
            for _ in budget:
                if is_apology(await person.talk(dice.choice(SENTENCES), tally)):
                    await asyncio.sleep(dice.uniform(*PATIENCE_S))

        await asyncio.gather(
            killer.run(turns=turns, kills=kills), *(chat(person) for person in people)
        )
        elapsed_s = time.monotonic() - began_s
        recovered_s = await recover(people[0], tally)
        found = [await check(person, tally) for person in people]
    return {
        "turns": tally.sent, "kills": dict(killer.killed), "seconds": round(elapsed_s, 1),
        "retried": tally.retried, "apologised": tally.apologised,
        "lost": sum(lost for lost, _ in found), "doubled": sum(twice for _, twice in found),
        "unanswered": len(tally.unanswered), "recovered_s": recovered_s,
    }  # fmt: skip


async def recover(person: Client, tally: Tally) -> float | None:
    """Return the seconds until a message is answered, not apologised for; None: too long."""
    began_s = time.monotonic()
    while (waited_s := time.monotonic() - began_s) < RECOVERY_MAX_S:
        replies = await person.talk(SENTENCES[0], tally)
        if replies and not is_apology(replies):
            return round(waited_s, 1)
        await asyncio.sleep(0.5)
    return None


async def check(person: Client, tally: Tally) -> tuple[int, int]:
    """Read the transcript and replay a sample; return (lost, doubled)."""
    lines = await person.history()
    stands: Counter[str] = Counter()
    answers: dict[str, list[str | None]] = {}
    for line in lines:
        if line["from"] == "customer":
            message_id = line["message_id"]
            stands[message_id] += 1
            answers.setdefault(message_id, [])
        elif stands:  # a turn's replies follow its message: one turn at a time
            answers[message_id].append(line["text"])
    lost = sum(not answers.get(message_id) for message_id in person.ids)
    doubled = sum(stands[message_id] > 1 for message_id in person.ids)
    told = {key: [reply["text"] for reply in tally.replies[key]] for key in person.ids}
    doubled += sum(told[key] != answers[key] for key in person.ids if answers.get(key))
    texts = {line["message_id"]: line["text"] for line in lines if line["from"] == "customer"}
    for message_id in person.ids[:: max(1, len(person.ids) // REPLAYS_OF_EACH)]:
        again = await person.say(texts.get(message_id, ""), message_id, tally)
        doubled += again is None or [reply["text"] for reply in again] != told[message_id]
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
    print("| turns | killed | retried | apologised | lost | doubled | unanswered | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    killed = ", ".join(f"{count} × {name}" for name, count in sorted(figures["kills"].items()))
    print(
        "| {turns} | {killed} | {retried} | {apologised} | {lost} | {doubled} | {unanswered} "
        "| {seconds} |".format(**figures, killed=killed)
    )
    if options.json:
        options.json.write_text(json.dumps(figures))
    held = not (figures["lost"] or figures["doubled"] or figures["unanswered"])
    raise SystemExit(0 if held and figures["recovered_s"] is not None else 1)


if __name__ == "__main__":
    main()
