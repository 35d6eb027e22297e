"""Unsubscribe in one turn: every phrasing of the table, through the whole trained pipeline."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_ASK = """
import csv, json, sys
from bot.quiet import own_output
with own_output() as out:
    from bot.evaluate import parse_all
    with open("tests/nlu/stop_offers.csv", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    readings, _ = parse_all("models/florin.tar.gz", texts)
    print(json.dumps([(t, r["intent"]["name"]) for t, r in zip(texts, readings)]), file=out)
"""


@pytest.mark.rasa
def test_given_each_way_to_say_it_then_the_pipeline_knows_it_in_one_turn():
    done = subprocess.run(
        [str(ROOT / "bot/.venv/bin/python"), "-c", _ASK],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
    understood = json.loads(done.stdout.strip().splitlines()[-1])
    assert len(understood) >= 40
    assert [(text, got) for text, got in understood if got != "stop_offers"] == []
