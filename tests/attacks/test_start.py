"""Rasa with a wrong store, a stock door or a missing key does not run: code 78, one sentence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.dialogue.processes import BOT_PYTHON, ROOT, free_port, train_if_stale

pytestmark = pytest.mark.rasa

EX_CONFIG = 78


def run_rasa(tmp_path: Path, *, credentials: str = "", endpoints: str = "") -> tuple[int, str]:
    """Start Rasa's own command line with changed files; return its exit code and last words."""
    train_if_stale()
    files = {}
    for name, changed in (("credentials.yml", credentials), ("endpoints.yml", endpoints)):
        files[name] = tmp_path / name
        files[name].write_text(changed or (ROOT / name).read_text())
    key = "k" * 43
    env = {
        **os.environ, "FLORIN_HOME_DIR": str(tmp_path), "FLORIN_TURN_KEY": key,
        "FLORIN_MASTER_KEY": key, "FLORIN_ACTION_TOKEN": key, "FLORIN_ACTIONS_PORT": "1",
        "RASA_TELEMETRY_ENABLED": "false",
    }  # fmt: skip
    done = subprocess.run(
        [BOT_PYTHON.with_name("rasa"), "run", "--port", str(free_port()), "-i", "127.0.0.1",
         "--model", "models/florin.tar.gz", "--credentials", files["credentials.yml"],
         "--endpoints", files["endpoints.yml"]],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


def test_given_a_store_that_cannot_be_loaded_when_started_then_it_stops(tmp_path):
    endpoints = (ROOT / "endpoints.yml").read_text().replace(
        "EncryptedTrackerStore", "EncryptedTrackerStoor"
    )

    code, words = run_rasa(tmp_path, endpoints=endpoints)

    assert code == EX_CONFIG
    assert "refusing to start: the tracker store is InMemoryTrackerStore" in words


def test_given_a_stock_channel_when_started_then_it_stops(tmp_path):
    credentials = (ROOT / "credentials.yml").read_text() + "\nrest:\n"

    code, words = run_rasa(tmp_path, credentials=credentials)

    assert code == EX_CONFIG
    assert "/webhooks/rest" in words


def test_given_no_key_when_started_then_it_says_which(tmp_path):
    env = {k: v for k, v in os.environ.items() if not k.startswith("FLORIN_")}
    done = subprocess.run(
        [BOT_PYTHON, "-W", "ignore", "-m", "bot.run"], cwd=ROOT, capture_output=True, text=True,
        env={**env, "FLORIN_HOME_DIR": str(tmp_path)}, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == EX_CONFIG
    assert "FLORIN_ACTION_TOKEN is not set" in done.stderr
