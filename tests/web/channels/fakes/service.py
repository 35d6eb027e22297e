"""What the fakes have in common: a server on a free port, planned faults, a record of calls."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


@dataclass
class Shown:
    """One message as the account's owner sees it."""

    to: str
    text: str
    choices: list[tuple[str, str]] = field(default_factory=list)
    png: bytes = b""
    link: str = ""


class FakeService:
    """Base: `shown` is what arrived; `faults` are statuses for the next calls."""

    def __init__(self) -> None:
        self.shown: list[Shown] = []
        self.faults: deque[tuple[int, dict[str, Any]]] = deque()
        self.is_out = False
        self.calls_count = 0
        self.complaints: list[str] = []
        self.files: dict[str, bytes] = {}
        app = web.Application(client_max_size=20 * 1024 * 1024, middlewares=[self._watch])
        self.add_routes(app)
        self.server = TestServer(app)

    def add_routes(self, app: web.Application) -> None:
        raise NotImplementedError

    @property
    def url(self) -> str:
        return str(self.server.make_url("/")).rstrip("/")

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.shown]

    def complain(self, why: str) -> None:
        """A malformed request: refused as the real service would, and a failure of the test."""
        self.complaints.append(why)

    @web.middleware
    async def _watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.calls_count += 1
        if self.is_out:
            return web.json_response({"ok": False}, status=503)
        if self.faults:
            status, headers = self.faults.popleft()
            return web.json_response({"ok": False}, status=status, headers=headers)
        return await handler(request)

    async def wait_for(self, count: int, *, timeout_s: float = 5.0) -> list[Shown]:
        """Wait until `count` messages have arrived."""
        for _ in range(int(timeout_s / 0.01)):
            if len(self.shown) >= count:
                return self.shown
            await asyncio.sleep(0.01)
        raise AssertionError(f"{len(self.shown)} of {count} arrived: {self.texts}")
