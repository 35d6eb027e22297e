"""How the trained assistant reads a sentence: `florin nlu read "send 20 to Ana"`.

    bot/.venv/bin/python -m bot.read [--model F.tar.gz] TEXT …      or one sentence a line on stdin

    {"text", "intent", "confidence", "typicality", "language", "ranking": [[intent, confidence] …],
     "entities": [{"entity", "value", "said"} …]}                   one a sentence

Nothing is done and nothing is kept: only words are read.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bot import without_tensorflow
from bot.evaluate import parse_all
from bot.quiet import own_output


def as_row(text: str, reading: dict[str, Any]) -> dict[str, Any]:
    """Return the part of Rasa's reading that says how a sentence was understood."""
    intent = reading.get("intent") or {}
    return {
        "text": text,
        "intent": intent.get("name"),
        "confidence": round(intent.get("confidence") or 0.0, 4),
        "typicality": reading.get("typicality"),
        "language": reading.get("language"),
        "ranking": [
            [one["name"], round(one["confidence"], 4)] for one in reading.get("intent_ranking", [])
        ],
        "entities": [
            {"entity": one["entity"], "value": one["value"], "said": text[one["start"]:one["end"]]}
            for one in reading.get("entities", [])
            if "start" in one
        ],
    }  # fmt: skip


def main() -> int:
    """Print the readings as JSON; 2 where there is no trained model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("texts", nargs="*")
    parser.add_argument("--model", type=Path, default=Path("models/florin.tar.gz"))
    args = parser.parse_args()
    if not args.model.is_file():
        print(f"florin: there is no model {args.model}; `florin train` makes it", file=sys.stderr)
        return 2
    texts = args.texts or [line.rstrip("\n") for line in sys.stdin]
    without_tensorflow.spare(without_tensorflow.components_of_model(args.model))
    with own_output() as out:
        readings, _ = parse_all(str(args.model), texts)
        rows = [as_row(text, reading) for text, reading in zip(texts, readings)]
        print(json.dumps(rows, indent=2, ensure_ascii=False), file=out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
