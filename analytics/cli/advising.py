"""`florin analytics learn-advice` and `evaluate advice`: what is recommended, learnt and measured.

    learn-advice        from the bank's profiles and holdings, as of now
    evaluate advice     windows forward in time, last one out, and draws judged by the policy

Nothing is trained for use by `evaluate`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from bank.cli.output import Json, bars, out, print_json, refuse

if TYPE_CHECKING:
    from pathlib import Path

    from analytics.advice.evaluating import Line
    from analytics.advice.learning import Learnt
    from analytics.models import Progress
    from bank.bootstrap import Bank

_WINDOWS, _DRAWS = 2, 2_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(learn_advice)


def learn_advice(*, as_json: Json = False) -> None:
    """Learn what goes with whom from the bank's own investors; it takes the old one's place."""
    from analytics.errors import AnalyticsError
    from bank.bootstrap import open_bank
    from bank.settings import load_settings

    settings = load_settings()
    try:
        with bars() as shown:
            task = shown.add_task("learning advice", total=1.0)
            learnt = learn_now(
                open_bank(settings), settings.advice_dir,
                progress=lambda share: shown.update(task, completed=share),
            )  # fmt: skip
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    if as_json:
        print_json({"version": learnt.version, **learnt.facts})
        return
    out.print(
        f"{learnt.version}: {learnt.facts['holdings']:,} holdings of {learnt.facts['holders']:,} "
        "people learnt.",
        markup=False,
    )


def learn_now(bank: Bank, folder: Path, *, progress: Progress) -> Learnt:
    """Learn advice as of now and keep it in the folder. Raises AnalyticsError."""
    from analytics.advice.learning import learn
    from analytics.advice.reading import read_histories
    from analytics.advice.storing import keep

    now_utc = datetime.now(UTC)
    histories = read_histories(bank.store, as_of_utc=now_utc)
    learnt = learn(histories, as_of_utc=now_utc, progress=progress)
    keep(learnt, folder)
    return learnt


def evaluate(*, as_json: bool) -> None:
    """Measure advice on the bank's own investors."""
    from analytics.advice.evaluating import last_one_out, violations_count, walk_forward
    from analytics.advice.learning import learn
    from analytics.advice.reading import read_histories
    from analytics.advice.recommending import Recommender
    from analytics.errors import AnalyticsError
    from bank.bootstrap import open_bank
    from bank.settings import load_settings

    now_utc = datetime.now(UTC)
    histories = read_histories(open_bank(load_settings()).store, as_of_utc=now_utc)
    try:
        with bars() as shown:
            task = shown.add_task("evaluating advice", total=1.0)
            tables = {
                "forward in time, inside each person's limits": walk_forward(
                    histories, end_utc=now_utc, windows=_WINDOWS,
                    progress=lambda share: shown.update(task, completed=0.4 * share),
                ),
                "forward in time, everything ranked": walk_forward(
                    histories, end_utc=now_utc, windows=_WINDOWS, masked=False,
                    progress=lambda share: shown.update(task, completed=0.4 + 0.4 * share),
                ),
                "latest holding hidden": last_one_out(histories, as_of_utc=now_utc),
            }  # fmt: skip
            recommender = Recommender(
                learn(histories, as_of_utc=now_utc), histories.catalogue.instruments
            )
            broken = violations_count(recommender, draws=_DRAWS)
            shown.update(task, completed=1.0)
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    if as_json:
        print_json(_as_json(tables, broken))
        return
    for title, lines in tables.items():
        _print(title, lines)
    out.print(f"{broken} of the recommendations of {_DRAWS:,} draws were unsuitable.", markup=False)


def _as_json(tables: dict[str, tuple[Line, ...]], broken: int) -> dict[str, Any]:
    return {
        "model": "advice",
        **{title: [one.as_json() for one in lines] for title, lines in tables.items()},
        "unsuitable": broken, "draws": _DRAWS,
    }  # fmt: skip


def _print(title: str, lines: tuple[Line, ...]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    for head in ("model", "nDCG@10", "95 % interval", "HR@10", "coverage", "new people"):
        table.add_column(head, justify="left" if head == "model" else "right", no_wrap=True)
    for one in lines:
        table.add_row(
            one.model, f"{one.ndcg.value:.3f}", f"{one.ndcg.low:.3f}-{one.ndcg.high:.3f}",
            f"{one.hit_rate:.3f}", f"{one.coverage:.2f}", f"{one.new_ndcg:.3f}",
        )  # fmt: skip
    out.print(table)
    out.print(
        f"{lines[0].people_count:,} buyers, {lines[0].new_count:,} of them new.\n", markup=False
    )
