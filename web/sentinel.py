"""The sentinel: our own requests and logins, looked at as they come, beside the answers.

    middleware ─▶ queue, bounded ─▶ one thread: analytics.threats.Watch ─▶ the bank's sink
                    └ full: counted, and an alarm

No request waits for it, and none is refused by it: what it finds becomes a block of the bank, which
the doors look at (web/closed.py). A name that was tried is kept only inside the watch's bounded
memory, under a key.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from analytics.threats.events import Login, Request
from web.addresses import client_address
from web.keys import SENTINEL

if TYPE_CHECKING:
    from analytics.threats.events import Event
    from analytics.threats.watching import Watch
    from bank.bootstrap import Bank

#: More events than this wait nowhere: under a flood some are counted instead of looked at.
WAITING_MOST = 20_000
_REST_S = 1.0
#: Where a login's handler leaves the name that was tried.
TRIED_NAME: web.RequestKey[str] = web.RequestKey("tried_name", str)
#: Asked by probes and pages all the time, and never by an attacker for long.
_QUIET = ("/healthz", "/readyz", "/metrics", "/static/")

log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Sentinel:
    """Watches one web process. `start` loads libraries in its thread; until then events wait."""

    def __init__(self, bank: Bank, models_dir: Path, *, waiting_most: int = WAITING_MOST) -> None:
        self._bank = bank
        self._models_dir = models_dir
        self._waiting: queue.Queue[Event] = queue.Queue(waiting_most)
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.dropped_count = 0
        self.is_watching = False

    def start(self) -> None:
        """Begin to watch, in a thread of its own."""
        assert self._thread is None, "started already"
        self._thread = threading.Thread(target=self._run, name="sentinel", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after what it looks at now."""
        self._stopped.set()

    def see(self, request: web.Request, status: int) -> None:
        """Take one request that was answered. Costs some microseconds."""
        source = client_address(request)
        at_s = time.time()
        name = request.get(TRIED_NAME)
        if name is not None:  # one that was refused as too many is an attempt as well
            self._put(Login(at_s, name, source, status < HTTPStatus.BAD_REQUEST))
        self._put(
            Request(
                at_s, source, request.method, request.raw_path, status,
                request.headers.get("User-Agent", "")[:256],
            )
        )  # fmt: skip

    def _put(self, event: Event) -> None:
        try:
            self._waiting.put_nowait(event)
        except queue.Full:
            self.dropped_count += 1

    def _run(self) -> None:
        from analytics.threats.reading.sources import Lost  # noqa: PLC0415  see _make_watch

        try:
            watch = self._make_watch()
        except Exception:  # the bank serves on; that nobody watches is said loudly
            log.exception("sentinel.blind")
            return
        told_dropped, self.is_watching = 0, True
        while not self._stopped.is_set():
            try:
                watch.take(self._waiting.get(timeout=_REST_S))
            except queue.Empty:
                watch.rest()
            if self.dropped_count > told_dropped:
                told_dropped = self.dropped_count
                watch.take_lines([], Lost(dropped_count=told_dropped))

    def _make_watch(self) -> Watch:
        from analytics.errors import BrokenModel  # noqa: PLC0415
        from analytics.threats.bank_sink import BankSink  # noqa: PLC0415  libraries of tables
        from analytics.threats.keeping import find_requests  # noqa: PLC0415
        from analytics.threats.thresholds import load_thresholds  # noqa: PLC0415
        from analytics.threats.watching import Watch  # noqa: PLC0415

        try:
            requests = find_requests(self._models_dir)
        except BrokenModel:  # of older signatures, say: what has a signature is seen all the same
            log.exception("sentinel.signatures_only")
            requests = None
        return Watch(load_thresholds(), BankSink(self._bank), requests=requests, live=True)


@web.middleware
async def sentinel_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show each answered request to the sentinel, refused and unknown ones too."""
    status = int(HTTPStatus.INTERNAL_SERVER_ERROR)
    try:
        response = await handler(request)
    except web.HTTPException as refusal:
        status = refusal.status
        raise
    else:
        status = response.status
        return response
    finally:
        if not request.path.startswith(_QUIET):
            request.app[SENTINEL].see(request, status)
