"""/healthz: this process lives. /readyz: a message sent now would be answered. /metrics."""

from __future__ import annotations

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bank.domain.errors import BankError
from web.guard import Answer, Caller, Door, Knock
from web.guards import guards_ready
from web.keys import ASSISTANT, METRICS


class Health(Answer):
    status: str


class Readiness(Answer):
    status: str
    database: bool
    assistant: bool


async def healthz(_knock: Knock) -> Health:
    return Health(status="ok")


async def readyz(knock: Knock) -> web.StreamResponse:
    """200 when database and assistant answer, else 503 that names what is missing."""
    database, assistant = await asyncio.gather(
        _database_answers(knock), knock.request.app[ASSISTANT].is_ready()
    )
    ready = database and assistant
    readiness = Readiness(
        status="ready" if ready else "waiting", database=database, assistant=assistant
    )
    return web.json_response(text=readiness.model_dump_json(), status=200 if ready else 503)


async def metrics(knock: Knock) -> web.StreamResponse:
    events, shown = knock.bank.security_events, knock.request.app[METRICS]
    if events:
        shown.set_siem(await asyncio.to_thread(events.queue), events.line)
    for guard, is_ready in guards_ready(knock.request.app).items():
        shown.guards.labels(guard).set(is_ready)
    body = shown.render()
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _database_answers(knock: Knock) -> bool:
    try:
        await asyncio.to_thread(knock.bank.store.read, lambda uow: uow.sessions.find("-"))
    except BankError:
        return False
    return True


DOORS = [
    Door(
        "GET", "/healthz", Caller.PUBLIC, healthz, "This process lives", answer=Health,
        never_closed=True,
    ),
    Door(
        "GET", "/readyz", Caller.PUBLIC, readyz, "A message now is answered", answer=Readiness,
        never_closed=True,
    ),
    Door("GET", "/metrics", Caller.PUBLIC, metrics, "Prometheus metrics", page=True),
]
