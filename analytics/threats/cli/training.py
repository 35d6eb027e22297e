"""`florin threats train`: models of flows and of requests.

train flows --data F --target COL [--normal V] [--ignore COL]   kinds of attacks are used
train flows --data F                                            no labels: what is normal
train flows … --with autoencoder --with network                 by the extra `deep`, beside forests
train requests [--own LOG]                                      LOG: an honest access log
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bank.cli.output import Json, bars, misuse, out, print_json, refuse

if TYPE_CHECKING:
    from analytics.models import Progress
    from analytics.threats.flows.model import FlowModel
    from analytics.threats.requests.model import RequestModel

ModelArgument = Annotated[str, typer.Argument(help="flows or requests.")]
NormalOption = Annotated[str, typer.Option(help="The value of an honest row.")]
_ROOM = "threats"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(train)


def train(
    model: ModelArgument,
    *,
    data: Annotated[Path | None, typer.Option(help="flows: a CSV or Parquet file.")] = None,
    target: Annotated[str | None, typer.Option(help="flows: the column of kinds.")] = None,
    normal: NormalOption = "normal",
    ignore: Annotated[list[str] | None, typer.Option(help="A column to leave out.")] = None,
    also: Annotated[
        list[str] | None,
        typer.Option("--with", help="flows: autoencoder or network, of the extra deep."),
    ] = None,
    own: Annotated[Path | None, typer.Option(help="requests: an honest access log.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed and rows give the same model.")] = 7,
    as_json: Json = False,
) -> None:
    """Learn a model and put it in the place of the one before."""
    from analytics.errors import AnalyticsError
    from analytics.threats.keeping import NAMES, keep
    from bank.settings import load_settings

    if model not in NAMES:
        raise misuse(f"There is no model {model}; there are {', '.join(NAMES)}.")
    if model == "flows" and data is None:
        raise misuse("Give --data: a table of connections.")
    try:
        with bars() as shown:
            task = shown.add_task(f"learning {model}", total=1.0)

            def progress(share: float) -> None:
                shown.update(task, completed=share)

            found: FlowModel | RequestModel
            if data is not None and model == "flows":
                found = _flows(
                    data, target, normal, tuple(ignore or ()), tuple(also or ()), seed, progress
                )
            else:
                found = _requests(own, seed, progress)
        folder = keep(found, load_settings().models_dir / _ROOM, model)
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    if as_json:
        print_json({"model": model, "folder": str(folder), **found.facts})
        return
    out.print(f"{model}: {found.facts}", markup=False)


def _flows(
    data: Path, target: str | None, normal: str, ignore: tuple[str, ...], also: tuple[str, ...],
    seed: int, progress: Progress,
) -> FlowModel:  # fmt: skip
    import numpy as np

    from analytics.deep.learning import check_installed
    from analytics.tables.checking import check
    from analytics.tables.reading import read_table
    from analytics.tables.values import texts_of
    from analytics.threats.flows.columns import schema_of
    from analytics.threats.flows.learning import DEEP, SUPERVISED, UNSUPERVISED, learn_flows

    if strange := sorted(set(also) - set(DEEP)):
        raise misuse(f"--with takes {' and '.join(DEEP)}, not {strange[0]}.")
    if "network" in also and target is None:
        raise misuse("A network learns from labels: give --target.")
    ingredients = None
    if also:
        check_installed()
        usual = SUPERVISED if target is not None else UNSUPERVISED
        ingredients = [*usual, *(DEEP[name] for name in dict.fromkeys(also))]
    table = read_table(data)
    if target is not None and target not in table.columns:
        raise misuse(f"There is no column {target}.")
    schema = schema_of(table, target=target, ignore=ignore)
    check(table, schema, strict=False)
    kinds = None if target is None else np.asarray(texts_of(table[target]))
    return learn_flows(
        table, kinds, schema, normal=normal, ingredients=ingredients, seed=seed, progress=progress
    )


def _requests(own: Path | None, seed: int, progress: Progress) -> RequestModel:
    from analytics.threats.events import Request
    from analytics.threats.reading.fields import Malformed
    from analytics.threats.reading.formats import AnyFormat
    from analytics.threats.reading.sources import FileSource
    from analytics.threats.requests.learning import learn_requests

    targets: dict[str, None] = {}
    if own is not None:
        if not own.is_file():
            raise misuse(f"There is no file {own}.")
        form = AnyFormat()
        for lines in FileSource(own).batches():
            for line in lines:
                try:
                    event = form.parse(line, now_s=0.0)
                except Malformed:
                    continue
                if isinstance(event, Request):
                    targets[event.target] = None
    return learn_requests(own=list(targets), seed=seed, progress=progress)
