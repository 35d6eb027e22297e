"""`florin analytics learn`: models of the bank's own that are missing, at a branch's first run.

    learn ─┬─ a process: table, model, card of churn ──┐
           └─ a process: … of fraud ───────────────────┴──▶ registry, one sentence or figures each

`florin up` runs it as a process of its own. Lines `share 0.42` on standard output, with
`--shares`, are its progress bar; whatever fails here is a sentence and never stops the branch.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bank.cli.output import Json, bars, out, print_json

if TYPE_CHECKING:
    from bank.settings import Settings

_LOOK_EVERY_S = 0.2


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(learn)


def learn(
    *,
    again: Annotated[bool, typer.Option(help="Also those that serve already.")] = False,
    shares: Annotated[bool, typer.Option(hidden=True)] = False,
    as_json: Json = False,
) -> None:
    """Learn the bank's own models that no version serves yet, quickly; the first one serves."""
    from analytics import firstrun, tenants
    from analytics.registry import Registry
    from bank.bootstrap import open_bank
    from bank.cli import first_models
    from bank.settings import load_settings

    settings = load_settings()
    registry = Registry(settings.registry_dir)
    told: dict[str, object] = {}
    wanted = [name for name in tenants.names() if again or registry.pointer(name) is None]
    if wanted:
        bank = open_bank(settings)
        if not firstrun.is_worth_it(bank):
            told = dict.fromkeys(wanted, f"fewer than {first_models.CUSTOMERS_MIN} customers")
            wanted = []
        bank.store.close()
    if wanted:
        told |= _learn_all(wanted, settings, tells=shares)
    told |= _learn_advice(settings, again=again)
    if as_json:
        print_json(told)
        return
    for name, what in told.items():
        out.print(f"{name}: {what}", markup=False)


def _learn_advice(settings: Settings, *, again: bool) -> dict[str, object]:
    """Learn what goes with whom where investors are and nothing was learnt: a second of work."""
    from analytics.advice.storing import NAME
    from analytics.cli.advising import learn_now
    from analytics.errors import AnalyticsError
    from analytics.models import quietly
    from bank.bootstrap import open_bank

    folder = settings.advice_dir
    if (folder / NAME).is_file() and not again:
        return {}
    bank = open_bank(settings)
    try:
        if not bank.investing.instruments():
            return {}
        learnt = learn_now(bank, folder, progress=quietly)
    except AnalyticsError as refusal:
        return {"advice": str(refusal)}
    finally:
        bank.store.close()
    return {"advice": {"holders": learnt.facts["holders"], "holdings": learnt.facts["holdings"]}}


def _learn_all(wanted: Sequence[str], settings: Settings, *, tells: bool) -> dict[str, object]:
    """Learn them side by side; return figures, or the sentence that says why not, of each."""
    from analytics import firstrun

    # A process that is made anew holds no lock and no thread of this one.
    fresh = multiprocessing.get_context("spawn")
    done = fresh.Array("d", len(wanted))
    now_utc = datetime.now(UTC)
    with (
        ProcessPoolExecutor(
            len(wanted), fresh, initializer=firstrun.show_in, initargs=(done,)
        ) as pool,
        bars() as shown,
    ):
        tasks = [shown.add_task(f"learning {name}", total=1.0) for name in wanted]
        asked: list[Future[object]] = [
            pool.submit(firstrun.learn_alone, name, place, settings, now_utc)
            for place, name in enumerate(wanted)
        ]
        while not all(one.done() for one in asked):
            time.sleep(_LOOK_EVERY_S)
            so_far: list[float] = done[:]
            for task, share in zip(tasks, so_far, strict=True):
                shown.update(task, completed=share)
            if tells:
                typer.echo(f"share {sum(so_far) / len(wanted):.3f}")
        return {name: one.result() for name, one in zip(wanted, asked, strict=True)}
