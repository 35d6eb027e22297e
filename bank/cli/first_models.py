"""The first models of a branch: who may leave, what may be fraud; learnt once there is a past.

    up ─▶ seed ─▶ `florin analytics learn`, a process of its own ─┬▶ done: its models serve
                                                                  ├▶ slow: goes on in the background
                                                                  └▶ failed: a sentence; up goes on

The bank imports no room above it, so the room of models is asked by its command, as one would at
the terminal; a branch without that room goes without.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

from bank.bootstrap import Bank
from bank.ports import UnitOfWork
from bank.settings import Settings

_ROOM = "analytics"
#: A handful of invented people teaches nothing; the tests' branches have twenty.
CUSTOMERS_MIN = 200
#: How long `up` waits before it lets the learning go on by itself.
WAIT_S = 90.0
_LOOK_EVERY_S = 0.2


def are_wanted(settings: Settings, bank: Bank) -> bool:
    """Whether there is a room of models, people to learn from, and nothing learnt yet."""
    has_room = any(one.name == _ROOM for one in entry_points(group="florin.commands"))
    is_new = not any(settings.registry_dir.glob("*/champion.json"))
    return has_room and is_new and bank.store.read(_customers_count) >= CUSTOMERS_MIN


def learn(settings: Settings, advance: Callable[[float], None], *, wait_s: float = WAIT_S) -> str:
    """Learn the models in a process of its own; return what went wrong, "" when nothing did.

    Comes back after `wait_s` at the latest; what is not done by then goes on, and is served once
    it is there. What the process says is kept in log/models.log of the home.
    """
    log = settings.home_dir.resolve() / "log" / "models.log"
    environment = {
        **os.environ,
        "FLORIN_HOME_DIR": str(settings.home_dir.resolve()),
        # More threads would take the cores from the assistant's training.
        "OMP_NUM_THREADS": "1",
    }
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as told:
            # Into a file, not a pipe: it has to outlive this process.
            process = subprocess.Popen(
                [sys.executable, "-m", "bank.cli", _ROOM, "learn", "--shares"],
                stdout=told, stderr=told, env=environment, start_new_session=True,
            )  # fmt: skip
    except OSError as fault:
        return f"Models were not learnt: {fault}."
    deadline = time.monotonic() + wait_s
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)
        advance(_share_in(log))
    if process.poll():
        return f"Models were not learnt; see {log}. `florin analytics learn` tries again."
    return ""


def _customers_count(uow: UnitOfWork) -> int:
    return uow.customers.count()


def _share_in(log: Path) -> float:
    """Return the last progress the process wrote, 0 before the first."""
    told = re.findall(r"^share (\d\.\d+)$", log.read_text(errors="replace"), re.MULTILINE)
    return float(told[-1]) if told else 0.0
