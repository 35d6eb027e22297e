"""Talks to Rasa: one signed turn out, the replies back. The only caller of Rasa there is.

    answer(turn) ──POST {"turn": jwt}──▶ /webhooks/florin/turn ──▶ AssistantTurn
        no answer in TIMEOUT_S, 5xx, silence, or not the agreed shape
            └─ once more, same message id ─▶ still nothing ─▶ AssistantUnavailable

A retry is harmless: the channel knows the message id and returns the stored replies.
Stock Rasa answers 200 `[]` when the action server is down or a lock expired, so an answer
without any reply counts as no answer (docs/architecture.md, rule 4).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Protocol

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bank.domain.errors import AssistantUnavailable

TIMEOUT_S = 15.0
ATTEMPTS_COUNT = 2
PROBE_TIMEOUT_S = 2.0


class _Wire(BaseModel):
    """Bodies from Rasa: what we do not know is dropped, what we know has its type."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class WireButton(_Wire):
    title: str
    payload: str


class WireReply(_Wire):
    """One bubble as Rasa says it; `payload` of a button never leaves the server."""

    text: str | None = None
    buttons: list[WireButton] = Field(default_factory=list)
    image: str | None = None
    kind: str = "text"
    data: dict[str, Any] = Field(default_factory=dict)
    utter: str | None = None


class AssistantTurn(_Wire):
    """What one turn gave: replies for the customer, the reading for staff."""

    message_id: str
    replies: list[WireReply]
    nlu: dict[str, Any] = Field(default_factory=dict)
    actions: list[dict[str, Any]] = Field(default_factory=list)
    replayed: bool = False
    #: What the conversation is held in ("es"); None while nothing was said that tells.
    language: str | None = None


class Assistant(Protocol):
    """Whoever answers a signed turn: Rasa over HTTP, or a script in a test."""

    async def answer(self, turn: str, *, message_id: str) -> AssistantTurn:
        """Return the replies. Raises AssistantUnavailable."""

    async def is_ready(self) -> bool:
        """Return whether a turn sent now would be answered."""


def read_turn(body: object, *, message_id: str) -> AssistantTurn:
    """Check the body of a 200. Raises AssistantUnavailable: wrong shape, other turn, silence."""
    try:
        turn = AssistantTurn.model_validate(body)
    except ValidationError as fault:
        raise AssistantUnavailable(reason="unexpected_shape") from fault
    if turn.message_id != message_id:
        raise AssistantUnavailable(reason="other_turn")
    if not turn.replies:
        raise AssistantUnavailable(reason="silence")
    return turn


class RasaAssistant:
    """Rasa behind its own channel, on loopback."""

    def __init__(
        self, base_url: str, *, timeout_s: float = TIMEOUT_S, actions_url: str | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._probes = [f"{self._base_url}/webhooks/florin/"]
        if actions_url is not None:  # Rasa starts without it, yet answers nothing
            self._probes.append(f"{actions_url.rstrip('/')}/health")
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def answer(self, turn: str, *, message_id: str) -> AssistantTurn:
        for attempt in range(1, ATTEMPTS_COUNT + 1):
            try:
                return await self._ask(turn, message_id=message_id)
            except AssistantUnavailable:
                if attempt == ATTEMPTS_COUNT:
                    raise
        raise AssertionError("unreachable")

    async def is_ready(self) -> bool:
        return all(await asyncio.gather(*(self._answers(url) for url in self._probes)))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _answers(self, url: str) -> bool:
        timeout = aiohttp.ClientTimeout(total=PROBE_TIMEOUT_S)
        try:
            async with self._http().get(url, timeout=timeout) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _ask(self, turn: str, *, message_id: str) -> AssistantTurn:
        try:
            async with self._http().post(
                f"{self._base_url}/webhooks/florin/turn", json={"turn": turn}
            ) as response:
                if response.status != 200:
                    raise AssistantUnavailable(reason=f"http_{response.status}")
                body = json.loads(await response.read())
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError) as fault:
            raise AssistantUnavailable(reason=type(fault).__name__) from fault
        except ValueError as fault:
            raise AssistantUnavailable(reason="not_json") from fault
        return read_turn(body, message_id=message_id)

    def _http(self) -> aiohttp.ClientSession:
        # Made on first use: a session belongs to the running loop.
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session
