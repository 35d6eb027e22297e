"""`florin train`: the assistant's model, trained again only when its sources changed.

`bot/train.py` knows what the model is made from and does the work, in the bot's own Python; this
is its door, with a bar.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import typer

from bank.cli.output import Json, bars, print_json, refuse
from bank.cli.places import BOT_PYTHON, MODEL, ROOT

#: What Rasa says on its way, and how far along that is (of 100).
_STEPS = (
    ("Starting to train component", 25),
    ("Finished training component", 60),
    ("Processed rules", 80),
    ("Your Rasa model is trained", 99),
)


def is_current() -> bool:
    """Say whether the model is there and was trained from today's sources."""
    check = [str(BOT_PYTHON), "-m", "bot.train", "--check"]
    return subprocess.run(check, cwd=ROOT, capture_output=True, check=False).returncode == 0


def train(progress: Callable[[float], None] = lambda _: None) -> None:
    """Train the model. `progress` gets 0..1. Raises RuntimeError with Rasa's last lines."""
    command = [str(BOT_PYTHON), "-W", "ignore", "-m", "bot.train"]
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
                    train(lambda share: bar.update(task, completed=share) if share else None)
                except RuntimeError as failure:
                    raise refuse(f"Training failed:\n{failure}") from None
        if as_json:
            print_json({"trained": trained, "model": str(MODEL)})
