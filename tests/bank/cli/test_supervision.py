"""Supervision: one process is started anew, the others run on."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bank.cli import supervision
from bank.cli.supervision import Supervision

WAIT_S = 20.0


def test_given_nothing_running_when_restarted_then_it_says_so(tmp_path: Path) -> None:
    assert Supervision(tmp_path).restart("rasa") is False


def test_given_a_branch_when_one_process_is_restarted_then_it_alone_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    procfile = tmp_path / "Procfile"
    procfile.write_text("web: sleep 300\nrasa: sleep 300\n")
    monkeypatch.setattr(supervision, "PROCFILE", procfile)
    running = Supervision(tmp_path / "home")
    process = running.start(dict(os.environ))
    try:
        deadline = time.monotonic() + WAIT_S
        while set(running.states().values()) != {"RUNNING"} and time.monotonic() < deadline:
            time.sleep(0.1)
        before = running.pids()

        assert running.restart("rasa") is True

        after = running.pids()
        assert after["rasa"] not in (0, before["rasa"])
        assert after["web"] == before["web"]
    finally:
        running.stop()
        process.wait(WAIT_S)
