"""Money under kill -9, at the size of every test run; and that the checks do catch mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.chaos.mutants import MUTANTS
from benchmarks.chaos.run import run_chaos

#: What each mistake must at least be found by.
CAUGHT_BY = {
    "no_idempotency": {"acknowledged", "replay"},
    "commit_between": {"total", "balance", "transaction"},
    "ack_before_commit": {"acknowledged"},
}


async def test_given_a_server_killed_while_transferring_then_all_five_checks_are_zero(
    tmp_path: Path,
) -> None:
    outcome = await run_chaos(tmp_path, transfers=1_000, kills=2, seed=7)

    assert set(outcome.violations.values()) == {0}, outcome
    assert len(outcome.violations) == 5
    assert outcome.retries > 0  # the kills were felt


@pytest.mark.parametrize("mutant", sorted(MUTANTS))
async def test_given_a_mutant_of_the_bank_then_the_checks_catch_it(
    mutant: str, tmp_path: Path
) -> None:
    outcome = await run_chaos(tmp_path, transfers=800, kills=8, seed=7, mutant=mutant)

    caught = {check for check, count in outcome.violations.items() if count}
    assert caught & CAUGHT_BY[mutant], outcome
