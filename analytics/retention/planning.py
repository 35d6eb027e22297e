"""From the bank to a plan: churn probabilities, effects, values, consents and cases put together.

churn champion ──P(leaves)──┐
past campaigns ──effects────┤
features ──value────────────┼──▶ choose ──▶ Plan ──▶ CSV for agents
consents, open cases────────┤
hold-out by keyed hash──────┘
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analytics.models import Floats
from analytics.retention.choosing import Avoided, Plan, PlanRow, choose
from analytics.retention.holdout import PURPOSE, is_held_out
from analytics.retention.strategies import Customer, StrategyBook, is_protected
from bank.domain.cases import UNRESOLVED
from bank.policies import contacting
from bank.ports import Store, UnitOfWork
from bank.security.keys import Keyring

MARKETING = "marketing"
SAVINGS = "savings"
_CHUNK = 400


def customers_of(
    store: Store, table: pd.DataFrame, probability: Floats, book: StrategyBook
) -> list[Customer]:
    """Return what a plan may know of each customer, in the table's order.

    table: features as of now (features.customers.SCHEMA), index customer ids. probability: that
    they leave, shape (n,).
    """
    assert len(table) == len(probability), (len(table), len(probability))
    ids = [str(one) for one in table.index]
    consents, cases = _known_of(store, ids)
    facts = table.select_dtypes("number").astype(float)
    facts = facts[[name for name in facts.columns if not is_protected(str(name))]]
    found = []
    for place, customer_id in enumerate(ids):
        row = {str(k): float(v) for k, v in facts.iloc[place].items() if not np.isnan(v)}
        year_minor = book.margins.year_minor(
            held_minor=row.get("balance_minor_p50_90d", 0.0),
            spent_year_minor=4 * row.get("spent_minor_90d", 0.0),
            fees_year_minor=2 * row.get("fees_minor_180d", 0.0),
        )
        found.append(
            Customer(
                customer_id,
                churn_probability=float(probability[place]),
                value_minor=book.margins.value_minor(year_minor),
                margin_year_minor=year_minor,
                products=frozenset({SAVINGS} if row.get("savings_share", 0.0) > 0 else ()),
                consents=frozenset({MARKETING} if customer_id in consents else ()),
                open_cases=frozenset(cases.get(customer_id, ())),
                facts=row,
            )
        )
    return found


def plan_for(
    customers: Sequence[Customer],
    effects: Mapping[str, Avoided],
    *,
    budget_minor: int,
    keyring: Keyring,
    book: StrategyBook,
    as_campaigns: bool = False,
) -> Plan:
    """Return the plan, with this installation's hold-out.

    as_campaigns: held out are those whom campaigns leave alone, so that one hold-out stays out of
    all that is written and said.
    """
    key = keyring.derive(PURPOSE)

    def is_left_alone(one: str) -> bool:
        if as_campaigns:
            return contacting.is_held_out(keyring.digest("contacting/hold_out", one))
        return is_held_out(one, key=key, share=book.holdout_share)

    return choose(
        customers,
        effects,
        budget_minor=budget_minor,
        is_held_out=is_left_alone,
        book=book,
    )


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan as CSV, whole or not at all. Raises OSError."""
    columns = [field.name for field in fields(PlanRow)]
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".csv")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(_cells(row) for row in plan.rows)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _cells(row: PlanRow) -> dict[str, Any]:
    return {
        name: f"{value:.4f}" if isinstance(value, float) else value
        for name, value in asdict(row).items()
    }


def _known_of(store: Store, ids: Sequence[str]) -> tuple[set[str], dict[str, set[str]]]:
    """Return who agreed to marketing, and the kinds of open cases of whoever has some."""
    consents: set[str] = set()
    cases: dict[str, set[str]] = {}
    for start in range(0, len(ids), _CHUNK):
        some = tuple(ids[start : start + _CHUNK])

        def work(uow: UnitOfWork, some: tuple[str, ...] = some) -> tuple[Any, Any]:
            return uow.customers.list(id=some), uow.cases.list(customer_id=some, state=UNRESOLVED)

        people, unresolved = store.read(work)
        consents |= {str(one.id) for one in people if one.marketing_consent}
        for case in unresolved:
            cases.setdefault(str(case.customer_id), set()).add(str(case.kind))
    return consents, cases
