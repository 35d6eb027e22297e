"""A registry with a small model in it, and a switch between its versions, for tests of the door."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.features.customers import SCHEMA as CUSTOMER_FEATURES
from analytics.models import Floats
from analytics.registry import Card, Registry, Window
from analytics.tables.columns import Column, Kind, Schema

SCHEMA = Schema(
    (
        Column("age", Kind.NUMBER, unit="years", low=18, high=100),
        Column("logins", Kind.NUMBER, phrase="{value} logins in 30 days"),
        Column("plan", Kind.CATEGORY, levels=("basic", "plus")),
        Column("student", Kind.FLAG),
    )
)
A_ROW = {"age": 41, "logins": 0, "plan": "basic", "student": False}


@dataclass(frozen=True)
class OddsModel:
    """Log-odds: a base, less with logins, more on the basic plan. Saved as JSON."""

    base: float
    schema: Schema = field(default=SCHEMA)

    def probability(self, table: pd.DataFrame) -> Floats:
        adds, base = self.contributions(table)
        return np.asarray(1 / (1 + np.exp(-(adds.sum(axis=1) + base))))

    def contributions(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        adds = np.zeros((len(table), len(self.schema.columns)))
        adds[:, 1] = 0.5 - 0.1 * np.nan_to_num(table["logins"].to_numpy(float))
        adds[:, 2] = np.where(table["plan"].to_numpy(object) == "basic", 0.3, 0.0)
        return adds, np.full(len(table), self.base)

    def save(self, folder: Path) -> None:
        (folder / "odds.json").write_text(json.dumps({"base": self.base}))


def load_odds(folder: Path) -> OddsModel:
    return OddsModel(json.loads((folder / "odds.json").read_text())["base"])


def a_registry(folder: Path) -> Registry:
    return Registry(folder, load=load_odds)


def add_version(registry: Registry, base: float, *, name: str = "churn") -> str:
    """Add a version; the first of a name serves at once."""
    card = Card(name=name, recipe="odds", schema=SCHEMA, window=Window(100, 20), seed=7)
    return registry.add(name, OddsModel(base), card)


def serve(registry: Registry, version: str, *, name: str = "churn") -> None:
    """Let a version serve, as two people's promotion does."""
    pointer = registry.pointer(name)
    assert pointer is not None
    registry.swap(
        name, to=version, instead_of=pointer.version, promotion="pm_test",
        card_digest=registry.get(name, version).card.digest,
    )  # fmt: skip


#: Of a customer's features (analytics/features/customers.py) the three a test can steer.
CUSTOMER_SCHEMA = Schema(
    tuple(
        column
        for column in CUSTOMER_FEATURES.columns
        if column.name in ("balance_minor", "complaints_180d_count", "login_days_30d_count")
    )
)


@dataclass(frozen=True)
class LoyaltyModel:
    """More logins and money keep a customer; complaints do not."""

    schema: Schema = field(default=CUSTOMER_SCHEMA)

    def probability(self, table: pd.DataFrame) -> Floats:
        adds, base = self.contributions(table)
        return np.asarray(1 / (1 + np.exp(-(adds.sum(axis=1) + base))))

    def contributions(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        weights = {
            "balance_minor": -1e-6,
            "complaints_180d_count": 0.9,
            "login_days_30d_count": -0.2,
        }
        adds = np.column_stack(
            [table[name].to_numpy(float) * weights[name] for name in self.schema.names]
        )
        return adds, np.full(len(table), -1.0)

    def save(self, folder: Path) -> None:
        (folder / "loyalty.json").write_text("{}")


def a_churn_registry(folder: Path) -> Registry:
    return Registry(folder, load=lambda _folder: LoyaltyModel())


def add_churn(registry: Registry) -> str:
    card = Card(
        name="churn", recipe="loyalty", schema=CUSTOMER_SCHEMA, window=Window(1_000, 60), seed=7
    )
    return registry.add("churn", LoyaltyModel(), card)
