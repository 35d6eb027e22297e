"""One person's word: bounded in what it teaches, and looked at when it is always the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.policies import feedback
from bank.policies.feedback import Word

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEAST = feedback.most_of_one(0)


def words_of(who, count, *, hour=0, first=0):
    return [
        Word(f"{who}-{first + number:04d}", who, NOON + timedelta(hours=hour, seconds=number))
        for number in range(count)
    ]


def test_given_a_desk_of_one_then_so_many_words_a_week_are_taken_and_no_more():
    words = words_of("ben", LEAST + 30)

    assert feedback.untaken(words) == {one.id for one in words[LEAST:]}


def test_given_a_week_later_then_the_same_person_is_taken_again():
    flood = words_of("ben", LEAST + 30)
    later = words_of("ben", 5, hour=24 * 8, first=1_000)

    assert not feedback.untaken([*flood, *later]) & {one.id for one in later}


def test_given_colleagues_who_work_as_much_then_everybodys_words_are_taken():
    words = [
        Word(f"{who}-{number}", who, NOON + timedelta(minutes=number, seconds=place))
        for number in range(LEAST * 3)
        for place, who in enumerate(("ben", "cora", "dora"))
    ]

    assert feedback.untaken(words) == frozenset()


def test_given_one_who_floods_then_the_others_words_are_taken_still():
    flood = words_of("ben", 500)
    cora = words_of("cora", 40, hour=1)

    beyond = feedback.untaken([*flood, *cora])

    assert {one.id for one in cora} & beyond == set()
    assert len(beyond) == 500 - LEAST


_STREAMS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 24 * 20)), min_size=1, max_size=400
)


@given(_STREAMS)
def test_what_is_taken_of_one_in_any_window_is_within_the_bound(stream):
    words = [
        Word(f"w{number:04d}", who, NOON + timedelta(hours=hour))
        for number, (who, hour) in enumerate(stream)
    ]
    beyond = feedback.untaken(words)
    for last in (one for one in words if one.id not in beyond):
        seen = [one for one in words if last.at_utc - feedback.window() < one.at_utc <= last.at_utc]
        # Of the same moment those that came first: the order is time, then id.
        seen = [one for one in seen if (one.at_utc, one.id) <= (last.at_utc, last.id)]
        taken = [one for one in seen if one.by == last.by and one.id not in beyond]
        assert len(taken) <= feedback.most_of_one(len(seen))


@given(_STREAMS, st.integers(0, 24 * 20))
def test_what_was_taken_by_a_day_does_not_change_with_what_is_said_later(stream, hour):
    words = [
        Word(f"w{number:04d}", who, NOON + timedelta(hours=at))
        for number, (who, at) in enumerate(stream)
    ]
    known = [one for one in words if one.at_utc <= NOON + timedelta(hours=hour)]

    assert feedback.untaken(known) == feedback.untaken(words) & {one.id for one in known}


@given(_STREAMS, st.integers(0, 24 * 20))
def test_a_window_before_is_all_that_needs_to_be_read(stream, hour):
    words = [
        Word(f"w{number:04d}", who, NOON + timedelta(hours=at))
        for number, (who, at) in enumerate(stream)
    ]
    since = NOON + timedelta(hours=hour)
    read = [one for one in words if one.at_utc > since - feedback.window()]

    wanted = {one.id for one in words if one.at_utc > since}
    assert feedback.untaken(read) & wanted == feedback.untaken(words) & wanted


@pytest.mark.parametrize(
    ("in_row", "genuine", "count", "is_run"),
    [
        (14, 0, 0, False),  # an ordinary day
        (15, 0, 0, True),  # nobody to compare with
        (15, 98, 100, False),  # nearly every alert is false
        (15, 60, 100, True),
        (300, 98, 100, True),
    ],
)
def test_given_a_run_then_it_is_looked_at_when_the_others_would_hardly_have_it(
    in_row, genuine, count, is_run
):
    assert feedback.is_run(in_row, others_genuine=genuine, others_count=count) is is_run


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_longer_run_is_never_less_of_one(in_row, genuine, fraud):
    others = {"others_genuine": genuine, "others_count": genuine + fraud}

    if feedback.is_run(in_row, **others):
        assert feedback.is_run(in_row + 1, **others)
