"""The process itself: it serves, stops on a signal, and says why it cannot start."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import actions.__main__ as actions_main
import web.__main__ as web_main
from bank.security.keys import KeyUnusable
from bank.threads import NAME_PREFIX, THREADS_COUNT
from tests.web.house import make_settings

ROOT = Path(__file__).resolve().parents[2]


def _environment(home_dir, port):
    return {**os.environ, "FLORIN_HOME_DIR": str(home_dir), "FLORIN_PORT": str(port)}


def test_given_a_taken_port_when_started_then_one_sentence_and_exit_code_1(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = subprocess.run(
            [sys.executable, "-m", "web"], cwd=ROOT, env=_environment(tmp_path, port),
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_given_a_free_port_when_started_then_it_serves_and_stops_on_sigterm(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "web"], cwd=ROOT, env=_environment(tmp_path, 0),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        assert line.startswith("Florin listens on http://127.0.0.1:"), process.stderr.read()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


def test_given_a_setting_that_is_no_number_when_started_then_the_variable_is_named(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "web"], cwd=ROOT, env=_environment(tmp_path, "eighty"),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "FLORIN_PORT" in done.stderr


async def test_given_the_web_process_when_it_serves_then_many_writers_may_wait_together(
    tmp_path, monkeypatch
):
    def opens(_settings):
        names.append(threading.current_thread().name)
        raise KeyUnusable("that is far enough")

    names: list[str] = []
    monkeypatch.setattr(web_main, "open_bank", opens)

    with pytest.raises(KeyUnusable):
        await web_main.serve(make_settings(tmp_path))

    assert names[0].startswith(NAME_PREFIX)
    await _all_wait_together()


async def test_given_the_action_server_when_it_serves_then_many_writers_may_wait_together(
    monkeypatch,
):
    async def serves(_server, *, port):
        await _all_wait_together()
        return port

    monkeypatch.setattr(actions_main, "serve_for_ever", serves)

    await actions_main.serve(None, port=1)


async def _all_wait_together():
    """Each call returns only when all THREADS_COUNT of them run."""
    together = threading.Barrier(THREADS_COUNT)
    await asyncio.gather(*(asyncio.to_thread(together.wait, 5) for _ in range(THREADS_COUNT)))
