"""`florin analytics learn`: models of the bank's own that are missing, at a branch's first run.

`florin up` runs it as a process of its own. Lines `share 0.42` on standard output, with
`--shares`, are its progress bar; whatever fails here is a sentence and never stops the branch.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from bank.cli.output import Json, bars, out, print_json


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
    from analytics.errors import AnalyticsError
    from analytics.registry import Registry
    from bank.bootstrap import open_bank
    from bank.settings import load_settings

    settings = load_settings()
    registry = Registry(settings.registry_dir)
    bank = open_bank(settings)
    now_utc = datetime.now(UTC)
    told: dict[str, object] = {}
    wanted = [name for name in tenants.names() if again or registry.pointer(name) is None]
    if wanted and not firstrun.is_worth_it(bank):
        told = dict.fromkeys(wanted, f"fewer than {firstrun.CUSTOMERS_MIN} customers")
        wanted = []
    with bars() as shown:
        for place, name in enumerate(wanted):
            task = shown.add_task(f"learning {name}", total=1.0)

            def advance(share: float, *, task: object = task, place: int = place) -> None:
                shown.update(task, completed=share)  # type: ignore[arg-type]
                if shares:
                    typer.echo(f"share {(place + share) / len(wanted):.3f}")

            try:
                one = tenants.tenant(name)
                found = firstrun.learn(bank, one, as_of_utc=now_utc, progress=advance)
                notes = one.notes(bank, now_utc)
                version = firstrun.keep(registry, one, found, notes=notes)
                figures = registry.get(name, version).card.figures
                told[name] = {figure.name: round(figure.value, 4) for figure in figures}
            except AnalyticsError as refusal:
                told[name] = str(refusal)
    bank.store.close()
    if as_json:
        print_json(told)
        return
    for name, what in told.items():
        out.print(f"{name}: {what}", markup=False)
