"""Rules beside the models: each says in one sentence why a payment is worth a look.

    row of the state ──▶ rule ──▶ None, or the reason as a sentence for staff

A rule reads the same row of features as the models, so it knows nothing of the future and says
the same online and in replay. Thresholds are data (rules.toml). A rule raises an alert for staff;
no sentence of it is ever shown to a customer. What each is worth is measured by
`python -m benchmarks.fraud`. Silencing one for a while: snoozes.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from analytics.errors import BadTable, TableProblem

#: A row of features by name (features.named); NaN is unknown and makes every comparison false.
Row: TypeAlias = Mapping[str, float]
Thresholds: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired. sentence: for staff."""

    rule: str
    sentence: str


def velocity(row: Row, at: Thresholds) -> str | None:
    # The payment itself is not in the row yet: it is the one more.
    count = row["c_count_1h"] + 1
    if count >= at["payments_in_hour"]:
        return f"At least {count:.0f} payments within an hour."
    return None


def new_payee_large(row: Row, at: Thresholds) -> str | None:
    if (
        row["c_pair_count"] == 0
        and row["c_ratio_habit"] >= at["times_habit"]
        and row["amount_minor"] >= at["amount_minor"]
    ):
        return (
            f"First payment to this payee, {row['c_ratio_habit']:.1f} times the customer's habit."
        )
    return None


def habit_break(row: Row, at: Thresholds) -> str | None:
    if row["c_lifetime"] >= at["own_payments"] and row["c_ratio_habit"] >= at["times_habit"]:
        return f"The amount is {row['c_ratio_habit']:.1f} times the customer's habit."
    return None


def repeated_surprises(row: Row, at: Thresholds) -> str | None:
    count = row["c_surprises_14d"]
    if count >= at["surprises_14d"] and row["c_ratio_habit"] >= at["times_habit"]:
        return f"Surprisingly large again, after {count:.0f} such payments in 14 days."
    return None


def impossible_travel(row: Row, at: Thresholds) -> str | None:
    if row["g_speed_kmh"] > at["speed_kmh"] and row["g_from_last_km"] >= at["distance_km"]:
        return (
            f"{row['g_from_last_km']:.0f} km from the last payment: "
            f"that takes {row['g_speed_kmh']:.0f} km/h."
        )
    return None


def night_burst(row: Row, at: Thresholds) -> str | None:
    count = row["c_count_1h"] + 1
    if row["night"] and count >= at["payments_in_hour"]:
        return f"At least {count:.0f} payments within an hour of the night."
    return None


def structuring(row: Row, at: Thresholds) -> str | None:
    if row["c_below_limit_7d"] >= at["payments_7d"]:
        return f"{row['c_below_limit_7d']:.0f} payments closely below the report limit in 7 days."
    return None


def new_device_large(row: Row, at: Thresholds) -> str | None:
    if (
        row["d_pair_count"] == 0
        and row["c_ratio_habit"] >= at["times_habit"]
        and row["amount_minor"] >= at["amount_minor"]
    ):
        return (
            "First payment from this device, "
            f"{row['c_ratio_habit']:.1f} times the customer's habit."
        )
    return None


def shared_device(row: Row, at: Thresholds) -> str | None:
    if row["d_customers"] >= at["customers"]:
        return f"{row['d_customers']:.0f} customers have paid from this device."
    return None


def compromised_payee(row: Row, at: Thresholds) -> str | None:
    count = row["p_ordinary_fraud_14d"]
    # An honest payment confirmed since then ends it: the terminal was cleaned.
    if count >= at["ordinary_frauds_14d"] and row["p_run_length"] > 0:
        return f"{count:.0f} payments of ordinary amounts here were confirmed as fraud in 14 days."
    return None


Rule: TypeAlias = Callable[[Row, Thresholds], str | None]
#: Name in rules.toml → rule, in the order of their reasons.
RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        compromised_payee, repeated_surprises, habit_break, new_payee_large, new_device_large,
        impossible_travel, velocity, night_burst, structuring, shared_device,
    )
}  # fmt: skip

DEFAULT_FILE = Path(__file__).with_name("rules.toml")


def load_thresholds(file: Path = DEFAULT_FILE) -> dict[str, dict[str, float]]:
    """Read the thresholds. Raises BadTable: rules or thresholds that are missing or unknown."""
    read: dict[str, dict[str, float]] = tomllib.loads(file.read_text(encoding="utf-8"))
    known = (
        read if file == DEFAULT_FILE else tomllib.loads(DEFAULT_FILE.read_text(encoding="utf-8"))
    )
    problems = [
        TableProblem("extra_column", name, f"{file.name}: there is no rule {name!r}.")
        for name in read
        if name not in RULES
    ]
    for name in RULES:
        if set(read.get(name, {})) != set(known.get(name, {})) or name not in read:
            wanted = ", ".join(known.get(name, {}))
            problems.append(
                TableProblem("missing_column", name, f"{file.name}: [{name}] needs {wanted}.")
            )
    if problems:
        raise BadTable(tuple(problems))
    return read


def check(row: Row, thresholds: Mapping[str, Thresholds]) -> list[Finding]:
    """Return what fires for this row, the weightiest rule first."""
    fired = ((name, rule(row, thresholds[name])) for name, rule in RULES.items())
    return [Finding(name, sentence) for name, sentence in fired if sentence is not None]
