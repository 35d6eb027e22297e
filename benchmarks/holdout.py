"""Held-out customer sentences through the trained model: accuracy, and what was taken for what.

    bot/.venv/bin/python benchmarks/holdout.py [--json]

Reads tests/nlu/*.csv (text,category); a repository test keeps those sentences out of nlu_data. A
sentence counts as understood when the pipeline's own answer, fallback included, is its intent.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import logging
import os
import sys
import warnings
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


async def understand(sentences: list[str]) -> list[tuple[str, float]]:
    """Return (intent, confidence) of each sentence."""
    import structlog
    from rasa.core.agent import Agent

    # Rasa logs the text of every message it parses; here it would only be noise.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    agent = Agent.load(str(ROOT / "models" / "florin.tar.gz"))
    parsed = [await agent.parse_message(sentence) for sentence in sentences]
    return [(p["intent"]["name"], p["intent"]["confidence"]) for p in parsed]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report = {}
    for path in sorted((ROOT / "tests" / "nlu").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        answers = asyncio.run(understand([row["text"] for row in rows]))
        wrong = [
            (row["category"], got, row["text"])
            for row, (got, _) in zip(rows, answers)
            if got != row["category"]
        ]
        report[path.stem] = {
            "sentences": len(rows),
            "accuracy": round(1 - len(wrong) / len(rows), 4),
            "fallback": sum(got == "nlu_fallback" for _, got, _ in wrong),
            "confused": Counter(f"{want} → {got}" for want, got, _ in wrong).most_common(5),
            "wrong": wrong,
        }
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
        return
    print(
        "| set | sentences | understood | of the rest: asked again | taken for another |\n|---|---|---|---|---|"
    )
    for name, figures in report.items():
        missed = len(figures["wrong"])
        print(
            f"| {name} | {figures['sentences']} | {figures['accuracy']:.1%} | "
            f"{figures['fallback']} | {missed - figures['fallback']} |"
        )


if __name__ == "__main__":
    main()
