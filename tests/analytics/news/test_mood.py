"""The mood about an instrument, and the warning when it falls."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from analytics.news.mood import HALF_LIFE, NEWEST_MOST, WINDOW, Mood, mood_from
from analytics.news.warning import FALLS_AT, HEADLINES_LEAST, RISES_AT, SOURCES_LEAST, watch
from bank.domain.instruments import InstrumentId
from tests.analytics.news.builders import NOON, told

ONE = InstrumentId("in_1")
scores = st.floats(-1, 1, allow_nan=False)
ages = st.integers(-100, 2_000).map(lambda hours: timedelta(hours=hours))


def mood(*heard) -> Mood:
    return mood_from(ONE, heard, now_utc=NOON)


def a_mood(score: float, *, headlines: int = HEADLINES_LEAST, sources: int = SOURCES_LEAST) -> Mood:
    return Mood(ONE, score, headlines, sources, 1.0, NOON)


def test_given_no_headlines_then_the_mood_is_nothing():
    assert (mood().score, mood().headlines_count, mood().newest) == (0, 0, ())


def test_given_one_bad_headline_then_the_mood_falls_by_a_third():
    assert mood(told(-0.9)).score == -0.3


def test_given_a_half_life_then_a_headline_weighs_half():
    assert mood(told(1.0, age=HALF_LIFE)).weight == 0.5


def test_given_headlines_of_tomorrow_or_long_ago_then_they_have_no_part():
    late, old = told(1.0, age=timedelta(hours=-1)), told(1.0, age=WINDOW + timedelta(hours=1))

    assert mood(late, old) == mood()


def test_given_more_headlines_then_the_newest_are_its_sources():
    heard = [told(0.5, age=timedelta(hours=one)) for one in (5, 1, 9, 3)]

    assert mood(*heard).newest == (heard[1], heard[3], heard[0])
    assert len(mood(*heard).newest) == NEWEST_MOST


@given(st.lists(st.tuples(scores, ages), max_size=30))
def test_a_mood_lies_between_minus_one_and_one(drawn):
    heard = [told(score, age=age, source=f"s{place}") for place, (score, age) in enumerate(drawn)]

    assert -1 < mood(*heard).score < 1


@given(st.lists(st.tuples(scores, ages), max_size=12), st.randoms())
def test_the_order_of_headlines_does_not_matter(drawn, random):
    heard = [told(score, age=age, source=f"s{place}") for place, (score, age) in enumerate(drawn)]
    shuffled = random.sample(heard, len(heard))

    assert mood(*heard) == mood(*shuffled)


@given(st.lists(st.tuples(scores, ages), max_size=12))
def test_a_bad_headline_of_now_never_lifts_a_mood(drawn):
    heard = [told(score, age=age, source=f"s{place}") for place, (score, age) in enumerate(drawn)]

    assert mood(*heard, told(-1.0, source="new")).score <= mood(*heard).score


def test_given_a_mood_that_falls_far_enough_then_there_is_one_warning_and_it_stands():
    first = watch({}, [a_mood(FALLS_AT)])
    second = watch(first.standing, [a_mood(FALLS_AT - 0.2)])

    assert [one.instrument_id for one in first.raised] == [ONE]
    assert (second.raised, second.ended) == ((), ())
    assert second.standing[ONE].since_utc == NOON


def test_given_a_mood_on_the_edge_then_the_warning_neither_ends_nor_comes_again():
    standing = watch({}, [a_mood(FALLS_AT)]).standing

    between = watch(standing, [a_mood((FALLS_AT + RISES_AT) / 2)])

    assert (set(between.standing), between.raised, between.ended) == ({ONE}, (), ())
    assert watch({}, [a_mood((FALLS_AT + RISES_AT) / 2)]).standing == {}


def test_given_a_mood_that_rises_then_the_warning_ends():
    standing = watch({}, [a_mood(FALLS_AT)]).standing

    assert watch(standing, [a_mood(RISES_AT)]).ended == (ONE,)
    assert watch(standing, [a_mood(RISES_AT)]).standing == {}


def test_given_too_few_headlines_or_one_source_then_nobody_is_warned():
    assert watch({}, [a_mood(-0.9, headlines=HEADLINES_LEAST - 1)]).raised == ()
    assert watch({}, [a_mood(-0.9, sources=SOURCES_LEAST - 1)]).raised == ()


@given(st.lists(scores, max_size=40))
def test_warnings_begin_and_end_in_turns(said):
    standing, begun, ended = {}, 0, 0
    for score in said:
        seen = watch(standing, [a_mood(score)])
        standing, begun, ended = seen.standing, begun + len(seen.raised), ended + len(seen.ended)

        assert begun - ended == len(standing)
