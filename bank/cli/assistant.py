"""The trained assistant's environment, which has an interpreter of its own, asked from here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from bank.cli.output import refuse
from bank.cli.places import BOT_PYTHON, ROOT


def run_bot(command: Sequence[str], *, typed: str | None = None) -> Any:
    """Run a module of the assistant's environment and return the JSON it prints.

    typed: its standard input. Exits with the last line of what it complained of.
    """
    done = subprocess.run(
        [str(BOT_PYTHON), "-m", *command],
        cwd=ROOT, input=typed, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise refuse(f"It stopped: {lines[-1]}")
    return json.loads(done.stdout)


def read_sentences(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return how the trained assistant reads sentences without line ends, as rows of bot.read."""
    rows: list[dict[str, Any]] = run_bot(["bot.read"], typed="".join(f"{one}\n" for one in texts))
    return rows
