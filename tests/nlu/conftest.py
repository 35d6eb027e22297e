"""The trained assistant's reading of every sentence of this folder, by one process."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.nlu.sentences import ROOT, all_texts


@pytest.fixture(scope="session")
def readings() -> dict[str, dict[str, Any]]:
    """Rows of `bot.read`, by the text as it was written."""
    done = subprocess.run(
        [str(ROOT / "bot/.venv/bin/python"), "-m", "bot.read", "--", *all_texts()],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return {row["text"]: row for row in json.loads(done.stdout)}
