"""`florin nlu`: how well the assistant understands, in figures.

    evaluate   config.yml's own pipeline on any table of sentences and intents
    report     our own intents, cross-validated, and the sentences that may be mislabelled
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Annotated, Any

import typer

from bank.cli.output import Json, misuse, out, print_json, refuse
from bank.cli.places import BOT_PYTHON, ROOT

app = typer.Typer(no_args_is_help=True)


@app.command()
def evaluate(
    *,
    train: Annotated[Path, typer.Option(help="CSV with columns text,category (may be .gz).")],
    test: Annotated[Path, typer.Option(help="CSV with columns text,category.")],
    oos: Annotated[
        Path | None, typer.Option(help="CSV of sentences that are out of scope.")
    ] = None,
    shots: Annotated[
        int | None, typer.Option(min=1, help="Learn only so many examples of each category.")
    ] = None,
    draws: Annotated[int, typer.Option(min=1, help="How often --shots draws anew.")] = 5,
    picture: Annotated[
        Path | None, typer.Option(help="Where to write the confusions as a PNG.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train config.yml's pipeline on one table and measure it on another."""
    for path in (train, test, oos):
        if path is not None and not path.is_file():
            raise misuse(f"There is no file {path}. It needs the columns text,category.")
    if shots is not None and picture is not None:
        raise misuse("--picture shows one training; --shots makes several. Give one of them.")
    command = [str(BOT_PYTHON), "-m", "bot.evaluate"]
    for name, value in {"train": train, "test": test, "oos": oos, "picture": picture}.items():
        command += [f"--{name}", str(value.resolve())] if value is not None else []
    command += ["--shots", str(shots), "--draws", str(draws)] if shots is not None else []
    figures = _run_bot(command)
    if as_json:
        print_json(figures)
        return
    for pair in figures.pop("confused", []):
        out.print(f"{pair['count']:4}  {pair['category']} taken for {pair['taken_for']}")
    for name, value in figures.items():
        out.print(f"{name:24} {value:.4f}" if isinstance(value, float) else f"{name:24} {value}")


@app.command()
def report(*, as_json: Json = False) -> None:
    """Cross-validate our own intents; list the weakest and the likely mislabelled sentences."""
    figures = _run_bot([str(BOT_PYTHON), "-m", "bot.report"])
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        if isinstance(value, float):
            out.print(f"{name:24} {value:.4f}")
        elif not isinstance(value, list):
            out.print(f"{name:24} {value}")
    out.print("\nThe weakest intents (f1, sentences):")
    for one in figures["weakest"]:
        out.print(f"  {one['f1']:.2f} {one['sentences']:4}  {one['intent']}")
    out.print("\nMay be mislabelled; the surest first. Read them before you move them:")
    for one in figures["suspects"]:
        out.print(f"  {one['text']}\n      is {one['intent']}, reads as {one['reads_as']}")


def _run_bot(command: list[str]) -> dict[str, Any]:
    """Run a module of the assistant's environment and return the JSON it prints."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise refuse(f"It stopped: {lines[-1]}")
    figures: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return figures
