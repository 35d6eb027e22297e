"""What becomes of a retention plan: told, and handed on as drafts of campaigns or as calls."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from bank.cli.output import out, print_json

if TYPE_CHECKING:
    from analytics.retention.choosing import Avoided, Plan
    from analytics.retention.strategies import StrategyBook
    from bank.bootstrap import Bank


#: Lines shown to people; the file has all of them.
_SHOWN = 10


class HandedAs(StrEnum):
    """What becomes of a plan."""

    CAMPAIGN = "campaign"
    TASKS = "tasks"


def hand_over(bank: Bank, made: Plan, book: StrategyBook, hand_as: HandedAs | None) -> list[str]:
    """Return the ids of the drafts or cases that were made."""
    from datetime import UTC, datetime

    from analytics.retention.handing import draft, open_calls
    from bank.domain.actors import SYSTEM

    now_utc = datetime.now(UTC)
    if hand_as is None:
        return []
    if hand_as is HandedAs.CAMPAIGN:
        return [one.id for one in draft(bank.campaigns, SYSTEM, made, now_utc=now_utc)]
    return [one.id for one in open_calls(bank.cases, SYSTEM, made, book=book, now_utc=now_utc)]


def print_plan(
    made: Plan, known: Mapping[str, Avoided], out_file: Path | None, handed: list[str], *,
    as_json: bool,
) -> None:  # fmt: skip
    from collections import Counter
    from dataclasses import asdict

    from bank.domain.money import Money

    counts = Counter(row.strategy for row in made.rows)
    codes = Counter(row.code for row in made.rows)
    held = sum(row.is_held_out for row in made.rows)
    if as_json:
        print_json(
            {"customers_count": len(made.rows), "offers_count": made.offers_count,
             "held_out_count": held, "currency": made.currency, "budget_minor": made.budget_minor,
             "cost_minor": made.cost_minor, "worth_minor": made.worth_minor,
             "bound_minor": made.bound_minor, "strategies": dict(counts), "codes": dict(codes),
             "measured": sorted(known), "out": str(out_file) if out_file else None,
             "handed": handed, "rows": [] if out_file else [asdict(row) for row in made.rows]}
        )  # fmt: skip
        return
    cost, worth, bound = (
        Money(one, made.currency) for one in (made.cost_minor, made.worth_minor, made.bound_minor)
    )
    out.print(f"{made.offers_count:,} offers to {len(made.rows):,} customers; {held:,} held out")
    out.print(f"cost {cost}, expected to bring {worth} after cost; no plan brings over {bound}")
    out.print("  ".join(f"{name} {count:,}" for name, count in counts.most_common()))
    best = sorted(made.rows, key=lambda row: -row.worth_minor)[:_SHOWN]
    for row in best:
        if row.worth_minor > 0:
            out.print(f"{row.customer_id}  {row.sentence}", markup=False)
    if out_file is not None:
        out.print(f"all rows  {out_file}", markup=False)
    for one in handed:
        out.print(f"handed on  {one}", markup=False)
    if not known:
        out.print("No campaign has measured an offer yet: all effects are the list's priors.")
