"""A real branch for the browser: web, actions and Rasa on free ports, a small seeded town."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLORIN = ROOT / ".venv" / "bin" / "florin"
START_S = 280
#: Enough for advice and segments to learn from.
CUSTOMERS = 260

Login = tuple[str, str]


@dataclass(frozen=True)
class Branch:
    """Where it answers, and who may come in. By name: passkeys belong to `localhost`."""

    url: str
    customer: Login
    staff: Login
    colleague: Login
    reviewer: Login
    customers: tuple[Login, ...]
    env: dict[str, str]

    def command(self, *words: str) -> str:
        """Run a `florin` command in this branch's home; return what it printed."""
        done = subprocess.run(
            [str(FLORIN), *words], cwd=ROOT, env=self.env, capture_output=True, text=True,
            timeout=START_S, check=True,
        )  # fmt: skip
        return done.stdout


@contextmanager
def open_branch(
    home: Path, *, customers: int = CUSTOMERS, settings: Mapping[str, str] | None = None
) -> Iterator[Branch]:
    """Start a branch whose data lives in `home`; stop it at the end."""
    port, rasa_port, actions_port = _free_ports(3)
    env = {
        **os.environ,
        "FLORIN_HOME_DIR": str(home),
        "FLORIN_PORT": str(port),
        "FLORIN_RASA_PORT": str(rasa_port),
        "FLORIN_ACTIONS_PORT": str(actions_port),
        "FLORIN_DELIVERY": "demo_phone",
        "FLORIN_PUBLIC_URL": f"http://localhost:{port}",
        **(settings or {}),
    }
    command = [
        str(FLORIN),
        "up",
        "--detach",
        "--json",
        "--customers",
        str(customers),
        "--seed",
        "7",
    ]
    try:
        started = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=START_S, check=False
        )
        assert started.returncode == 0, started.stderr[-3000:]
        demo = json.loads(started.stdout)["demo"]
        logins = tuple((name, password) for name, password in demo["customer"])
        yield Branch(
            url=f"http://localhost:{port}",
            customer=logins[0],
            staff=tuple(demo["staff"][0]),
            colleague=tuple(demo["staff"][1]),
            reviewer=tuple(demo["staff"][2]),
            customers=logins,
            env=env,
        )
    finally:
        subprocess.run([FLORIN, "down"], cwd=ROOT, env=env, capture_output=True, check=False)


def _free_ports(count: int) -> list[int]:
    """All are held until all are chosen, so none is given twice."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
