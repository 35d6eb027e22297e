"""The webhooks, and what stands behind them while the application runs.

A webhook is public: its service's signature is the only thing that opens it, and it is checked
over the bytes as they came, before anything in them is read. A call is answered when its turn
is done. A service that will not wait so long calls again, which is harmless.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from bank.settings import Settings
from web.api.errors import RequestRefused
from web.channels.calls import Calls
from web.channels.delivery import Deliveries
from web.channels.linking import make_link_doors
from web.channels.parts import Call, Messenger
from web.channels.reception import Reception
from web.channels.showing import Showing
from web.channels.slack import Slack
from web.channels.telegram import Telegram
from web.channels.whatsapp import WhatsApp
from web.guard import Caller, Door, Handler, Knock
from web.keys import BANK, FEED, METRICS, SETTINGS, SIGNER, UTTERANCES

BODY_LIMIT_BYTES = 256 * 1024

KINDS: dict[str, Callable[[Settings, Calls], Messenger]] = {
    "telegram": Telegram,
    "whatsapp": WhatsApp,
    "slack": Slack,
}

MESSENGERS: web.AppKey[dict[str, Messenger]] = web.AppKey("messengers")
DELIVERIES: web.AppKey[Deliveries] = web.AppKey("deliveries")
RECEPTION: web.AppKey[Reception] = web.AppKey("reception")


def make_doors(names: list[str]) -> list[Door]:
    """Return the webhooks of these services and the page's doors for linking."""
    hooks = [
        Door(
            "POST", f"/channels/{name}", Caller.SIGNED, _webhook(name), page=True,
            is_messenger=True,
        )
        for name in names
    ]
    return [*hooks, *make_link_doors(names)]


def set_up(app: web.Application, names: list[str]) -> None:
    """Put the services into the application; their sending starts and ends with it."""
    settings = app[SETTINGS]
    messengers = {name: KINDS[name](settings, Calls()) for name in names}
    showing = Showing(
        app[BANK], app[UTTERANCES], app[SIGNER], public_url=settings.public_url
    )
    app[MESSENGERS] = messengers
    app[DELIVERIES] = Deliveries(app[BANK], app[FEED], messengers, showing, app[METRICS])
    app[RECEPTION] = Reception(app, app[DELIVERIES])
    app.cleanup_ctx.append(_send_while_running)


def _webhook(name: str) -> Handler:
    async def take(knock: Knock) -> web.StreamResponse:
        app, request = knock.request.app, knock.request
        messenger = app[MESSENGERS][name]
        call = Call(
            headers=request.headers,
            body=await _read_body(request),
            # What the service called, whatever a proxy made of it: Twilio signs the address.
            url=app[SETTINGS].public_url.rstrip("/") + request.raw_path,
        )
        delivery = messenger.read(call)
        for incoming in delivery.incoming:
            # Shielded: a service that hangs up must not cut a turn in the middle.
            await asyncio.shield(app[RECEPTION].take(messenger, incoming))
        return web.Response(text=delivery.answer, content_type=delivery.content_type)

    return take


async def _read_body(request: web.Request) -> bytes:
    """Return the body as it came. Raises RequestRefused: too_large, unsupported_media_type."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise RequestRefused("unsupported_media_type", 415)
    raw = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        raw += chunk
        if len(raw) > BODY_LIMIT_BYTES:
            raise RequestRefused("too_large", 413)
    return bytes(raw)


async def _send_while_running(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[DELIVERIES].run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await app[DELIVERIES].close()
