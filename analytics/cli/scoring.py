"""`florin analytics score`: probabilities and reasons for the rows of a file, in pieces.

    score MODEL --in F --out F [--version V] [--id COL] [--reasons 3]

What happens to the rows: analytics/learners/batch.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bank.cli.output import Json, bars, misuse, out, print_json, refuse


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(score)


def score(
    model: Annotated[str, typer.Argument(help="The model's name.")],
    *,
    source: Annotated[Path, typer.Option("--in", help="A CSV, .csv.gz or Parquet file.")],
    goal: Annotated[Path, typer.Option("--out", help="A .csv, .csv.gz or .parquet file.")],
    version: Annotated[str | None, typer.Option(help="Default: the one that serves.")] = None,
    ids: Annotated[list[str] | None, typer.Option("--id", help="A column to carry over.")] = None,
    reasons: Annotated[int, typer.Option(min=0, max=10, help="How many; 0 is fastest.")] = 3,
    as_json: Json = False,
) -> None:
    """Score every row of a file: its ids, the probability, the strongest reasons."""
    from analytics.errors import AnalyticsError
    from analytics.learners.batch import SUFFIXES, score_file
    from analytics.registry import Registry
    from bank.settings import load_settings

    if source.resolve() == goal.resolve():
        raise misuse("--out must be another file than --in.")
    if not goal.name.endswith(SUFFIXES):
        raise misuse(f"--out must end in {', '.join(SUFFIXES)}.")
    try:
        registry = Registry(load_settings().registry_dir)
        loaded = registry.load(model, version)
        champion = registry.champion(model)
        used = version or (champion.version if champion else "")
        with bars() as shown:
            task = shown.add_task(f"scoring {source.name}", total=1.0)
            scored = score_file(
                loaded, source, goal, ids=tuple(ids or ()), reasons=reasons, version=used,
                progress=lambda share: shown.update(task, completed=share),
            )  # fmt: skip
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    except OSError as fault:
        raise refuse(f"{goal} cannot be written: {fault.strerror}.") from fault
    if as_json:
        print_json(
            {"model": model, "version": used, "out": str(goal), "rows_count": scored.rows_count,
             "mean_probability": scored.mean_probability, "notes": list(scored.notes)}
        )  # fmt: skip
        return
    for note in scored.notes:
        out.print(note, markup=False)
    out.print(
        f"{scored.rows_count:,} rows by {model} {used}, "
        f"mean probability {scored.mean_probability:.4f} → {goal}",
        markup=False,
    )
