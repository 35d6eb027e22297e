"""`florin analytics drift, retrain`: what changed, and what to do about it.

    drift MODEL [--data F | --days N]           findings and a verdict; exits with 1 where to act
    retrain MODEL [--by LOGIN]                  a challenger, compared on the newest rows; with
            [--data NEW --target COL]             --by it is proposed when it is better
            [--before OLD]

Without --data: the bank's own rows, those later than the model learnt from. A file of newer rows
must hold none that the model has learnt from.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics.cli.options import (
    CalendarOption,
    ModelArgument,
    PositiveOption,
    TimeOption,
    moments_of,
)
from analytics.cli.own_rows import newest, own_rows
from bank.cli.output import Json, bars, misuse, out, print_json, refuse

if TYPE_CHECKING:
    import pandas as pd

    from analytics.drift import Watched
    from analytics.registry import Registry
    from analytics.retraining import Retrained, Rows
    from analytics.tables.columns import Schema

TellOption = Annotated[
    bool, typer.Option("--tell", help="Let the house hear of it, by mail and webhook.")
]
_MARKS = {"steady": "  ", "look": "? ", "act": "! "}
_LINES_MAX = 40


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(drift)
    app.command()(retrain)


def drift(
    model: ModelArgument,
    *,
    data: Annotated[
        Path | None, typer.Option(help="Newer rows: CSV, .csv.gz or Parquet; none: the bank's.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, help="Only the bank's rows of the last N days.")
    ] = None,
    calendar: CalendarOption = None,
    tell: TellOption = False,
    as_json: Json = False,
) -> None:
    """Measure newer rows against what the model learnt from. Exits with 1 where to act."""
    from analytics.drift import Reference, watch
    from analytics.errors import AnalyticsError
    from analytics.tables.checking import check
    from analytics.tenants import calendar_of

    if data is not None and days is not None:
        raise misuse("--days goes with the bank's own rows, not with --data.")
    try:
        registry = _registry()
        fitted = registry.load(model)
        champion = registry.champion(model)
        assert champion is not None, model
        if not champion.card.reference:
            raise refuse(f"The card of {model} has no reference for drift; train it anew.")
        if data is None:
            newer = own_rows(model, champion.card).newer
            table = (newest(newer, days) if days else newer).table
        else:
            table = _table(data, fitted.schema)
            check(table, fitted.schema, strict=False)
        reference = Reference.from_json(champion.card.reference)
        said = fitted.probability(table)
        watched = watch(reference, table, said, calendar=calendar_of(model, calendar))
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    if tell:
        from analytics.alerts import tell_drift
        from analytics.cli.versions import opened

        with opened() as (bank, _swaps):
            tell_drift(bank.model_alerts, model=model, version=champion.version, watched=watched)
    if as_json:
        print_json({"model": model, "version": champion.version, **watched.as_json()})
    else:
        _print_watched(watched)
    raise typer.Exit(1 if watched.verdict == "act" else 0)


def retrain(
    model: ModelArgument,
    *,
    data: Annotated[
        Path | None, typer.Option(help="Rows the model has not learnt from, with labels.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="The column to foretell.")] = None,
    positive: PositiveOption = None,
    before: Annotated[Path | None, typer.Option(help="Older rows to learn from too.")] = None,
    time: TimeOption = None,
    calendar: CalendarOption = None,
    slices: Annotated[
        list[str] | None,
        typer.Option("--slice", help="A column whose levels must not drift apart."),
    ] = None,
    recipe: Annotated[str | None, typer.Option(help="Default: the champion's.")] = None,
    anyway: Annotated[bool, typer.Option(help="Also when nothing has drifted.")] = False,
    by: Annotated[str | None, typer.Option("--by", help="Propose it as this person.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed and rows give the same model.")] = 7,
    tell: TellOption = False,
    as_json: Json = False,
) -> None:
    """Watch newer rows, learn a challenger, compare; propose it only if it is better."""
    from analytics import learners, retraining
    from analytics.errors import AnalyticsError
    from analytics.retraining_rules import Rules
    from analytics.tenants import calendar_of

    if (data is None) != (target is None):
        raise misuse("Give --data and --target together, or neither for the bank's own rows.")
    try:
        registry = _registry()
        champion = registry.champion(model)
        if champion is None:
            raise refuse(f"No version of {model} serves. Train one first.")
        schema = champion.card.schema
        older: Rows | None
        rules = Rules()
        if data is None or target is None:
            own = own_rows(model, champion.card)
            how = learners.recipe(recipe) if recipe else own.recipe
            newer, older, slices = own.newer, own.older, slices or list(own.slices)
            rules = Rules(by=own.judged_by)
        else:
            how = learners.recipe(recipe or champion.card.recipe)
            newer = _rows(data, schema, target, positive, time)
            older = _rows(before, schema, target, positive, time) if before else None
        with bars() as shown:
            task = shown.add_task(f"retraining {model}", total=1.0)
            done = retraining.retrain(
                registry, model, newer, recipe=how, older=older, rules=rules,
                calendar=calendar_of(model, calendar),
                slices=slices or (), anyway=anyway, seed=seed,
                progress=lambda share: shown.update(task, completed=share),
            )  # fmt: skip
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    if tell:
        _tell_house(model, champion.version, done)
    proposed = None
    if done.outcome is retraining.Outcome.CANDIDATE and by:
        proposed = _propose(model, done, by)
    if as_json:
        print_json(_as_json(model, done, proposed))
    else:
        _print_retrained(model, done, proposed)


def _registry() -> Registry:
    from analytics.registry import Registry
    from bank.settings import load_settings

    return Registry(load_settings().registry_dir)


def _table(path: Path, schema: Schema) -> pd.DataFrame:
    from analytics.tables.columns import Kind
    from analytics.tables.reading import read_table

    return read_table(path, text=tuple(one.name for one in schema.of_kind(Kind.CATEGORY)))


def _rows(path: Path, schema: Schema, target: str, positive: str | None, time: str | None) -> Rows:
    """Return the checked rows of a file, in order of their moments where there are any."""
    from analytics.retraining import Rows
    from analytics.tables.checking import check, labels_of

    table = _table(path, schema)
    labels = labels_of(table, target, positive)
    check(table, schema, strict=False)
    if time is None:
        return Rows(table, labels)
    moments = moments_of(table, time)
    order = moments.argsort(kind="stable")
    return Rows(table.iloc[order].reset_index(drop=True), labels[order], moments[order])


def _propose(model: str, done: Retrained, by: str) -> str:
    """Propose the challenger as a member of staff; return the proposal's id."""
    from analytics.cli.versions import opened, refusals

    assert done.version is not None
    assert done.comparison is not None
    gain = done.comparison.gain
    reason = (
        f"{done.comparison.by} {gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f}) "
        f"on the newest {done.comparison.rows_count:,} rows"
    )
    from analytics.cli.people import identify

    with refusals(), opened() as (bank, swaps):
        actor = identify(bank, by)
        return str(swaps.propose_promotion(actor, model, done.version, reason=reason).id)


def _tell_house(model: str, champion: str, done: Retrained) -> None:
    from analytics.alerts import tell_drift, tell_retrained
    from analytics.cli.versions import opened

    with opened() as (bank, _swaps):
        tell_drift(bank.model_alerts, model=model, version=champion, watched=done.watched)
        tell_retrained(bank.model_alerts, model=model, champion=champion, retrained=done)


def _as_json(model: str, done: Retrained, proposed: str | None) -> dict[str, Any]:
    return {
        "model": model, "outcome": done.outcome, "version": done.version, "proposal": proposed,
        "drift": done.watched.as_json(), "notes": list(done.notes),
        "windows": [{"rows": one.rows_count, "log_loss": one.log_loss} for one in done.trials],
        "comparison": done.comparison.as_json() if done.comparison else None,
    }  # fmt: skip


def _print_watched(watched: Watched) -> None:
    out.print(f"{'':2}{'about':28} {'measure':12} {'value':>8} {'chance':>8}")
    told = [one for one in watched.findings if one.measure != "missing" or one.level != "steady"]
    for one in told[:_LINES_MAX]:
        chance = "" if one.p_value is None else f"{one.p_value:8.1e}"
        quiet = "" if one.alarms else "  (calendar: no alarm)"
        out.print(
            f"{_MARKS[one.level]}{one.about:28.28} {one.measure:12} {one.value:8.3f} "
            f"{chance:>8}{quiet}",
            markup=False,
        )
    if len(told) > _LINES_MAX:
        out.print(f"  … and {len(told) - _LINES_MAX} more, all calmer; --json has them.")
    for sentence in watched.reasons:
        out.print(sentence, markup=False)
    out.print(f"{watched.rows_count:,} rows: {watched.verdict}")


def _print_retrained(model: str, done: Retrained, proposed: str | None) -> None:
    for sentence in (*done.notes, *done.watched.reasons):
        out.print(sentence, markup=False)
    if done.comparison is None:
        out.print("Nothing has drifted: nothing was trained. --anyway trains all the same.")
        return
    for trial in done.trials:
        out.print(f"window of {trial.rows_count:,} rows: log loss {trial.log_loss:.4f}")
    found = done.comparison
    out.print(f"{'':20} champion  challenger   on {found.rows_count:,} rows neither has seen")
    for name, value in found.champion.items():
        out.print(f"{name:20} {value:8.4f}  {found.figures[name].value:10.4f}")
    for name, (before, after) in found.gaps.items():
        out.print(f"recall gap, {name:8} {before:8.1%}  {after:10.1%}", markup=False)
    if found.refusals:
        out.print(f"{model} {done.version} is refused:", markup=False)
        for reason in found.refusals:
            out.print(f"  {reason}", markup=False)
        return
    gain = found.gain
    out.print(f"{found.by} {gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f}): better.")
    out.print(
        f"Proposed ({proposed}): another person approves it." if proposed
        else f"Propose it: florin analytics promote {model} {done.version} --by LOGIN --reason …",
        markup=False,
    )  # fmt: skip
