"""`florin analytics evaluate`: how well a recipe does on rows it did not learn from.

    evaluate blend --data F --target COL                     5 stratified folds
    evaluate blend --data F --target COL --test G            learn from F, test on G
    evaluate blend --data F --target COL --time COL          windows forward in time
    evaluate churn                                           a tenant, on the bank's own data
    evaluate advice                                          a room with figures of its own

MODEL is a recipe's name, or a model's in the registry: then its recipe and features. `--plots`
writes the pictures and report.html. Nothing is trained for use, and no version changes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bank.cli.output import Json, bars, err, misuse, out, print_json, refuse

if TYPE_CHECKING:
    from analytics.evaluation import Evaluation
    from analytics.evaluation.sources import Brought, Wish
    from analytics.evaluation.thresholds import Threshold
    from analytics.models import Floats, Labels, Recipe

#: The figures' names where a line is short; an arrow where less is better.
_SHORT = (
    "ROC-AUC", "average precision", "recall at 1 % FPR", "precision of top 100", "Brier ↓",
    "log loss ↓", "ECE ↓",
)  # fmt: skip
_GAPS_MOST = 3
#: Rooms whose figures are not of probabilities: a module with `evaluate(as_json)`.
_ROOMS = {
    "advice": "analytics.cli.advising",
    "news": "analytics.cli.judging",
    "portfolio": "analytics.cli.weighing",
    "segments": "analytics.cli.segmenting",
}
#: Of them, those that also measure on a file of their own form (--data).
_ROOMS_OF_FILES = frozenset({"news", "portfolio"})
#: How a tenant's report speaks of its rows.
_WORDS = {
    "churn": {
        "title": "Churn", "target": "left_within_90_days", "rows": "customers",
        "happen": "left within 90 days", "act": "call", "per": "month",
    },
    "fraud": {
        "title": "Fraud", "target": "found_by_the_desk", "rows": "payments",
        "happen": "were fraud", "act": "look at",
    },
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(evaluate)


def evaluate(
    model: Annotated[str, typer.Argument(help="A recipe, or a model's name in the registry.")],
    *,
    data: Annotated[Path | None, typer.Option(help="A CSV, .csv.gz or Parquet file.")] = None,
    target: Annotated[str | None, typer.Option(help="The column to foretell.")] = None,
    positive: Annotated[str | None, typer.Option(help="Its value that counts as 1.")] = None,
    test: Annotated[Path | None, typer.Option(help="A file to test on; learn from --data.")] = None,
    time: Annotated[
        str | None, typer.Option(help="A column of moments, or @rows: the rows are in order.")
    ] = None,
    folds: Annotated[int | None, typer.Option(min=2, max=50, help="Default: 5.")] = None,
    repeats: Annotated[int, typer.Option(min=1, max=50, help="Draw the folds so often.")] = 1,
    windows: Annotated[int, typer.Option(min=1, max=100, help="With --time.")] = 5,
    gap: Annotated[float, typer.Option(min=0, help="Days until a label is known.")] = 0.0,
    sliding: Annotated[
        float | None, typer.Option(min=0, help="Learn from so many days, not the whole past.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="A column whose rows stay together, such as a customer.")
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", "--ignore", help="A column to leave out.")
    ] = None,
    slices: Annotated[
        list[str] | None, typer.Option("--slice", help="A column to cut into slices.")
    ] = None,
    capacity: Annotated[int | None, typer.Option(min=1, help="Alerts one can handle.")] = None,
    alarm_minor: Annotated[int | None, typer.Option(min=1, help="Cost of a false alarm.")] = None,
    miss_minor: Annotated[int | None, typer.Option(min=1, help="Cost of a miss.")] = None,
    baseline: Annotated[str | None, typer.Option(help="A recipe beside it: forest150.")] = None,
    plots: Annotated[Path | None, typer.Option(help="A folder: pictures and report.html.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 7,
    as_json: Json = False,
) -> None:
    """Measure a recipe: figures with intervals, slices, warnings, pictures, one report."""
    if model in _ROOMS and (data is None or model in _ROOMS_OF_FILES):
        brought_by_hand = {} if data is None else {"data": data}
        import_module(_ROOMS[model]).evaluate(as_json=as_json, **brought_by_hand)
        return
    from analytics.errors import AnalyticsError
    from analytics.evaluation.sources import Wish, measure, read, recipe_for
    from analytics.registry import Registry
    from bank.settings import load_settings

    wish = Wish(
        model=model, data=data, target=target, positive=positive, test=test, time=time,
        folds=folds, repeats=repeats, windows=windows, gap=gap, sliding=sliding, group=group,
        drop=tuple(drop or ()), slice=tuple(slices or ()), capacity=capacity,
        alarm_minor=alarm_minor, miss_minor=miss_minor, baseline=baseline, seed=seed,
    )  # fmt: skip
    _refuse_mixtures(wish)
    if plots is not None and plots.exists() and not plots.is_dir():
        raise refuse(f"{plots} cannot be written: it is no folder.")
    try:
        if data is None:
            recipe, brought = _own(model, windows)
        else:
            recipe, schema = recipe_for(model, Registry(load_settings().registry_dir))
            brought = read(wish, schema)
        with bars() as shown:
            task = shown.add_task(f"evaluating {model}", total=1.0)
            found = measure(
                wish, brought, recipe, lambda share: shown.update(task, completed=share)
            )
        report = _written(found, plots)
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    except OSError as fault:
        raise refuse(f"{plots} cannot be written: {fault.strerror}.") from fault
    for one in found.warnings:
        err.print(f"{one.code}: {one.sentence}", style="yellow", markup=False)
    if as_json:
        print_json(found.as_json(report=report))
        return
    _print(found)
    if report:
        out.print(f"report {report}", markup=False)


def _refuse_mixtures(wish: Wish) -> None:
    if sum(one is not None for one in (wish.test, wish.time, wish.folds)) > 1:
        raise misuse("Give one of --folds, --test and --time.")
    if wish.repeats > 1 and (wish.test or wish.time):
        raise misuse("--repeats draws folds anew; it does not go with --test or --time.")
    if (wish.gap or wish.sliding is not None) and not wish.time:
        raise misuse("--gap and --sliding need --time COL.")
    if (wish.alarm_minor is None) != (wish.miss_minor is None):
        raise misuse("Give --alarm-minor and --miss-minor together.")
    if wish.capacity is not None and wish.alarm_minor is not None:
        raise misuse("A threshold comes from --capacity or from costs, not from both.")
    if wish.data is None and (wish.target or wish.test):
        raise misuse("--target and --test need --data F.")


def _own(model: str, windows: int) -> tuple[Recipe, Brought]:
    """Return a tenant's recipe, and what it learns from in the bank as of now, forward in time."""
    import numpy as np

    from analytics.evaluation.protocols import as_many_windows, moments_of
    from analytics.evaluation.sources import Brought
    from analytics.evaluation.thresholds import by_capacity
    from analytics.evaluation.words import Words
    from bank.bootstrap import open_bank
    from bank.settings import load_settings

    tenants = import_module("analytics.tenants")  # it knows every tenant, so it loads them all
    tenant, settings = tenants.tenant(model), load_settings()
    table, labels, schema = tenant.table(open_bank(settings), as_of_utc=datetime.now(UTC))
    moments = moments_of(table, tenants.MOMENT)
    plan = as_many_windows(labels, moments, gap=tenant.gap_days, most=windows)
    tested = np.unique(np.concatenate([one.test_rows for one in plan.splits(labels)]))

    def choose(labels: Labels, said: Floats, *, days: Any = None) -> Threshold:
        return by_capacity(labels, said, per_day=tenant.capacity_per_day, days=days)

    first, last = (f"{table[tenants.MOMENT].iloc[row]:%Y-%m-%d}" for row in
                   (int(np.argmin(moments)), int(np.argmax(moments))))  # fmt: skip
    return tenant.recipe, Brought(
        table, labels, schema, Words(**_WORDS.get(model, {"title": model, "target": model})),
        plan=plan, slices=tenant.slices, groups=table[tenants.CUSTOMER].to_numpy(str),
        days=np.floor(moments), choose=choose,
        ceiling=tenant.ceiling(settings.home_dir, table.iloc[tested], labels[tested]),
        window=f"{first} to {last}",
    )  # fmt: skip


def _written(found: Evaluation, plots: Path | None) -> Path | None:
    """Write pictures and report if a folder was given; each is there whole or not at all."""
    if plots is None:
        return None
    from analytics.evaluation.pictures import draw_all, save_pictures
    from analytics.evaluation.report import write_report

    drawn = draw_all(found)
    save_pictures(drawn, plots)
    return write_report(found, plots, pictures=drawn)


def _print(found: Evaluation) -> None:
    from rich.table import Table

    from analytics.evaluation.report import rows_of
    from analytics.evaluation.sentences import (
        calibration_of,
        comparison_of,
        headline_of,
        threshold_of,
    )
    from analytics.evaluation.slices import sentences_of

    table = Table(box=None, pad_edge=False)
    heads = ["figure", found.model.name, "95 % interval"]
    heads += [found.baseline.name, "difference, 95 %"] if found.baseline else []
    heads += ["best (away)"] if found.ceiling else []
    for head in heads:
        table.add_column(head, justify="left" if head == "figure" else "right", no_wrap=True)
    for short, row in zip(_SHORT, rows_of(found), strict=True):
        apart = row.difference.partition(" (")[2].rstrip(")")
        beside = [row.baseline, apart] if found.baseline else []
        best = [row.ceiling] if found.ceiling else []
        table.add_row(short, row.model, row.interval, *beside, *best)
    out.print(table)
    gaps = sentences_of(found.gaps)
    more = f"{len(gaps) - _GAPS_MOST} more slices stand apart, see --plots and --json."
    for sentence in (
        headline_of(found), comparison_of(found), calibration_of(found), threshold_of(found),
        *gaps[:_GAPS_MOST], more if len(gaps) > _GAPS_MOST else "",
    ):  # fmt: skip
        if sentence:
            out.print(sentence, markup=False)
    out.print(
        f"{found.protocol}. Learning {found.model.fit_s:.2f} CPU s, "
        f"one score {found.model.score_p50_ms:.3f} CPU ms.",
        markup=False,
    )
