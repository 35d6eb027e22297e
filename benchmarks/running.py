"""A whole branch of its own, started and stopped by the stable commands, for measuring."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
FLORIN = ROOT / ".venv" / "bin" / "florin"


def free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RunningBranch:
    """`florin up --detach` in a home of its own; `with RunningBranch(customers=60) as branch:`"""

    def __init__(self, *, customers: int = 60, env: dict[str, str] | None = None) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="florin-"))
        self.customers = customers
        self.ports = {name: free_port() for name in ("PORT", "RASA_PORT", "ACTIONS_PORT")}
        self.env = {
            **os.environ,
            "FLORIN_HOME_DIR": str(self.home),
            **{f"FLORIN_{name}": str(port) for name, port in self.ports.items()},
            **(env or {}),
        }
        self.url = f"http://127.0.0.1:{self.ports['PORT']}"
        self.demo: dict[str, Any] = {}

    def __enter__(self) -> Self:
        done = self.florin("up", "--detach", "--customers", str(self.customers), "--json")
        if done.returncode != 0:
            self.__exit__(None, None, None)
            raise RuntimeError(f"the branch did not start:\n{done.stdout}{done.stderr}")
        self.demo = json.loads(done.stdout.strip().splitlines()[-1])["demo"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.florin("down")
        if kind is None:
            shutil.rmtree(self.home, ignore_errors=True)

    def florin(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command against this branch."""
        return subprocess.run(
            [str(FLORIN), *arguments],
            cwd=ROOT, env=self.env, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip

    def pids(self) -> dict[str, int]:
        """Return process name → process id, from the supervisor."""
        from bank.cli.supervision import Supervision

        return Supervision(self.home.resolve()).pids()
