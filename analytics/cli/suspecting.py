"""`florin analytics suspicion`: what the detector notices in a line, and which words say so.

    suspicion "he told me not to tell the bank"     kinds, probabilities, words; --json
    learn-suspicion                                 the detector from the corpus, in half a minute

Prints what was typed, to who typed it; nothing is stored.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bank.cli.output import Json, bars, out, print_json, refuse

if TYPE_CHECKING:
    from analytics.suspicion import Suspicion

#: The assistant's sentences and the encoder, in a checkout.
_SENTENCES = Path("nlu_data/nlu")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(suspicion)
    app.command()(learn_suspicion)


def suspicion(
    text: Annotated[str, typer.Argument(help="A customer's line; - reads standard input.")],
    *,
    language: Annotated[str, typer.Option(help="en or es.")] = "en",
    everything: Annotated[bool, typer.Option("--all", help="Every kind.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a customer's line gives to notice: kinds, probabilities, words."""
    from analytics.errors import BrokenModel
    from analytics.suspicion import Detector
    from analytics.suspicion.reading import CHARS_MOST
    from bank.settings import load_settings

    settings = load_settings()
    line = sys.stdin.read(CHARS_MOST) if text == "-" else text
    try:
        detector = Detector.load(settings.suspicion_dir, encoder=settings.models_dir / "encoder")
    except BrokenModel as refusal:
        raise refuse(str(refusal)) from refusal
    found = detector.look(line, language=language, everything=everything)
    if as_json:
        print_json([_as_json(one, line) for one in found])
        return
    for one in found:
        _print(one, line)
    if not found:
        out.print("Nothing to notice.", markup=False)


def learn_suspicion(
    *,
    sentences: Annotated[Path, typer.Option(help="The assistant's training sentences.")] = (
        _SENTENCES
    ),
    as_json: Json = False,
) -> None:
    """Learn the detector of suspicious requests from its corpus."""
    from analytics.suspicion import learning
    from bank.settings import load_settings

    settings = load_settings()
    with bars() as shown:
        task = shown.add_task("learning suspicion", total=1.0)
        heads = learning.train(
            settings.suspicion_dir,
            ordinary_folder=sentences,
            encoder_folder=settings.models_dir / "encoder",
            progress=lambda share: shown.update(task, completed=share),
        )
    if as_json:
        print_json(dict(heads.facts))
        return
    out.print(
        f"{heads.facts['corpus_lines']:,} lines of {heads.facts['families']} families learnt, "
        f"{'with' if heads.together else 'without'} the sentence encoder.",
        markup=False,
    )


def _as_json(one: Suspicion, line: str) -> dict[str, object]:
    from analytics.suspicion import KINDS

    kind = KINDS[one.kind]
    return {
        "kind": one.kind,
        "weight": kind.weight,
        "sentence": kind.sentence,
        "probability": round(one.probability, 4),
        "spans": [
            {"start": span.start, "end": span.end, "text": line[span.start : span.end]}
            for span in one.spans
        ],
    }


def _print(one: Suspicion, line: str) -> None:
    from analytics.suspicion import KINDS

    words = " … ".join(line[span.start : span.end] for span in one.spans)
    kind = KINDS[one.kind]
    out.print(f"{one.kind:26} {one.probability:.2f}  {kind.sentence}  [{words}]", markup=False)
