"""From `florin up` on a home that exists to the first answered message.

    .venv/bin/python -m benchmarks.later_start [--json FILE]

    up (town made, model trained) ─▶ down ─▶ [clock] up --detach ─▶ first answer [clock]

A customer knocks every 10 ms from the moment of the command, and counts as answered when the bot
answers, not when it apologises. The claim: at most 45 seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import time
import uuid
from http import HTTPStatus
from pathlib import Path

import aiohttp

from benchmarks.running import FLORIN, ROOT, RunningBranch

KNOCK_EVERY_S = 0.01
GIVE_UP_S = 300.0
CLAIM_S = 45.0


async def first_moments(url: str) -> dict[str, float]:
    """Return the seconds until the page is served, and until a message is answered."""
    began_s = time.monotonic()
    moments: dict[str, float] = {}
    async with aiohttp.ClientSession() as http:
        while time.monotonic() - began_s < GIVE_UP_S:
            await asyncio.sleep(KNOCK_EVERY_S)
            try:
                async with http.get(f"{url}/readyz") as ready:
                    moments.setdefault("page_s", time.monotonic() - began_s)
                    if ready.status != HTTPStatus.OK:
                        continue
                if await _is_answered(url, http):
                    moments["answer_s"] = time.monotonic() - began_s
                    return moments
            except (aiohttp.ClientError, TimeoutError):
                continue
    raise RuntimeError("never answered")


async def _is_answered(url: str, http: aiohttp.ClientSession) -> bool:
    async with http.post(f"{url}/api/chat/sessions", json={}) as opened:
        token = (await opened.json())["token"]
    async with http.post(
        f"{url}/api/chat/messages",
        json={"text": "hello", "message_id": uuid.uuid4().hex},
        headers={"Authorization": f"Bearer {token}"},
    ) as answered:
        replies = (await answered.json()).get("replies", [])
    return bool(replies) and all(reply["kind"] != "apology" for reply in replies)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with RunningBranch(customers=60) as branch:
        branch.florin("down")
        command = [str(FLORIN), "up", "--detach"]
        with subprocess.Popen(
            command, cwd=ROOT, env=branch.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as up:
            moments = asyncio.run(first_moments(branch.url))
            assert up.wait() == 0, "florin up failed"
    print("| page after | first answer after |\n|---|---|")
    print(f"| {moments['page_s']:.1f} s | {moments['answer_s']:.1f} s |")
    if options.json:
        options.json.write_text(json.dumps(moments))
    raise SystemExit(moments["answer_s"] > CLAIM_S)


if __name__ == "__main__":
    main()
