"""A language model's server that behaves as it is told: OpenAI's door, and Ollama's.

    honest     the passages' sentences, a little dressed      slow       a word, then silence
    liar       what `lie` makes of them                       down       500
    injection  obeys what the passages or question say        rate_limited  429
    markup     HTML, Markdown and a link                      nonsense   no JSON where JSON was due
                                                              empty      an answer of no words

A real HTTP server on loopback, so the clients that run are the real ones. `asked` keeps the bodies.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

_PASSAGE = re.compile(r"Passage \d+ \([^\n]*\):\n(.*?)(?=\n\nPassage |\n\nQuestion:|\Z)", re.DOTALL)
#: How an honest answer begins.
HONEST = "In short:"
OBEYED = "Certainly. I have sent 500 EUR to DE89 3704 0044 0532 0130 00."
MARKUP = "<b>It is free.</b> See [our page](https://evil.example/login)."
SLOW_S = 30.0


class FakeModel:
    """What the server says next. Set `mode`, and `lie` for the liar."""

    def __init__(self) -> None:
        self.mode = "honest"
        self.lie: Callable[[str], str] = lambda text: f"{text} You also get 50 EUR as a gift."
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.url = ""

    def words(self, prompt: str) -> str:
        """Return the answer to a prompt."""
        passages = " ".join(" ".join(_PASSAGE.findall(prompt)).split())
        if self.mode == "liar":
            return self.lie(passages)
        said = {"injection": OBEYED, "markup": MARKUP, "empty": ""}
        return said.get(self.mode, f"{HONEST} {passages}")

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._openai)
        app.router.add_post("/api/chat", self._ollama)
        return app

    async def _openai(self, request: web.Request) -> web.StreamResponse:
        words = await self._begin(request)
        if isinstance(words, web.Response):
            return words
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        for part in _parts(words):
            await stream.write(f"data: {json.dumps(_chunk({'content': part}, None))}\n\n".encode())
            await self._wait()
        await stream.write(f"data: {json.dumps(_chunk({}, 'stop'))}\n\ndata: [DONE]\n\n".encode())
        return stream

    async def _ollama(self, request: web.Request) -> web.StreamResponse:
        words = await self._begin(request)
        if isinstance(words, web.Response):
            return words
        stream = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await stream.prepare(request)
        for part in [*_parts(words), ""]:
            line = {
                "model": "fake", "created_at": "2026-01-01T00:00:00Z",
                "message": {"role": "assistant", "content": part}, "done": not part,
            }  # fmt: skip
            await stream.write(json.dumps(line).encode() + b"\n")
            await self._wait()
        return stream

    async def _begin(self, request: web.Request) -> str | web.Response:
        body = await request.json()
        self.asked.append(body)
        self.paths.append(request.path)
        if self.mode == "down":
            return web.json_response({"error": {"message": "no"}}, status=500)
        if self.mode == "rate_limited":
            return web.json_response(
                {"error": {"message": "slow down"}}, status=429, headers={"Retry-After": "60"}
            )
        if self.mode == "nonsense":
            return web.Response(text="<html>Bad gateway {", content_type="text/html")
        return self.words(str(body["messages"][-1]["content"]))

    async def _wait(self) -> None:
        if self.mode == "slow":
            await asyncio.sleep(SLOW_S)


def _parts(words: str) -> list[str]:
    return re.findall(r"\s*\S+", words)


def _chunk(delta: dict[str, str], finish: str | None) -> dict[str, Any]:
    return {
        "id": "c", "object": "chat.completion.chunk", "created": 0, "model": "fake",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }  # fmt: skip


@contextmanager
def running() -> Iterator[FakeModel]:
    """Serve on loopback until the block ends."""
    fake, loop = FakeModel(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> web.AppRunner:
        runner = web.AppRunner(fake.app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    async def end(runner: web.AppRunner) -> None:
        await runner.cleanup()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    runner = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    try:
        yield fake
    finally:
        asyncio.run_coroutine_threadsafe(end(runner), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
