"""The way to the action server, with a memory: a failed call makes the whole turn fail.

Stock Rasa catches the error of an action, logs it, and answers 200 with nothing in it. Here the
failure is noted in the turn's `TurnOutcome`; the tracker store then refuses to keep the turn, and
the channel answers 503. So a retry with the same message id runs from the same point again.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Optional

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

#: Below the 15 s that web waits for a turn.
TIMEOUT_S = 12.0


@dataclass
class TurnOutcome:
    """What went wrong in the turn that is running; None so far."""

    failure: Optional[str] = None


current_outcome: ContextVar[Optional[TurnOutcome]] = ContextVar("turn_outcome", default=None)


class TurnFailed(Exception):
    """The turn must not be kept: an action did not run. `code` is the channel's error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def require_sound_turn() -> None:
    """Raise TurnFailed when an action of the running turn failed."""
    outcome = current_outcome.get()
    if outcome is not None and outcome.failure is not None:
        raise TurnFailed(outcome.failure)


class ActionEndpoint(EndpointConfig):
    """Keeps its connection open between calls (stock opens one a call), and notes failures."""

    _session: Optional[aiohttp.ClientSession] = None

    @classmethod
    def like(cls, stock: EndpointConfig) -> ActionEndpoint:
        """Return an endpoint with the settings of `stock`."""
        return cls(url=stock.url, params=stock.params, headers=stock.headers, **stock.kwargs)

    async def request(self, *_args: Any, **kwargs: Any) -> Optional[Any]:
        """POST the action call and return its answer, as RemoteAction expects it.

        Raises ClientResponseError for a status of 400 and above.
        """
        try:
            return await self._post(kwargs["json"])
        except ClientResponseError as refused:
            if not _is_rejection(refused):
                self._note_failure()
            raise
        except BaseException:
            self._note_failure()
            raise

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: Any) -> Any:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers=self.headers, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)
            )
        async with self._session.post(self.url, json=body) as response:
            if response.status >= HTTPStatus.BAD_REQUEST:
                raise ClientResponseError(
                    response.status, response.reason, await response.content.read()
                )
            return await response.json()

    @staticmethod
    def _note_failure() -> None:
        outcome = current_outcome.get()
        if outcome is not None:
            outcome.failure = "actions_unavailable"


def _is_rejection(refused: ClientResponseError) -> bool:
    """A form that could not use the message says so with 400 and its action's name."""
    if refused.status != HTTPStatus.BAD_REQUEST:
        return False
    try:
        return "action_name" in json.loads(refused.text)
    except (ValueError, TypeError):
        return False
