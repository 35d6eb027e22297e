"""`florin up` when it cannot: each refusal says what is wrong and what to do, and exits with 1."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def florin(*arguments, **env):
    return subprocess.run(
        [sys.executable, "-m", "bank.cli", *arguments], cwd=ROOT, text=True, timeout=60,
        capture_output=True, check=False, env={**os.environ, **env},
    )  # fmt: skip


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("name", ["FLORIN_PORT", "FLORIN_ACTIONS_PORT", "FLORIN_RASA_PORT"])
def test_given_a_taken_port_when_started_then_it_names_the_port_and_the_variable(
    tmp_path, taken_port, name
):
    done = florin("up", FLORIN_HOME_DIR=str(tmp_path), **{name: str(taken_port)})

    assert done.returncode == 1
    assert f"Port {taken_port} is taken" in done.stderr
    assert f"{name}=" in done.stderr
    assert not (tmp_path / "florin.db").exists()


def test_given_a_running_branch_when_started_again_then_it_says_where_it_runs(tmp_path):
    (tmp_path / "supervisord.pid").write_text(str(os.getpid()))

    done = florin("up", FLORIN_HOME_DIR=str(tmp_path))

    assert done.returncode == 1
    assert "runs here already" in done.stderr


def test_given_nothing_running_when_stopped_then_it_says_so(tmp_path):
    done = florin("down", FLORIN_HOME_DIR=str(tmp_path))

    assert done.returncode == 0
    assert "not running" in done.stdout


def test_given_nothing_running_when_asked_for_status_then_it_exits_with_1(tmp_path, taken_port):
    done = florin("status", FLORIN_HOME_DIR=str(tmp_path), FLORIN_PORT=str(taken_port))

    assert done.returncode == 1


def test_given_a_wrong_setting_when_started_then_the_variable_is_named(tmp_path):
    done = florin("up", FLORIN_HOME_DIR=str(tmp_path), FLORIN_PORT="many")

    assert done.returncode == 2
    assert "FLORIN_PORT" in done.stderr


def test_given_a_table_that_is_not_there_when_evaluated_then_it_is_misuse(tmp_path):
    done = florin("nlu", "evaluate", "--train", str(tmp_path / "no.csv"), "--test", "no.csv")

    assert done.returncode == 2
    assert "no.csv" in done.stderr
