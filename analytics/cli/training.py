"""`florin analytics train`: a new version of a model, into the registry.

    train churn                                              from the bank's own data
    train segments                                           groups who behave alike
    train leavers --data F --target COL [--positive V]       from a table somebody brings

The first version of a name serves at once; later ones wait for two people (promote).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.cli import segmenting
from bank.cli.output import Json, bars, misuse, out, print_json, refuse

if TYPE_CHECKING:
    import pandas as pd

    from analytics.learners.fitting import TableRecipe
    from analytics.learners.model import TableModel
    from analytics.models import Labels, Progress, Recipe
    from analytics.registry import Registry, Version
    from analytics.registry.cards import Card
    from analytics.tables.guessing import Guess

ModelArgument = Annotated[str, typer.Argument(help="The model's name: churn, fraud, or your own.")]

#: Said on the card: such figures flatter a little; `evaluate` measures on rows outside.
_MEASURED_ON = "out of fold in the training rows, on which sizes and calibration were chosen"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(train)


def train(
    model: ModelArgument,
    *,
    data: Annotated[Path | None, typer.Option(help="A CSV, .csv.gz or Parquet file.")] = None,
    target: Annotated[str | None, typer.Option(help="The column to foretell.")] = None,
    positive: Annotated[str | None, typer.Option(help="Its value that counts as 1.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="A column to leave out.")] = None,
    recipe: Annotated[
        str | None, typer.Option(help="How to learn; default: blend, or the bank's own model's.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed and rows give the same model.")] = 7,
    as_json: Json = False,
) -> None:
    """Learn a model and keep it as a version in the registry."""
    from analytics.errors import AnalyticsError
    from analytics.registry import Registry
    from bank.settings import load_settings

    if (data is None) != (target is None):
        raise misuse("Give --data and --target together, or neither for the bank's own data.")
    if model == "segments" and data is None:  # groups, not chances: a room of its own
        segmenting.train(seed=seed, as_json=as_json)
        return
    registry = Registry(load_settings().registry_dir)
    try:
        with bars() as shown:
            task = shown.add_task(f"learning {model}", total=1.0)

            def progress(share: float) -> None:
                shown.update(task, completed=share)

            if data is not None and target is not None:
                table, labels, guess = _brought(data, target, positive, tuple(ignore or ()))
                how = _recipe(recipe or "blend")
                fitted = how.fit(table, labels, guess.schema, seed=seed, progress=progress)
                card = _card(model, fitted, table, labels, guess.notes)
                version = registry.add(model, fitted, card)
            else:
                version = _train_own(registry, model, recipe, seed, progress)
        kept = registry.get(model, version)
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    _tell(kept, as_json=as_json)


def _recipe(name: str) -> TableRecipe:
    from analytics import learners

    return learners.recipe(name)


def _own_recipe(model: str, name: str) -> Recipe:
    """Return fraud's own recipe of this name before one for any table.

    Raises CannotLearn: no such recipe, or it needs the extra `deep`, which is not installed.
    """
    from analytics.deep.learning import check_installed
    from analytics.fraud.models import RECIPES

    if model != "fraud" or name not in RECIPES:
        return _recipe(name)
    if "network" in RECIPES[name].members:
        check_installed()
    return RECIPES[name]


def _tell(kept: Version, *, as_json: bool) -> None:
    card = kept.card
    figures = {figure.name: round(figure.value, 4) for figure in card.figures}
    notes = list(card.notes.get("columns", ()))
    rows, positives = card.window.rows_count, card.window.positives_count
    if as_json:
        print_json(
            {"model": kept.name, "version": kept.version, "serves": kept.is_champion,
             "recipe": card.recipe, "seed": card.seed, "rows_count": rows,
             "positives_count": positives, "figures": figures, "measured_on": card.measured_on,
             "notes": notes}
        )  # fmt: skip
        return
    for note in notes:
        out.print(note, markup=False)
    out.print(f"{kept.name} {kept.version}: {rows:,} rows, {positives:,} positive", markup=False)
    if figures:
        measured = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
        out.print(f"{card.measured_on}: {measured}", markup=False)
    serves = "It serves: it is the first." if kept.is_champion else ""
    out.print(serves or "It waits: florin analytics promote.")


def _train_own(
    registry: Registry, model: str, recipe: str | None, seed: int, progress: Progress
) -> str:
    """Learn a model of the bank's own data, as of now, measured forward in time."""
    from analytics import firstrun, tenants
    from bank.bootstrap import open_bank
    from bank.settings import load_settings

    tenant = tenants.tenant(model)
    how = _own_recipe(model, recipe) if recipe else tenant.recipe
    tenant = replace(tenant, quick=how)
    now_utc = datetime.now(UTC)
    bank = open_bank(load_settings())
    try:
        found = firstrun.learn(bank, tenant, as_of_utc=now_utc, seed=seed, progress=progress)
        return firstrun.keep(registry, tenant, found, seed=seed)
    finally:
        bank.store.close()


def _brought(
    data: Path, target: str, positive: str | None, ignore: tuple[str, ...]
) -> tuple[pd.DataFrame, Labels, Guess]:
    from analytics.tables.checking import check, labels_of
    from analytics.tables.guessing import guess
    from analytics.tables.reading import read_table

    table = read_table(data)
    labels = labels_of(table, target, positive)
    guessed = guess(table, target=target, ignore=ignore)
    check(table, guessed.schema, strict=False)
    return table, labels, guessed


def _card(
    model: str,
    fitted: TableModel,
    table: pd.DataFrame,
    labels: Labels,
    notes: tuple[str, ...],
) -> Card:
    """Return the card: figures and what drift is measured against are of rows out of fold."""
    from analytics.drift.reference import summarise
    from analytics.evaluation import metrics
    from analytics.registry.cards import Card, Figure, Window
    from analytics.retraining import rows_digest

    figures: tuple[Figure, ...] = ()
    if fitted.out_of_fold is not None:
        figures = tuple(
            Figure(name, float(measure(labels, fitted.out_of_fold)))
            for name, measure in (
                ("roc_auc", metrics.roc_auc),
                ("average_precision", metrics.average_precision),
                ("brier", metrics.brier),
                ("ece", metrics.ece),
            )
        )
    scores = fitted.probability(table) if fitted.out_of_fold is None else fitted.out_of_fold
    return Card(
        name=model,
        recipe=str(fitted.facts["recipe"]),
        schema=fitted.schema,
        window=Window(len(labels), int(labels.sum()), digest=rows_digest(table, labels)),
        seed=int(fitted.facts["seed"]),
        figures=figures,
        measured_on=_MEASURED_ON if figures else "",
        reference=summarise(table, fitted.schema, scores, labels=labels).as_json(),
        notes={"columns": list(notes), "learners": fitted.facts["learners"]},
    )
