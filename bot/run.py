"""Starts Rasa as Florin runs it: `python -m bot.run` from the repository root, in the bot's Python.

Fills in what endpoints.yml asks for (FLORIN_ACTION_TOKEN from the key file), keeps Rasa on
loopback and its telemetry off, spares it TensorFlow where no component uses it, then hands over
to Rasa's own command line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot import without_tensorflow
from bot.keys import KeyMissing, load_key


def command(port: str, model: str) -> list[str]:
    """Return Rasa's command line. No --enable-api: those doors stay shut."""
    return [
        "rasa", "run", "--port", port, "--interface", "127.0.0.1", "--model", model,
        "--credentials", "credentials.yml", "--endpoints", "endpoints.yml",
    ]  # fmt: skip


def main() -> int:
    """Run until stopped; 78 when a key is missing."""
    os.environ.setdefault("FLORIN_ACTIONS_PORT", "5055")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    # One message at a time on one core: more threads would spin for a millisecond's work.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        os.environ["FLORIN_ACTION_TOKEN"] = load_key("action_token")
        load_key("turn_key")
        load_key("master_key")
    except KeyMissing as missing:
        print(f"florin: refusing to start: {missing}", file=sys.stderr)
        return 78
    model = os.environ.get("FLORIN_MODEL", "models/florin.tar.gz")
    sys.argv = command(os.environ.get("FLORIN_RASA_PORT", "5005"), model)
    if Path(model).is_file():  # where it is not, Rasa says so
        without_tensorflow.spare(without_tensorflow.components_of_model(Path(model)))
    from rasa.__main__ import main as rasa_main  # slow to import: after the checks

    rasa_main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
