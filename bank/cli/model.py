"""`florin train`: the assistant's model, trained again only when its sources changed.

The model is as old as its sources when `models/florin.sources` holds their digest: language data,
domain, pipeline and the components' own code.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable

import typer

from bank.cli.output import Json, bars, print_json, refuse
from bank.cli.places import BOT_PYTHON, MODEL, ROOT

_DIGEST = MODEL.with_suffix("").with_suffix(".sources")
_SOURCES = (
    "config.yml",
    "domain.yml",
    "nlu_data/**/*.yml",
    "bot/domain/*.yml",
    "bot/importer.py",
    "bot/components/*.py",
)
#: What Rasa says on its way, and how far along that is (of 100).
_STEPS = (
    ("Starting to train component", 25),
    ("Finished training component", 60),
    ("Processed rules", 80),
    ("Your Rasa model is trained", 99),
)


def sources_digest() -> str:
    """Return the digest of everything the model is made from."""
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """Say whether the model is there and was trained from today's sources."""
    return MODEL.exists() and _DIGEST.exists() and _DIGEST.read_text() == sources_digest()


def train(progress: Callable[[float], None] = lambda _: None) -> None:
    """Train the model. `progress` gets 0..1. Raises RuntimeError with Rasa's last lines."""
    digest = sources_digest()
    MODEL.parent.mkdir(exist_ok=True)
    command = [
        str(BOT_PYTHON), "-m", "rasa", "train", "--fixed-model-name", "florin",
        "--domain", "domain.yml", "--data", "nlu_data", "--out", "models", "--force",
    ]  # fmt: skip
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        progress(0.05)
        for line in process.stdout:
            lines.append(line.rstrip())
            progress(max((share for words, share in _STEPS if words in line), default=0) / 100)
    if process.returncode != 0 or not MODEL.exists():
        raise RuntimeError("\n".join(lines[-15:]))
    _DIGEST.write_text(digest)
    progress(1.0)


def register(app: typer.Typer) -> None:
    """Add `florin train`."""

    @app.command("train")
    def train_command(
        *,
        force: bool = typer.Option(False, help="Train even when nothing changed."),
        as_json: Json = False,
    ) -> None:
        """Train the assistant when its data changed."""
        trained = force or not is_current()
        if trained:
            with bars() as bar:
                task = bar.add_task("training the assistant", total=1.0)
                try:
                    train(lambda share: share and bar.update(task, completed=share))  # type: ignore[func-returns-value]
                except RuntimeError as failure:
                    raise refuse(f"Training failed:\n{failure}") from None
        if as_json:
            print_json({"trained": trained, "model": str(MODEL)})
