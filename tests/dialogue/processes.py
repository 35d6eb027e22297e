"""What a dialogue test runs beside itself: one Rasa process, and one event loop in a thread."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.running import free_port

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
READY_TIMEOUT_S = 120
TURN_TIMEOUT_S = 60


def train_if_stale() -> None:
    """Bring models/florin.tar.gz up to date; shows Rasa's words only when it fails."""
    done = subprocess.run(
        [BOT_PYTHON, "-W", "ignore", "-m", "bot.train", "--if-stale"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"training failed:\n{(done.stdout + done.stderr)[-4000:]}")


class LoopThread:
    """An event loop that runs beside the tests, which are plain functions."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` there and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(TURN_TIMEOUT_S)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)


@dataclass
class RasaProcess:
    """A real Rasa with the trained model and a home of its own."""

    home_dir: Path
    actions_port: int
    turn_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    master_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    action_token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    port: int = field(default_factory=free_port)
    env: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_path(self) -> Path:
        return self.home_dir / "rasa.log"

    def start(self) -> None:
        """Start and wait until turns are taken. Raises RuntimeError with the log's end."""
        env = {
            **os.environ,
            "FLORIN_HOME_DIR": str(self.home_dir),
            "FLORIN_RASA_PORT": str(self.port),
            "FLORIN_ACTIONS_PORT": str(self.actions_port),
            "FLORIN_TURN_KEY": self.turn_key,
            "FLORIN_MASTER_KEY": self.master_key,
            "FLORIN_ACTION_TOKEN": self.action_token,
            **self.env,
        }
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [BOT_PYTHON, "-W", "ignore", "-m", "bot.run"],
                cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        deadline_s = time.monotonic() + READY_TIMEOUT_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline_s:
                self.stop()
                raise RuntimeError(f"rasa did not start:\n{self.log_path.read_text()[-3000:]}")
            time.sleep(0.2)

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def kill(self) -> None:
        """Die as in a power cut."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base_url}/webhooks/florin/", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
