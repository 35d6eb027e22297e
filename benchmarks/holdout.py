"""Held-out customer sentences through the trained model: accuracy, and what was taken for what.

    bot/.venv/bin/python benchmarks/holdout.py

Reads tests/nlu/holdout_*.csv (text,category); a repository test keeps them out of nlu_data. A
sentence counts as understood when the pipeline's own answer, fallback included, is its intent. The
last columns are the same sentences spoilt as thumbs do it (bot/noise.py).
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
warnings.simplefilter("ignore")

from bot import noise  # noqa: E402
from bot.evaluate import parse_all  # noqa: E402


def understood(tables: dict[str, list[dict[str, str]]], kinds: tuple) -> list[dict[str, dict]]:
    """Return every table's figures for each kind of noise; None leaves the sentences as they are."""
    sentences = [row["text"] for rows in tables.values() for row in rows]
    asked = [noise.spoil(text, kind) if kind else text for kind in kinds for text in sentences]
    readings, _ = parse_all(str(ROOT / "models" / "florin.tar.gz"), asked)
    answers = iter(reading["intent"]["name"] for reading in readings)
    return [{name: figures(rows, answers) for name, rows in tables.items()} for _ in kinds]


def figures(rows: list[dict[str, str]], answers: Iterator[str]) -> dict:
    """Return the figures of one table, taking its answers."""
    wrong = [
        (row["category"], got, row["text"])
        for row, got in zip(rows, answers)
        if got != row["category"]
    ]
    return {
        "sentences": len(rows),
        "accuracy": round(1 - len(wrong) / len(rows), 4),
        "fallback": sum(got == "nlu_fallback" for _, got, _ in wrong),
        "wrong": wrong,
    }


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    tables = {}
    for path in sorted((ROOT / "tests" / "nlu").glob("holdout_*.csv")):
        with path.open(encoding="utf-8") as file:
            tables[path.stem] = list(csv.DictReader(file))
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(50)  # Rasa logs the text of every message it parses
    report, *spoilt = understood(tables, (None, *noise.KINDS))
    print(
        "| set | sentences | understood | of the rest: asked again | taken for another | "
        "with typing errors | spaces missing | as SMS |\n|---|---|---|---|---|---|---|---|"
    )
    for name, found in report.items():
        missed = len(found["wrong"])
        noisy = " | ".join(f"{one[name]['accuracy']:.1%}" for one in spoilt)
        print(
            f"| {name} | {found['sentences']} | {found['accuracy']:.1%} | "
            f"{found['fallback']} | {missed - found['fallback']} | {noisy} |"
        )


if __name__ == "__main__":
    main()
