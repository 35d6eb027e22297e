"""`florin threats evaluate`: how well the models do on what they did not learn from.

evaluate flows --data F --target COL     a table held back; kinds not in training apart
evaluate requests                        families of attacks, and pages, kept aside
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics.threats.cli.training import ModelArgument, NormalOption
from bank.cli.output import Json, misuse, out, print_json, refuse

if TYPE_CHECKING:
    from analytics.threats.flows.model import FlowModel
    from analytics.threats.requests.model import RequestModel


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(evaluate)


def evaluate(
    model: ModelArgument,
    *,
    data: Annotated[Path | None, typer.Option(help="flows: a CSV or Parquet file.")] = None,
    target: Annotated[str | None, typer.Option(help="flows: the column of kinds.")] = None,
    normal: NormalOption = "normal",
    as_json: Json = False,
) -> None:
    """Measure a trained model."""
    from analytics.errors import AnalyticsError
    from analytics.threats.keeping import NAMES, find_flows, find_requests
    from bank.settings import load_settings

    if model not in NAMES:
        raise misuse(f"There is no model {model}; there are {', '.join(NAMES)}.")
    folder = load_settings().models_dir / "threats"
    try:
        if model == "flows":
            flows = find_flows(folder)
            if flows is None:
                raise refuse("No model of flows yet: florin threats train flows --data F.")
            if data is None or target is None:
                raise misuse("Give --data and --target: a table the model has not seen.")
            found = _flows(flows, data, target, normal)
        else:
            requests = find_requests(folder)
            if requests is None:
                raise refuse("No model of requests yet: florin threats train requests.")
            found = _requests(requests)
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    if as_json:
        print_json({"model": model, **found})
        return
    for name, value in found.items():
        out.print(f"{name:<32}{value}", markup=False)


def _flows(model: FlowModel, data: Path, target: str, normal: str) -> dict[str, Any]:
    import numpy as np

    from analytics.tables.reading import read_table
    from analytics.tables.values import texts_of
    from analytics.threats.measuring import flow_figures

    table = read_table(data)
    if target not in table.columns:
        raise misuse(f"There is no column {target}.")
    kinds = np.asarray(texts_of(table[target]))
    return {"rows": len(table), **flow_figures(model, table, kinds, normal=normal)}


def _requests(model: RequestModel) -> dict[str, Any]:
    from analytics.threats.measuring import request_figures

    return request_figures(model)
