"""Trains the model with one line of output: `python -m bot.train` from the repository root.

    --if-stale   only when the sources changed since the last training (compares contents, 10 ms)
    --force      everything anew, without Rasa's cache
    --check      train nothing; exit 0 when the model is up to date, 1 when it is stale

The same as `rasa train --fixed-model-name florin --domain domain.yml --data nlu_data`, without
the validator's page of warnings (tests/repository checks more, and fails instead of warning).
Two trainings at once wait for each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot import without_tensorflow

MODEL = Path("models/florin.tar.gz")
#: What the model was trained from, as a digest.
MARK = Path("models/florin.sources")
LOCK = Path("models/.train.lock")
#: Sentences staff have labelled, put here by `florin nlu learn` with the model that learnt them.
LEARNT = Path("models/learnt.yml")
SOURCES = (
    "config.yml", "domain.yml", "bot/domain/**/*.yml", "bot/importer.py", "bot/components/*.py",
    "nlu_data/**/*.yml", "models/encoder/encoder.json",
)  # fmt: skip


def sources_digest(learnt: Path = LEARNT) -> str:
    """Return a digest of everything the model is made from."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(Path().glob(pattern)):
            digest.update(f"{path}\0".encode() + path.read_bytes() + b"\0")
    if learnt.exists():  # wherever it lies: it will lie at LEARNT
        digest.update(f"{LEARNT}\0".encode() + learnt.read_bytes() + b"\0")
    return digest.hexdigest()


def is_stale() -> bool:
    """Return whether the model is missing or made from other sources."""
    return not (
        MODEL.exists() and MARK.exists() and MARK.read_text(encoding="ascii") == sources_digest()
    )


def train(*, force: bool = False, model: Path = MODEL, learnt: Path = LEARNT) -> Path:
    """Train what changed and return the model file. Raises Rasa's exceptions.

    The mark is written beside the model. `learnt` is trained with where it exists.
    """
    from rasa.model_training import train as rasa_train
    from rasa.utils.log_utils import configure_structlog

    configure_structlog()
    digest = sources_digest(learnt)  # before: a file changed meanwhile makes the model stale
    result = rasa_train(
        domain="domain.yml", config="config.yml",
        training_files=["nlu_data", *([str(learnt)] if learnt.exists() else [])],
        output=str(model.parent), fixed_model_name=model.name[: -len(".tar.gz")],
        force_training=force,
    )  # fmt: skip
    if result.code != 0 or result.model is None:
        raise RuntimeError(f"training ended with code {result.code}")
    (model.parent / MARK.name).write_text(digest, encoding="ascii")
    return Path(result.model)


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process trains here."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Train; 0 when an up-to-date model is there."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")
    if "--check" in sys.argv:
        return int(is_stale())
    started_s = time.monotonic()
    with alone():
        if "--if-stale" in sys.argv and not is_stale():
            print(f"{MODEL} is up to date")
            return 0
        without_tensorflow.spare(without_tensorflow.components_of_config(Path("config.yml")))
        model = train(force="--force" in sys.argv)
    print(f"trained {model} in {time.monotonic() - started_s:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
