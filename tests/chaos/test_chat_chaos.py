"""A chat under kill -9, at the size of every test run: nothing lost, nothing said twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from benchmarks.chat_chaos import run
from benchmarks.running import ROOT, RunningBranch

pytestmark = pytest.mark.skipif(
    not (ROOT / "bot/.venv/bin/python").exists(), reason="needs Rasa's environment: make setup"
)


@pytest.fixture(scope="module")
def branch() -> Iterator[RunningBranch]:
    with RunningBranch(customers=20, env={"FLORIN_MESSAGE_RATE": "100000/minute"}) as running:
        yield running


def test_given_a_branch_whose_parts_are_killed_then_each_message_is_answered_once(
    branch: RunningBranch,
) -> None:
    found = asyncio.run(run(branch, turns=60, kills=4, seed=3))

    assert found["kills"] == {"actions": 3, "rasa": 1}
    assert found["turns"] >= 60
    assert 0 < found["apologised"] < found["turns"]  # the kills were felt, and not by all
    assert (found["lost"], found["doubled"], found["unanswered"]) == (0, 0, 0)
    assert found["recovered_s"] is not None
