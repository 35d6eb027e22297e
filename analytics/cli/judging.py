"""`florin analytics news`, `learn-news` and `evaluate news`: what headlines say, learnt, measured.

news "Quillgate costs fell 4 %"     tone, score, what moved; --json
news --file F.csv                   a file's headlines: read, judged, and what was left out
learn-news                          the model, from invented headlines, in some seconds
evaluate news [--data FPB_FILE]     on held-out templates, or on labelled phrases
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bank.cli.output import Json, bars, misuse, out, print_json, refuse

if TYPE_CHECKING:
    from analytics.news.evaluating import Figures
    from analytics.news.sentiment import Sentiment, SentimentModel
    from analytics.suspicion.encoder import Encoder

_HELD_OUT_COUNT, _HELD_OUT_SEED = 2_000, 11


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(news)
    app.command()(learn_news)


def news(
    text: Annotated[str | None, typer.Argument(help="A headline.")] = None,
    *,
    file: Annotated[Path | None, typer.Option(help="CSV, JSONL, RSS or Atom.")] = None,
    as_json: Json = False,
) -> None:
    """Show what headlines mean for an owner, and what was read in them."""
    from analytics.errors import AnalyticsError
    from analytics.news.reading import read_file
    from analytics.news.stories import merged, plain

    if (text is None) == (file is None):
        raise misuse("Give a headline, or --file F.")
    try:
        model, encoder = _opened()
        issue = read_file(file) if file is not None else None
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    lines = [one.text for one in merged(issue.headlines)] if issue else [plain(text or "")]
    problems = [{"code": one.code, "row": one.row} for one in issue.problems] if issue else []
    judged = list(zip(lines, model.look(lines, encoder), strict=True))
    if as_json:
        print_json({"headlines": [_as_json(*one) for one in judged], "problems": problems})
        return
    for line, sentiment in judged:
        moves = " … ".join(line[one.start : one.end] for one in sentiment.moves)
        tone = sentiment.tone.name.lower()
        out.print(f"{tone:8}{sentiment.score:+.2f}  {line}  [{moves}]", markup=False)
    for one in problems:
        out.print(f"left out: row {one['row']}, {one['code']}", markup=False)


def learn_news(*, as_json: Json = False) -> None:
    """Learn the sentiment of headlines from headlines this project invents."""
    from analytics.news import learning
    from bank.settings import load_settings

    models = load_settings().models_dir
    with bars() as shown:
        task = shown.add_task("learning news", total=1.0)
        model = learning.train(
            models / "news",
            encoder_folder=models / "encoder",
            progress=lambda share: shown.update(task, completed=share),
        )
    if as_json:
        print_json(dict(model.facts))
        return
    out.print(
        f"{model.facts['headlines']:,} headlines of {model.facts['templates']} templates learnt, "
        f"{'with' if model.together else 'without'} the sentence encoder.",
        markup=False,
    )


def evaluate(*, as_json: bool, data: Path | None = None) -> None:
    """Measure the model that serves; on a file also what learning from its phrases would give."""
    from analytics.errors import AnalyticsError
    from analytics.news import evaluating

    try:
        model, encoder = _opened()
        if data is None:
            told = {"held-out templates": _held_out(model, encoder)}
        else:
            texts, tones = evaluating.read_phrases(data)
            with bars() as shown:
                task = shown.add_task("evaluating news", total=1.0)
                found = evaluating.cross_validated(
                    texts, tones, encoder,
                    progress=lambda share: shown.update(task, completed=share),
                )  # fmt: skip
            said = evaluating.said_by(model, texts, encoder)
            told = {
                f"{evaluating.FOLDS} folds": {name: one[0] for name, one in found.items()},
                "nothing learnt from it": {"as it serves": evaluating.figures_of(tones, said)},
            }
    except (AnalyticsError, ValueError) as refusal:
        raise refuse(str(refusal)) from refusal
    if as_json:
        print_json({
            where: {name: _figures_json(one) for name, one in them.items()}
            for where, them in told.items()
        })  # fmt: skip
        return
    _print(told)


def _held_out(model: SentimentModel, encoder: Encoder | None) -> dict[str, Figures]:
    import numpy as np

    from analytics.news import evaluating
    from analytics.news.learning import invented

    made = invented(count=_HELD_OUT_COUNT, seed=_HELD_OUT_SEED, held_out=True)
    texts = [one.text for one in made]
    tones = np.array([one.sentiment for one in made], dtype=np.int64)
    return {
        "VADER": evaluating.figures_of(tones, evaluating.said_by_vader(texts)),
        "as it serves": evaluating.figures_of(tones, evaluating.said_by(model, texts, encoder)),
    }


def _opened() -> tuple[SentimentModel, Encoder | None]:
    from analytics.news.sentiment import SentimentModel
    from analytics.suspicion.encoder import find_encoder
    from bank.settings import load_settings

    models = load_settings().models_dir
    return SentimentModel.load(models / "news"), find_encoder(models / "encoder")


def _as_json(line: str, sentiment: Sentiment) -> dict[str, Any]:
    return {
        "text": line,
        "tone": sentiment.tone.name.lower(),
        "score": round(sentiment.score, 4),
        "moves": [
            {"start": one.start, "end": one.end, "by": str(one.source), "metric": one.metric,
             "up": one.sign > 0, "good": one.good}
            for one in sentiment.moves
        ],
    }  # fmt: skip


def _figures_json(one: Figures) -> dict[str, float]:
    return {
        "accuracy": round(one.accuracy, 4),
        "macro_f1": round(one.macro_f1, 4),
        "rows": one.rows_count,
    }


def _print(told: dict[str, dict[str, Figures]]) -> None:
    from rich.table import Table

    for where, them in told.items():
        table = Table(title=where, box=None, pad_edge=False, title_justify="left")
        for head in ("contender", "accuracy", "macro-F1", "headlines"):
            table.add_column(head, justify="left" if head == "contender" else "right")
        for name, one in them.items():
            table.add_row(name, f"{one.accuracy:.3f}", f"{one.macro_f1:.3f}", f"{one.rows_count:,}")
        out.print(table)
