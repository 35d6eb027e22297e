"""Thresholds of the rules, read from rules.toml: whole, or not at all.

rules.toml ──▶ {"brute_force": {"failures": 8, "half_life_s": 300}, …}
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from analytics.errors import BadTable, TableProblem

Thresholds: TypeAlias = Mapping[str, Mapping[str, float]]

DEFAULT_FILE = Path(__file__).with_name("rules.toml")


def load_thresholds(file: Path = DEFAULT_FILE) -> dict[str, dict[str, float]]:
    """Read the thresholds. Raises BadTable: a rule or a threshold missing, unknown or not above 0.

    A bank's own file holds every rule, as the one shipped does.
    """
    wanted = _read(DEFAULT_FILE)
    read = wanted if file == DEFAULT_FILE else _read(file)
    problems = [_problem("extra_column", name, "is no rule") for name in read.keys() - wanted]
    for name, keys in wanted.items():
        found = read.get(name, {})
        if not isinstance(found, dict) or found.keys() != keys.keys():
            problems.append(_problem("missing_column", name, f"needs {', '.join(keys)}"))
        elif not all(type(one) in (int, float) and one > 0 for one in found.values()):
            problems.append(_problem("out_of_range", name, "needs numbers above 0"))
    if problems:
        raise BadTable(tuple(sorted(problems, key=lambda one: one.column)))
    return read


def _read(file: Path) -> dict[str, dict[str, float]]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        told = f"{file.name} cannot be read as TOML."
        raise BadTable((TableProblem("unreadable", "", told),)) from fault


def _problem(code: str, rule: str, told: str) -> TableProblem:
    return TableProblem(code, rule, f"Thresholds: [{rule}] {told}.")
