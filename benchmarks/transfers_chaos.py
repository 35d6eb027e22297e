"""Transfers under six kill -9: figures and five checks. `--json FILE` for machines.

    python -m benchmarks.transfers_chaos [--transfers 10000] [--kills 6] [--seed 7]
                                         [--folder DIR] [--mutants] [--json FILE]

Exit code 1 when a check is not zero, or, with --mutants, when a mutant was not caught.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.chaos.checks import CHECKS
from benchmarks.chaos.mutants import MUTANTS
from benchmarks.chaos.run import CLIENTS, Outcome, bare_commits_per_s, run_chaos


def figures(outcome: Outcome, bare_per_s: float) -> dict[str, Any]:
    return {
        "transfers": outcome.transfers,
        "clients": CLIENTS,
        "kills": outcome.kills,
        "seed": outcome.seed,
        "retries": outcome.retries,
        "transfers_per_s": round(outcome.transfers_per_s, 1),
        "bare_commits_per_s": round(bare_per_s, 1),
        "ratio_to_bare": round(outcome.transfers_per_s / bare_per_s, 2),
        "p50_ms": round(outcome.latency_ms(0.5), 1),
        "p95_ms": round(outcome.latency_ms(0.95), 1),
        "violations": outcome.violations,
    }


def table(told: dict[str, Any]) -> str:
    checks = ", ".join(f"{name} {told['violations'][name]}" for name in CHECKS)
    size = f"{told['transfers']:,} transfers, {told['clients']} clients, {told['kills']} x kill -9"
    rows = [
        (f"{size}: violations", checks),
        ("the same: transfers/s while up", f"{told['transfers_per_s']:,.0f}"),
        ("the same: p50 / p95", f"{told['p50_ms']:.0f} / {told['p95_ms']:.0f} ms"),
        ("the same: retries with the same key", f"{told['retries']:,}"),
        ("bare SQLite commits/s, synchronous=FULL", f"{told['bare_commits_per_s']:,.0f}"),
        ("transfers/s per bare commit/s", f"{told['ratio_to_bare']:.2f}"),
    ]
    rows += [
        (f"mutant {name}", "caught by " + ", ".join(found) if found else "NOT CAUGHT")
        for name, found in told.get("mutants", {}).items()
    ]
    return "\n".join(["| what | found |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def run_once(folder: Path, name: str, **how: Any) -> Outcome:
    place = folder / name
    place.mkdir()
    return asyncio.run(run_chaos(place, **how))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--transfers", type=int, default=10_000)
    options.add_argument("--kills", type=int, default=6)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--folder", type=Path, help="where the databases go; default: a new one")
    options.add_argument("--mutants", action="store_true")
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as made:
        folder = Path(made)
        bare_per_s = bare_commits_per_s(folder)
        outcome = run_once(
            folder, "run", transfers=chosen.transfers, kills=chosen.kills, seed=chosen.seed
        )
        told = figures(outcome, bare_per_s)
        if chosen.mutants:
            told["mutants"] = {
                name: [check for check, count in run_once(
                    folder, name, transfers=1_000, kills=3, seed=chosen.seed, mutant=name
                ).violations.items() if count]
                for name in MUTANTS
            }  # fmt: skip
    print(table(told))
    if chosen.json:
        chosen.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    uncaught = any(not found for found in told.get("mutants", {}).values())
    return int(uncaught or any(outcome.violations.values()))


if __name__ == "__main__":
    sys.exit(main())
