"""Counters of bounded memory: what they promise whatever comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.threats.counting import Book, Burst, Distinct

_TIMES = st.lists(st.floats(0, 1e10), min_size=1, max_size=80)


@given(_TIMES)
def test_a_level_is_never_above_its_count_nor_below_one_just_after_an_event(times):
    burst = Burst()

    for at_s in times:
        level = burst.add(at_s, half_life_s=60)
        assert 1 <= level <= burst.count


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_level_only_falls_while_nothing_happens(first, second):
    burst = Burst()
    for _ in range(5):
        burst.add(0.0, half_life_s=60)
    early, late = sorted((first, second))

    assert burst.now(late, half_life_s=60) <= burst.now(early, half_life_s=60) <= 5


def test_given_half_a_life_then_half_is_left():
    burst = Burst()
    for _ in range(8):
        burst.add(100.0, half_life_s=60)

    assert burst.now(160.0, half_life_s=60) == pytest.approx(4.0)


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(2, 12))
def test_distinct_is_exact_up_to_its_cap(things, most):
    counted, truth = Distinct(most=most), set()

    for thing in things:
        truth.add(thing)
        found = counted.add(thing, 0.0, span_s=10)
        assert found <= most
        if len(truth) <= most:
            assert found == len(truth)
        else:
            assert counted.is_full


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1e9)), min_size=1, max_size=100))
def test_what_left_the_window_is_not_counted(meetings):
    counted, last = Distinct(most=64), {}
    clock_s = 0.0

    for thing, at_s in meetings:
        clock_s = max(clock_s, at_s)
        last[thing] = clock_s
        found = counted.add(thing, at_s, span_s=100)
        assert found == sum(one > clock_s - 100 for one in last.values())


@given(st.lists(st.integers(0, 200), max_size=400), st.integers(2, 20))
def test_a_book_never_holds_more_than_it_may(keys, most):
    book = Book(list, most=most)

    for key in keys:
        book.at(str(key)).append(key)
        assert len(book) <= most
    for key in set(keys):
        held = book.find(str(key))
        assert held is None or set(held) == {key}


def test_given_somebody_who_came_twice_when_a_thousand_come_once_then_he_is_remembered():
    book = Book(list, most=100)
    book.at("attacker").append(1)
    book.at("attacker").append(2)

    for number in range(1_000):
        book.at(f"invented {number}")

    assert book.find("attacker") == [1, 2]
    assert book.forgotten_count == 901
