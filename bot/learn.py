"""Rasa's side of `florin nlu learn`: train a challenger, and let a model read sentences.

    python -m bot.learn train FOLDER     FOLDER/learnt.yml ─▶ FOLDER/florin.tar.gz, .sources
    python -m bot.learn read MODEL       ["…", …] on standard input ─▶ [[intent, confidence], …]

The model that serves is not touched. A reading is the pipeline's own answer, fallback included,
as in benchmarks/holdout.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot import train as training
from bot.evaluate import parse_all
from bot.quiet import own_output


def train_challenger(folder: Path) -> None:
    """Train with a folder's learnt.yml; model and mark are written into the folder."""
    with training.alone():
        training.train(model=folder / training.MODEL.name, learnt=folder / training.LEARNT.name)


def read(model: Path, sentences: list[str]) -> list[tuple[str, float]]:
    """Return (intent, confidence) of every sentence."""
    readings, _ = parse_all(str(model), sentences)
    return [(one["intent"]["name"], one["intent"]["confidence"]) for one in readings]


def main() -> int:
    """Do one of the two; 2 for anything else."""
    if len(sys.argv) != 3 or sys.argv[1] not in ("train", "read"):
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    act, path = sys.argv[1], Path(sys.argv[2])
    with own_output() as out:
        if act == "train":
            train_challenger(path)
        else:
            print(json.dumps(read(path, json.load(sys.stdin))), file=out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
