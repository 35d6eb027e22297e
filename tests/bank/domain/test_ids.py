"""Identifiers sort by age, whatever the clock does, and never meet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bank.domain import ids
from bank.domain.ids import make_id


@pytest.mark.parametrize("steps_ms", [0, 1, -500])
def test_given_a_clock_that_stands_runs_or_goes_back_when_made_then_the_later_sorts_later(
    monkeypatch, steps_ms
):
    begun_ns = ids.time.time_ns()
    ticks = iter(range(10_000))
    monkeypatch.setattr(ids.time, "time_ns", lambda: begun_ns + next(ticks) * steps_ms * 1_000_000)

    made = [make_id("ac") for _ in range(500)]

    assert made == sorted(made)
    assert len(set(made)) == 500


def test_given_two_ids_of_one_millisecond_then_the_second_is_not_the_next_number(monkeypatch):
    now_ns = ids.time.time_ns()
    monkeypatch.setattr(ids.time, "time_ns", lambda: now_ns)

    tails = [make_id("se")[-8:] for _ in range(50)]

    assert len(set(tails)) == 50


def test_given_many_threads_then_no_two_ids_are_the_same():
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: make_id("tx"), range(20_000)))

    assert len(set(made)) == 20_000
