"""Patterns of laundering: each found where it is, not where it only looks like it, in bounds."""

from __future__ import annotations

import random

import pytest

from analytics.fraud.aml.cycles import Cycle
from analytics.fraud.aml.fans import Fan
from analytics.fraud.aml.flows import PassThrough, Structuring
from analytics.fraud.aml.transfers import DAY_S, Alert, Memory, Transfer
from analytics.fraud.aml.watch import watch, watches


def _seen(pattern, *steps: tuple[str, str, int, float]) -> list[Alert]:
    """Show (source, target, amount, day) to a watch; return its alerts."""
    found = (pattern.see(Transfer(a, b, amount, int(day * DAY_S))) for a, b, amount, day in steps)
    return [alert for alert in found if alert is not None]


def test_given_four_paying_one_alike_when_seen_then_it_is_a_fan_in():
    alerts = _seen(Fan(is_in=True), *((f"a{each}", "x", 1_000 + each, each) for each in range(4)))

    assert [each.accounts for each in alerts] == [("x", "a0", "a1", "a2", "a3")]
    assert alerts[0].strength == 4
    assert "4 of 4 accounts" in alerts[0].sentence


def test_given_customers_of_a_shop_when_seen_then_amounts_that_differ_are_no_fan():
    steps = ((f"a{each}", "shop", 100 * 2**each, each / 9) for each in range(12))

    assert _seen(Fan(is_in=True), *steps) == []


def test_given_one_paying_many_alike_when_seen_then_it_is_a_fan_out_and_no_fan_in():
    steps = [("x", f"a{each}", 1_000, each) for each in range(4)]

    assert len(_seen(Fan(is_in=False), *steps)) == 1
    assert _seen(Fan(is_in=True), *steps) == []


def test_given_senders_far_apart_when_seen_then_the_window_parts_them():
    steps = [(f"a{each}", "x", 1_000, 11 * each) for each in range(4)]

    assert _seen(Fan(is_in=True, window_days=30), *steps) == []
    assert len(_seen(Fan(is_in=True, window_days=33), *steps)) == 1


def test_given_repeats_asked_for_when_each_pays_once_then_it_is_no_fan():
    once = [(f"a{each}", "x", 1_000, each) for each in range(4)]

    assert _seen(Fan(is_in=True, repeats_least=2), *once) == []
    assert len(_seen(Fan(is_in=True, repeats_least=2), *once, *once)) == 1


ROUND = [("a", "b", 1_000, 1), ("b", "c", 990, 2), ("c", "d", 980, 3), ("d", "a", 970, 4)]


def test_given_money_that_comes_back_when_seen_then_the_cycle_is_named_in_order():
    alerts = _seen(Cycle(), *ROUND)

    assert [each.accounts for each in alerts] == [("a", "b", "c", "d")]
    assert alerts[0].at_s == 4 * DAY_S


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("not whole", [*ROUND[:3], ("d", "a", 500, 4)]),
        ("out of order", [ROUND[1], ROUND[0], ROUND[2], ROUND[3]]),
        ("too slow", [*ROUND[:3], ("d", "a", 970, 40)]),
        ("to and fro", [("a", "b", 1_000, 1), ("b", "a", 1_000, 2)]),
        ("to itself", [("a", "a", 1_000, 1)]),
    ],
)
def test_given_something_less_than_a_cycle_when_seen_then_nothing_is_told(name, steps):
    steps = [(a, b, amount, place + 1 if name == "out of order" else day)
             for place, (a, b, amount, day) in enumerate(steps)]  # fmt: skip

    assert _seen(Cycle(), *steps) == []


def test_given_steps_out_of_order_when_order_does_not_matter_then_the_cycle_is_found():
    steps = [ROUND[2], ROUND[0], ROUND[3], ROUND[1]]
    steps = [(a, b, amount, day) for day, (a, b, amount, _) in enumerate(steps)]

    assert len(_seen(Cycle(in_order=False), *steps)) == 1
    assert _seen(Cycle(in_order=True), *steps) == []


def test_given_a_crowded_graph_when_searched_then_steps_are_bounded():
    pattern = Cycle(length_most=8, steps_most=200)
    draw = random.Random(1)
    looked: list[int] = []
    before = pattern._before
    pattern._before = lambda *each: (looked.append(1), before(*each))[1]  # type: ignore[method-assign]

    for step in range(600):
        a, b = draw.sample([f"a{each}" for each in range(30)], 2)
        looked.clear()
        pattern.see(Transfer(a, b, 1_000, step * 60))

        assert len(looked) <= 201


def test_given_a_sum_cut_in_three_when_seen_then_it_is_structuring():
    steps = [("a", "b", 400_000 + each, each / 2) for each in range(3)]

    assert [each.strength for each in _seen(Structuring(), *steps)] == [3]
    assert _seen(Structuring(limit_minor=1_000_000), *steps) != []
    assert _seen(Structuring(limit_minor=2_000_000), *steps) == []  # the sum stays below
    assert _seen(Structuring(limit_minor=300_000), *steps) == []  # each is reported anyway


def test_given_money_in_and_out_in_a_day_when_seen_then_it_passed_through():
    steps = [("a", "m", 1_000, 1), ("b", "m", 1_000, 1.2), ("m", "z", 1_900, 1.5)]

    alerts = _seen(PassThrough(), *steps)

    assert [each.accounts for each in alerts] == [("m", "z", "a", "b")]
    assert alerts[0].strength == pytest.approx(0.95)


@pytest.mark.parametrize(
    "last", [("m", "z", 900, 1.5), ("m", "z", 1_900, 9), ("m", "a", 1_900, 1.5)]
)
def test_given_half_later_or_back_when_seen_then_nothing_passed_through(last):
    steps = [("a", "m", 1_000, 1), ("b", "m", 1_000, 1.2), last]

    assert _seen(PassThrough(), *steps) == []


def test_given_the_same_story_again_when_watched_then_it_is_told_once_a_month():
    days = [*range(10), 45, 46, 47, 48]
    transfers = [Transfer(f"a{day}", "x", 1_000, day * DAY_S) for day in days]

    told = [each for each in watch(transfers, [Fan(is_in=True)]) if each.pattern == "fan_in"]

    assert [each.at_s // DAY_S for each in told] == [3, 48]


def test_given_all_patterns_when_watching_noise_then_little_is_told():
    draw = random.Random(7)
    transfers = [
        Transfer(*draw.sample([f"a{one}" for one in range(300)], 2),
                 draw.randrange(1_000, 500_000), step * 3_600)
        for step in range(2_000)
    ]  # fmt: skip

    assert len(list(watch(transfers, watches()))) < 100


def test_memory_keeps_no_more_than_it_may():
    memory = Memory(window_s=DAY_S, kept_max=64)

    for step in range(1_000):
        memory.keep("x", Transfer("a", "x", 1, step))

    assert len(memory.of("x", 1_000)) == 64
    assert len(memory.of("x", 10 * DAY_S)) == 0
