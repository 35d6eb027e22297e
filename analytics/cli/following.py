"""`florin analytics follow`: what retraining as rows arrive would have given, on a table in order.

    first rows ─▶ a model that stands still ───────────────────────────▶ its figures
          └─────▶ scored, labels come, drift? retrained (following.py) ─▶ its figures

Nothing is kept: it answers whether a table is one whose model must follow the times.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics.cli.options import (
    CalendarOption,
    PositiveOption,
    TargetOption,
    TimeOption,
    moments_of,
)
from bank.cli.output import Json, bars, out, print_json, refuse

if TYPE_CHECKING:
    import pandas as pd

    from analytics.models import Labels
    from analytics.tables.columns import Schema


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(follow)


def follow(
    *,
    data: Annotated[Path, typer.Option(help="Rows in order of time: CSV, .csv.gz or Parquet.")],
    target: TargetOption,
    positive: PositiveOption = None,
    time: TimeOption = None,
    calendar: CalendarOption = None,
    ignore: Annotated[list[str] | None, typer.Option(help="A column to leave out.")] = None,
    history: Annotated[float, typer.Option(min=0.1, max=0.9, help="Share to start from.")] = 0.4,
    step: Annotated[int, typer.Option(min=50, help="Rows between two looks.")] = 500,
    as_json: Json = False,
) -> None:
    """Show what retraining as rows arrive would have given, beside a model that stands still."""
    from analytics.errors import AnalyticsError
    from analytics.tables.checking import labels_of
    from analytics.tables.guessing import guess
    from analytics.tables.reading import read_table

    try:
        table = read_table(data)
        if time:
            table = table.iloc[moments_of(table, time).argsort(kind="stable")].reset_index(
                drop=True
            )
        labels = labels_of(table, target, positive)
        left_out = (*(ignore or ()), *((time,) if time else ()))
        schema = guess(table, target=target, ignore=left_out).schema
        with bars() as shown:
            task = shown.add_task("following", total=None)
            found = _followed(table, labels, schema, calendar or (), history, step)
            shown.update(task, total=1.0, completed=1.0)
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    if as_json:
        print_json(found)
        return
    for name, row in found["runs"].items():
        figures = "  ".join(f"{key} {value:.4f}" for key, value in row.items())
        out.print(f"{name:22} {figures}", markup=False)
    out.print(
        f"{found['rows_count']:,} rows in {found['steps']} steps; {found['alarms']} alarms, "
        f"{found['retrained']} times retrained. Labels are taken as known at the next step.",
        markup=False,
    )


def _followed(
    table: pd.DataFrame,
    labels: Labels,
    schema: Schema,
    calendar: Sequence[str],
    history: float,
    step: int,
) -> dict[str, Any]:
    import pandas as pd

    from analytics.drift.arrivals import Arrivals
    from analytics.drift.following import Follower, Habits
    from analytics.drift.following import follow as run
    from analytics.drift.quick import QUICK
    from analytics.evaluation import metrics
    from analytics.tables.columns import Schema as Wide

    start = int(len(table) * history)
    plan = Arrivals(table.iloc[:start], schema, calendar=[one for one in calendar if one in table])
    wide = pd.concat([table[list(schema.names)], plan.features(table)], axis=1)
    follower = Follower(QUICK, Wide(schema.columns + plan.columns), Habits(step_rows=step))
    scores, steps = run(wide, labels, follower, start_rows=start)
    still = QUICK.fit(table.iloc[:start], labels[:start], schema).probability(table.iloc[start:])
    runs = {
        name: {
            "roc_auc": metrics.roc_auc(labels[start:], told),
            "average_precision": metrics.average_precision(labels[start:], told),
            "ece": metrics.ece(labels[start:], told),
            "log_loss": metrics.log_loss(labels[start:], told),
        }
        for name, told in (("stands still", still), ("followed", scores))
    }
    return {
        "runs": runs, "rows_count": len(scores), "steps": len(steps),
        "alarms": sum(one.alarmed for one in steps),
        "retrained": sum(one.retrained for one in steps),
    }  # fmt: skip
