"""The trained model on sentences it never saw. Accuracy is data: the table is in docs/benchmarks.md."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What a release may not fall below; the figures themselves are higher and in the table.
FLOOR = 0.90


@pytest.mark.rasa
def test_given_the_held_out_sentences_when_understood_then_nine_of_ten_are_right():
    done = subprocess.run(
        [str(ROOT / "bot/.venv/bin/python"), "benchmarks/holdout.py", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout.strip().splitlines()[-1])
    assert {name: f["accuracy"] for name, f in report.items() if f["accuracy"] < FLOOR} == {}
