"""`florin analytics evaluate-uplift` and `retention`: whom an offer moves, and who gets which.

evaluate-uplift --data F --treatment COL --outcome COL   measures on a table of a past trial
retention learn --out FOLDER                             effects of past campaigns, kept as files
retention plan --budget-minor N [--out F]                who gets which offer, for agents
    --as campaign | tasks                                as drafts to approve, or calls to make
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.cli.retention_plans import HandedAs, hand_over, print_plan
from bank.cli.output import Json, bars, misuse, out, print_json, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analytics.retention.choosing import Avoided
    from analytics.retention.evaluating import ArmReport
    from analytics.retention.measures import Interval
    from analytics.retention.shares import Shares
    from bank.bootstrap import Bank

CampaignsOption = Annotated[
    Path | None, typer.Option(help="Past campaigns; default: campaigns/past.parquet at home.")
]

retention = typer.Typer(no_args_is_help=True, help="Who gets which offer so that they stay.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("evaluate-uplift")(evaluate_uplift)
    app.add_typer(retention, name="retention")


def evaluate_uplift(
    *,
    data: Annotated[Path, typer.Option(help="A CSV, .csv.gz or Parquet file of a past trial.")],
    treatment: Annotated[str, typer.Option(help="The column that says who was treated, and how.")],
    outcome: Annotated[str, typer.Option(help="The column of what followed.")],
    positive: Annotated[str | None, typer.Option(help="The outcome's value that counts.")] = None,
    control: Annotated[str | None, typer.Option(help="The untreated, in the column.")] = None,
    arms: Annotated[list[str] | None, typer.Option(help="A treatment; default: all.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="A column to leave out.")] = None,
    less: Annotated[
        bool, typer.Option("--less", help="The outcome is bad, such as churn.")
    ] = False,
    chosen: Annotated[
        bool, typer.Option("--chosen", help="Treatments were chosen by people, not by lot.")
    ] = False,
    share: Annotated[float, typer.Option(min=0.01, max=1.0, help="Whom one can treat.")] = 0.3,
    plots: Annotated[Path | None, typer.Option(help="A folder for pictures.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 7,
    as_json: Json = False,
) -> None:
    """Say how well effects can be told apart: Qini, uplift of the best, and by tenths."""
    import pandas as pd

    from analytics.errors import AnalyticsError
    from analytics.retention.evaluating import arms_of, evaluate, suspicions
    from analytics.retention.trials import trial_of
    from analytics.tables.checking import check, labels_of
    from analytics.tables.guessing import guess
    from analytics.tables.reading import read_table

    if treatment == outcome:
        raise misuse("--treatment and --outcome must be two columns.")
    try:
        table = read_table(data)
        names, treated = arms_of(table, treatment, control=control, arms=tuple(arms or ()))
        wanted = pd.Series(treated).isin(names).to_numpy()
        table, treated = table[wanted].reset_index(drop=True), treated[wanted]
        labels = labels_of(table, outcome, positive)
        guessed = guess(table, target=outcome, ignore=(treatment, *(ignore or ())))
        check(table, guessed.schema, strict=False)
        notes = (f"{(~wanted).sum():,} rows of other arms are left out.",) * (not wanted.all())
        notes += guessed.notes + suspicions(
            table, trial_of(treated, labels, arms=names), guessed.schema, drawn_by_lot=not chosen
        )
        with bars() as shown:
            task = shown.add_task("learning effects", total=1.0)
            found = evaluate(
                table, treated, labels, guessed.schema, arms=names, wants_less=less, share=share,
                propensity="estimate" if chosen else None, seed=seed,
                progress=lambda done: shown.update(task, completed=done),
            )  # fmt: skip
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    drawn = _drawn(found, plots)
    if as_json:
        print_json(
            {"rows": len(table), "control": names[0], "features": list(guessed.schema.names),
             "notes": list(notes), "pictures": [str(one) for one in drawn],
             "arms": [one.as_json() for one in found]}
        )  # fmt: skip
        return
    for note in notes:
        out.print(note, markup=False)
    for one in found:
        _print_arm(one, names[0])
    for path in drawn:
        out.print(f"picture  {path}", markup=False)


def _drawn(found: tuple[ArmReport, ...], plots: Path | None) -> list[Path]:
    if plots is None:
        return []
    from analytics.retention.pictures import draw

    plots.mkdir(parents=True, exist_ok=True)
    paths = []
    for one in found:
        stem = re.sub(r"[^a-z0-9]+", "-", one.arm.lower()).strip("-") or "arm"
        path = plots / f"uplift-{stem}.png"
        picture = draw(one.uplift, title=f"{one.arm}: whom it moves", by_risk=one.by_risk)
        path.write_bytes(picture.png)
        paths.append(path)
    return paths


def _print_arm(one: ArmReport, control: str) -> None:
    report, risk = one.uplift, one.by_risk
    out.print(f"\n[bold]{one.arm}[/bold] against {control}: {report.rows:,} rows")
    out.print(f"  average effect         {_points(report.average_effect)} points")
    top = f"best {report.top_share:.0%}"
    out.print(
        f"  {top:10} by effect   {_points(report.uplift_top)}   by risk {_points(risk.uplift_top)}"
    )
    out.print(
        f"  Qini ×1e-3 by effect   {_thousandths(report.qini)}   by risk {_thousandths(risk.qini)}"
    )
    out.print(f"  as good by luck        {report.by_luck:.3f} of shuffled scores")
    out.print(f"  said and seen differ   {100 * one.calibration_error:.1f} points, mean of tenths")


def _points(interval: Interval) -> str:
    return f"{100 * interval.value:.2f} [{100 * interval.low:.2f}, {100 * interval.high:.2f}]"


def _thousandths(interval: Interval) -> str:
    return f"{1000 * interval.value:.2f} [{1000 * interval.low:.2f}, {1000 * interval.high:.2f}]"


@retention.command()
def learn(
    *,
    out_folder: Annotated[Path, typer.Option("--out", help="A new folder for the model.")],
    campaigns: CampaignsOption = None,
    as_json: Json = False,
) -> None:
    """Learn what each offer of past campaigns changes for whom, and keep it."""
    from dataclasses import asdict

    from analytics.errors import AnalyticsError
    from bank.bootstrap import open_bank
    from bank.settings import load_settings

    if out_folder.exists() and any(out_folder.iterdir()):
        raise misuse(f"{out_folder} is not empty.")
    settings = load_settings()
    path = campaigns or settings.home_dir / "campaigns" / "past.parquet"
    try:
        model = _learnt(open_bank(settings), path)
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    model.save(out_folder)
    averages = model.averages()
    if as_json:
        print_json(
            {"model": str(out_folder), "offers": [asdict(one) for one in averages],
             "rows": dict(zip(model.arms, model.rows_count, strict=True)),
             "left": dict(zip(model.arms, model.left_count, strict=True))}
        )  # fmt: skip
        return
    for one in averages:
        told = f"; more or less by {', '.join(one.told_by)}" if one.told_by else ""
        out.print(
            f"{one.offer:14} takes away {one.share:.0%} of the risk on average, give or take "
            f"{1.645 * one.error:.0%}{told}",
            markup=False,
        )


@retention.command()
def plan(
    *,
    budget_minor: Annotated[int, typer.Option(min=0, help="In minor units: 500000 is 5,000.00.")],
    out_file: Annotated[Path | None, typer.Option("--out", help="A CSV for agents.")] = None,
    effects: Annotated[Path | None, typer.Option(help="A folder of `retention learn`.")] = None,
    campaigns: CampaignsOption = None,
    hand_as: Annotated[
        HandedAs | None, typer.Option("--as", help="Drafts of campaigns, or cases for agents.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Choose offers by what they are expected to bring; nothing is sent to anybody.

    With --as campaign, what can be written becomes drafts that somebody else approves; with
    --as tasks, what a person must say becomes cases in their queue. Both may be asked for in turn.
    """
    from datetime import UTC, datetime

    from analytics.dataset import customers_table
    from analytics.errors import AnalyticsError
    from analytics.registry import Registry
    from analytics.retention.campaigns import avoided_by
    from analytics.retention.handing import without_suspicion
    from analytics.retention.planning import customers_of, plan_for, write_plan
    from analytics.retention.shares import Shares
    from analytics.retention.strategies import load_strategies
    from bank.bootstrap import open_bank
    from bank.settings import load_settings

    if out_file is not None and not out_file.absolute().parent.is_dir():
        raise misuse(f"There is no folder {out_file.absolute().parent}.")
    settings, book = load_settings(), load_strategies()
    if hand_as is not None:
        book = without_suspicion(book)
    bank = open_bank(settings)
    path = campaigns or settings.home_dir / "campaigns" / "past.parquet"
    try:
        table = customers_table(bank.store, datetime.now(UTC))
        probability = Registry(settings.registry_dir).load("churn").probability(table)
        known: Mapping[str, Avoided] = {}
        if effects is not None or campaigns is not None or path.is_file():
            model = Shares.load(effects) if effects is not None else _learnt(bank, path)
            known = avoided_by(model, table, probability, book, source="past campaigns")
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    customers = customers_of(bank.store, table, probability, book)
    made = plan_for(
        customers, known, budget_minor=budget_minor, keyring=bank.keyring, book=book,
        as_campaigns=hand_as is not None,
    )  # fmt: skip
    handed = hand_over(bank, made, book, hand_as)
    if out_file is not None:
        write_plan(made, out_file)
    print_plan(made, known, out_file, handed, as_json=as_json)


def _learnt(bank: Bank, path: Path) -> Shares:
    from analytics.retention.campaigns import learn_effects, past_trial, read_campaigns
    from analytics.retention.strategies import load_strategies

    past = past_trial(bank.store, read_campaigns(path))
    with bars() as shown:
        task = shown.add_task("learning effects", total=1.0)
        return learn_effects(
            past, load_strategies(), progress=lambda done: shown.update(task, completed=done)
        )
