"""What watches beside the doors of a process that serves: ear, scorer, sentinel.

Apart from `make_app`, so that a test of a page starts no model: `python -m web` starts these.
"""

from __future__ import annotations

import threading

from aiohttp import web

from web.keys import EAR, SCORER, SENTINEL


def start_guards(app: web.Application) -> None:
    """Begin to load and to watch; nobody waits for it."""
    threading.Thread(target=app[EAR].warm, name="ear", daemon=True).start()
    app[SCORER].start()
    app[SENTINEL].start()


def guards_ready(app: web.Application) -> dict[str, bool]:
    """Return which of them hear, score and watch by now."""
    return {
        "ear": app[EAR].is_ready, "scorer": app[SCORER].is_warm,
        "sentinel": app[SENTINEL].is_watching,
    }  # fmt: skip


def stop_guards(app: web.Application) -> None:
    """End the threads with the process."""
    app[SCORER].stop()
    app[SENTINEL].stop()
