"""Calls to a service's HTTP API: bounded in time, size and number.

    429, 5xx, no answer ─▶ again after a growing pause, ATTEMPTS times ─▶ SendFailed
    other 4xx           ─▶ SendRefused

A pause the service asks for is kept when it is short; a longer one is left to the delivery,
which comes back later. A call that timed out may have arrived: then a customer reads a line
twice, which is better than not at all.

Addresses of Telegram hold the bot's token, so no URL reaches an exception or a log.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import stamina

from web.channels.parts import SendFailed, SendRefused

ATTEMPTS = 3
TIMEOUT_S = 10.0
WAIT_FIRST_S = 0.3
WAIT_MOST_S = 5.0
ANSWER_LIMIT_BYTES = 1024 * 1024
REDIRECTS_MOST = 2

MakeBody = Callable[[], Any]


class Calls:
    """The outbound side of one service. Made on first use: a session belongs to its loop."""

    def __init__(self, *, wait_first_s: float = WAIT_FIRST_S, timeout_s: float = TIMEOUT_S) -> None:
        self._wait_first_s = wait_first_s
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self,
        url: str,
        *,
        body: Mapping[str, Any] | None = None,
        form: MakeBody | None = None,
        headers: Mapping[str, str] | None = None,
        check: Callable[[dict[str, Any]], None] | None = None,
    ) -> dict[str, Any]:
        """Return the JSON answer. `form` is made anew for each attempt: a form is read once.

        `check` raises for an answer that says 200 and means no.
        Raises SendFailed, SendRefused.
        """
        async for attempt in self._attempts():
            with attempt:
                raw = await self._ask("POST", url, headers, body=body, form=form)
                answer = _parse(raw)
                if check is not None:
                    check(answer)
                return answer
        raise AssertionError("unreachable")

    async def upload(self, url: str, content: bytes) -> None:
        """Send bytes to an address the service gave. Raises SendFailed, SendRefused."""
        headers = {"Content-Type": "application/octet-stream"}
        async for attempt in self._attempts():
            with attempt:
                await self._ask("POST", url, headers, form=lambda: content)

    async def fetch(
        self,
        url: str,
        *,
        hosts: tuple[str, ...],
        limit_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return a file, at most `limit_bytes`, from one of the service's own hosts.

        A host may be a suffix such as `.slack.com`. Raises SendFailed, SendRefused.
        """
        host = urlsplit(url).netloc.lower()
        if not any(host == one or (one.startswith(".") and host.endswith(one)) for one in hosts):
            raise SendRefused("foreign_host")
        async for attempt in self._attempts():
            with attempt:
                return await self._ask("GET", url, headers, limit_bytes=limit_bytes)
        raise AssertionError("unreachable")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _attempts(self) -> Any:
        return stamina.retry_context(
            on=_pause,
            attempts=ATTEMPTS,
            timeout=None,
            wait_initial=self._wait_first_s,
            wait_max=WAIT_MOST_S,
            wait_jitter=self._wait_first_s,
        )

    async def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        *,
        body: Mapping[str, Any] | None = None,
        form: MakeBody | None = None,
        limit_bytes: int = ANSWER_LIMIT_BYTES,
    ) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._session.request(
                method, url, headers=headers, json=body, data=form() if form else None,
                allow_redirects=method == "GET", max_redirects=REDIRECTS_MOST,
            ) as answer:  # fmt: skip
                _judge(answer)
                return await _read(answer, limit_bytes)
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as fault:
            # Without its cause: aiohttp's exceptions name the URL.
            raise SendFailed(type(fault).__name__) from None


def _judge(answer: aiohttp.ClientResponse) -> None:
    if answer.status == 429 or answer.status >= 500:
        raise SendFailed(
            f"http_{answer.status}", retry_after_s=seconds(answer.headers.get("Retry-After"))
        )
    if answer.status >= 300:
        raise SendRefused(f"http_{answer.status}")


async def _read(answer: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    raw = bytearray()
    async for chunk in answer.content.iter_chunked(64 * 1024):
        raw += chunk
        if len(raw) > limit_bytes:
            raise SendRefused("too_large")
    return bytes(raw)


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(raw or b"{}")
    except ValueError:
        raise SendFailed("not_json") from None
    if not isinstance(answer, dict):
        raise SendFailed("not_an_object")
    return answer


def _pause(fault: Exception) -> bool | float:
    """Say whether to try again at once, and after how long when the service said so."""
    if not isinstance(fault, SendFailed):
        return False
    if fault.retry_after_s > WAIT_MOST_S:
        return False
    return fault.retry_after_s or True


def seconds(text: object) -> float:
    """Return a number of seconds as a service writes it; 0 for anything else.

    >>> seconds("3"), seconds(1.5), seconds("Fri, 20 Nov"), seconds(None)
    (3.0, 1.5, 0.0, 0.0)
    """
    try:
        return min(max(0.0, float(str(text))), 3600.0)
    except ValueError:
        return 0.0
