"""The action server: rasa-sdk's executor behind a door of our own.

    POST /webhook   bearer ─▶ no Content-Encoding ─▶ ≤ 1 MB ─▶ JSON ─▶ executor.run
    GET  /health    200, for whoever starts us

rasa-sdk's own server listens on every address, asks nobody who they are, inflates what it is
sent, lists its actions, and returns the whole request (all slots) when something breaks. Here an
error says its code and nothing of the request.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import signal
from collections.abc import Iterable
from typing import Any

from aiohttp import web
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions.base import BankAction, BankForm
from actions.domain_parts import load_domain

MAX_BODY_BYTES = 1_048_576

logger = logging.getLogger(__name__)


class ActionServer:
    """Answers Rasa's calls, and only Rasa's."""

    def __init__(self, actions: Iterable[BankAction | BankForm], *, token: str) -> None:
        assert token, "an empty bearer would let everybody in"
        self._authorization = f"Bearer {token}".encode()
        self._domain = load_domain()
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)

    def app(self) -> web.Application:
        """Return the aiohttp application; `start` runs it as it must be run."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_post("/webhook", self._webhook)
        app.router.add_get("/health", self._health)
        return app

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _webhook(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._authorization):
            return _error(401, "not_authenticated")
        if "Content-Encoding" in request.headers:
            return _error(415, "compressed_body")
        try:
            call = json.loads(await request.read())
            known = _is_call(call)
        except web.HTTPRequestEntityTooLarge:
            return _error(413, "too_large")
        except (ValueError, RecursionError):
            return _error(400, "invalid_json")
        if not known:
            return _error(400, "invalid_call")
        return await self._run(call)

    async def _run(self, call: dict[str, Any]) -> web.Response:
        # Not what the caller says the domain is: what our files say.
        call["domain"] = self._domain
        try:
            result = await self._executor.run(call)
        except ActionExecutionRejection as rejection:
            # Rasa reads this: the form could not use the message, another policy may.
            return _error(400, "action_rejected", action_name=rejection.action_name)
        except ActionNotFoundException:
            return _error(404, "unknown_action")
        except Exception as fault:
            # Not the message of the exception: it may quote the customer.
            logger.exception("action %s failed", call["next_action"], exc_info=_bare(fault))
            return _error(500, "action_failed")
        assert result is not None, "next_action was checked"
        return web.json_response(result.model_dump())


async def start(server: ActionServer, *, port: int) -> web.AppRunner:
    """Listen on loopback; `port` 0 lets the system choose. The caller cleans the runner up."""
    # aiohttp would inflate a compressed body before a handler sees its headers.
    runner = web.AppRunner(server.app(), access_log=None, auto_decompress=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


async def serve_for_ever(server: ActionServer, *, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is running."""
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    runner = await start(server, port=port)
    logger.info("action server listens on 127.0.0.1:%s", port)
    await stop.wait()
    await runner.cleanup()


def _is_call(call: object) -> bool:
    return (
        isinstance(call, dict)
        and isinstance(call.get("next_action"), str)
        and bool(call["next_action"])
        and isinstance(call.get("tracker"), dict)
    )


def _bare(fault: Exception) -> Exception:
    """The same place in the code, without the words of the exception."""
    return RuntimeError(type(fault).__name__).with_traceback(fault.__traceback__)


def _error(status: int, code: str, **more: str) -> web.Response:
    body = {"error": code, "code": code, **more}
    return web.json_response(body, status=status)
