"""What goes on beside the requests: feed, notices, verdicts, leases. Ends with the application."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from web.keys import BANK, DESK, FEED, SCORES, UTTERANCES
from web.leases import LeaseKeeper
from web.notices import NoticeTeller
from web.verdicts import JobTeller


async def background(app: web.Application) -> AsyncIterator[None]:
    """Start the tasks with the application, cancel them with it."""
    teller = NoticeTeller(app[BANK], app[DESK], app[FEED])
    keeper = LeaseKeeper(app[BANK], app[DESK], app[UTTERANCES])
    verdicts = JobTeller(app[BANK], app[DESK])
    tasks = [asyncio.create_task(work.run()) for work in (app[FEED], teller, verdicts, keeper)]
    tasks.append(asyncio.create_task(asyncio.to_thread(app[SCORES].warm)))
    yield
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
