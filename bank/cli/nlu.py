"""`florin nlu`: how well the assistant understands, in figures.

evaluate   config.yml's own pipeline on any table of sentences and intents
read       how the trained assistant understands a sentence
report     our own intents, cross-validated, and the sentences that may be mislabelled
learn …    what staff have labelled (bank/cli/learn.py)
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bank.cli import learn
from bank.cli.assistant import run_bot
from bank.cli.output import Json, misuse, out, print_json

app = typer.Typer(no_args_is_help=True)
learn.register(app)

#: What bot/noise.py can do to a sentence.
NOISES = ("typos", "spaces", "sms")


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
    noise: Annotated[
        str | None, typer.Option(help="Spoil the test sentences first: typos, spaces or sms.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Where to write the confusions as a PNG.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train config.yml's pipeline on one table and measure it on another."""
    for path in (train, test, oos):
        if path is not None and not path.is_file():
            raise misuse(f"There is no file {path}. It needs the columns text,category.")
    if noise is not None and noise not in NOISES:
        raise misuse(f"--noise is one of {', '.join(NOISES)}, not {noise}.")
    if shots is not None and picture is not None:
        raise misuse("--picture shows one training; --shots makes several. Give one of them.")
    command = ["bot.evaluate"]
    for name, value in {"train": train, "test": test, "oos": oos, "picture": picture}.items():
        command += [f"--{name}", str(value.resolve())] if value is not None else []
    command += ["--noise", noise] if noise is not None else []
    command += ["--shots", str(shots), "--draws", str(draws)] if shots is not None else []
    figures = run_bot(command)
    if as_json:
        print_json(figures)
        return
    for pair in figures.pop("confused", []):
        out.print(f"{pair['count']:4}  {pair['category']} taken for {pair['taken_for']}")
    for name, value in figures.items():
        out.print(f"{name:24} {value:.4f}" if isinstance(value, float) else f"{name:24} {value}")


@app.command()
def read(
    texts: Annotated[list[str], typer.Argument(help="Sentences, each in quotes.")],
    *,
    as_json: Json = False,
) -> None:
    """Show how the trained assistant reads a sentence; nothing is done."""
    rows = run_bot(["bot.read", "--", *texts])
    if as_json:
        print_json(rows)
        return
    for row in rows:
        found = "  ".join(f"{one['entity']}={one['value']}" for one in row["entities"])
        typicality = row["typicality"]
        told = "" if typicality is None else f"  typicality {typicality:.3f}"
        language = f"  {row['language']['name']}" if row["language"] else ""
        out.print(f"{row['intent']} {row['confidence']:.2f}{told}{language}  {found}")
        for name, confidence in row["ranking"]:
            out.print(f"    {confidence:.3f} {name}")


@app.command()
def report(
    *,
    language: Annotated[str, typer.Option(help="Of which sentences: en, es.")] = "en",
    as_json: Json = False,
) -> None:
    """Cross-validate our own intents; list the weakest and the likely mislabelled sentences."""
    figures = run_bot(["bot.report", "--language", language])
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
