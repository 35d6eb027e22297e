"""What goes on beside the requests: the feed, and the notices. Ends with the application."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from web.keys import BANK, DESK, FEED
from web.notices import NoticeTeller


async def background(app: web.Application) -> AsyncIterator[None]:
    """Start the tasks with the application, cancel them with it."""
    teller = NoticeTeller(app[BANK], app[DESK], app[FEED])
    tasks = [asyncio.create_task(app[FEED].run()), asyncio.create_task(teller.run())]
    yield
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
