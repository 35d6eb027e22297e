"""Start-up self-test: Rasa runs as we built it, or not at all.

    is there a model? ─▶ is the store ours? ─▶ are there doors we did not open? ─▶ take turns
                              no, no, yes ─▶ one sentence, exit code 78

Stock Rasa goes on without a model, replaces a store it cannot load by memory, and opens whatever
channel is in the credentials (facts R7-R10, R20: docs/threat-model.md).
"""

from __future__ import annotations

import os
import sys
from typing import Any, Optional

from rasa.core.tracker_store import FailSafeTrackerStore
from sanic import Sanic

from bot.action_endpoint import ActionEndpoint
from bot.tracker_store import EncryptedTrackerStore

EX_CONFIG = 78  # sysexits.h

#: Everything this server may answer. A stock door, old or new, is refused by not being here.
OUR_DOORS = frozenset({"/", "/webhooks/florin", "/webhooks/florin/turn"})


def guard_or_exit(app: Sanic) -> None:
    """Guard the agent, or end the process with one clear sentence."""
    fault = find_fault(app)
    if fault is not None:
        print(f"florin: refusing to start: {fault}", file=sys.stderr, flush=True)
        os._exit(EX_CONFIG)  # a listener's exception would leave the server half open
    guard(app.ctx.agent)


def find_fault(app: Sanic) -> Optional[str]:
    """Return why this server must not run, or None."""
    agent = getattr(app.ctx, "agent", None)
    if agent is None or agent.processor is None:
        return "there is no trained model; run `florin up` or `python -m bot.train`."
    store = _unwrapped(agent.tracker_store)
    if type(store) is not EncryptedTrackerStore:
        name = type(store).__name__
        return f"the tracker store is {name}, not the encrypted one (endpoints.yml)."
    if agent.action_endpoint is None:
        return "no action server is configured (endpoints.yml)."
    strange = sorted(_doors(app) - OUR_DOORS)
    if strange:
        return f"doors that are not ours are open: {', '.join(strange)} (credentials.yml)."
    return None


def guard(agent: Any) -> None:
    """Take off Rasa's fail-safe, which hides errors of the store, and watch the action calls."""
    store = _unwrapped(agent.tracker_store)
    endpoint = ActionEndpoint.like(agent.action_endpoint)
    agent.tracker_store = agent.processor.tracker_store = store
    agent.action_endpoint = agent.processor.action_endpoint = endpoint


def _unwrapped(store: Any) -> Any:
    # Rasa wraps every store in this class and has no name for what is inside.
    return store._tracker_store if isinstance(store, FailSafeTrackerStore) else store  # noqa: SLF001


def _doors(app: Sanic) -> set[str]:
    return {"/" + route.path.strip("/") for route in app.router.routes}
