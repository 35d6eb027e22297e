"""`florin seed`: fills an empty bank with the invented town."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bank.bootstrap import Bank, open_bank
from bank.cli.output import Json, bars, out, print_json, refuse
from bank.demo.town import is_seeded, seed_town
from bank.settings import load_settings


def seed_into(bank: Bank, *, customers: int, seed: int, home_dir: Path) -> None:
    """Seed with a progress bar; the caller has checked that the bank is empty."""
    with bars() as bar:
        task = bar.add_task("inventing the town", total=1.0)
        seed_town(
            bank,
            customers=customers,
            seed=seed,
            progress=lambda share: bar.update(task, completed=share),
            home_dir=home_dir,
        )


def register(app: typer.Typer) -> None:
    """Add `florin seed`."""

    @app.command()
    def seed(
        *,
        customers: Annotated[int, typer.Option(min=10, help="How many customers.")] = 2000,
        seed: Annotated[int, typer.Option("--seed", help="Same seed, same people.")] = 7,
        as_json: Json = False,
    ) -> None:
        """Fill an empty bank with the invented town of Larkmouth."""
        began = datetime.now(UTC)
        settings = load_settings()
        bank = open_bank(settings)
        if is_seeded(bank):
            raise refuse("This bank has customers already; `make clean` forgets them.")
        seed_into(bank, customers=customers, seed=seed, home_dir=settings.home_dir)
        took_s = (datetime.now(UTC) - began).total_seconds()
        if as_json:
            print_json({"customers": customers, "seed": seed, "seconds": round(took_s, 1)})
        else:
            out.print(f"{customers:,} customers of the invented town, in {took_s:.0f} s")
