"""Rasa's side of `florin nlu learn`: train a challenger, and let a model read sentences.

    python -m bot.learn train FOLDER     FOLDER/learnt.yml ─▶ FOLDER/florin.tar.gz, .sources
    python -m bot.learn read MODEL       ["…", …] on standard input ─▶ [[intent, confidence], …]

The model that serves is not touched. A reading is the pipeline's own answer, fallback included,
as in benchmarks/holdout.py.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from bot import train as training


def train_challenger(folder: Path) -> None:
    """Train with a folder's learnt.yml; model and mark are written into the folder."""
    with training.alone():
        training.train(model=folder / training.MODEL.name, learnt=folder / training.LEARNT.name)


async def read(model: Path, sentences: list[str]) -> list[tuple[str, float]]:
    """Return (intent, confidence) of every sentence."""
    import structlog
    from rasa.core.agent import Agent

    # Rasa logs the text of every message it parses; these are customers' words.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    agent = Agent.load(str(model))
    # A leading slash would be an intent to Rasa; the channel never lets one through.
    parsed = [await agent.parse_message(sentence.lstrip("/ ")) for sentence in sentences]
    return [(one["intent"]["name"], one["intent"]["confidence"]) for one in parsed]


def main() -> int:
    """Do one of the two; 2 for anything else."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")
    if len(sys.argv) != 3 or sys.argv[1] not in ("train", "read"):
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    act, path = sys.argv[1], Path(sys.argv[2])
    if act == "train":
        train_challenger(path)
        return 0
    printed = os.dup(1)
    os.dup2(2, 1)  # Rasa writes to stdout: the answers alone go there
    sentences: Any = json.load(sys.stdin)
    answers = asyncio.run(read(path, sentences))
    with os.fdopen(printed, "w") as out:
        print(json.dumps(answers), file=out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
