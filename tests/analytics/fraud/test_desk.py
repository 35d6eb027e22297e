"""The desk: suspicions add up within a day, alerts of a week are one case, capacity is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.fraud.desk import NO_CASE, Desk, cases_of, threshold_of, together
from analytics.fraud.events import DAY_S, HOUR_S

streams = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 30 * DAY_S), st.floats(0, 1)),
    min_size=1, max_size=40,
)  # fmt: skip
few = settings(max_examples=60, deadline=None)


def told(stream):
    whose, at_s, said = zip(*stream, strict=True)
    return list(whose), np.array(at_s, np.int64), np.array(said)


def test_given_a_burst_of_doubts_then_the_last_one_is_more_suspect_than_any_alone():
    said = together(["a"] * 3 + ["b"], np.arange(4) * HOUR_S, np.array([0.1, 0.1, 0.1, 0.1]))

    assert said == pytest.approx([0.1, 0.19, 0.271, 0.1])


def test_given_a_day_between_then_payments_are_no_common_suspicion():
    said = together(["a", "a"], np.array([0, DAY_S]), np.array([0.5, 0.2]))

    assert said == pytest.approx([0.5, 0.2])


def test_given_alerts_of_a_customer_then_those_within_a_week_of_the_first_are_one_case():
    at_s = np.array([0, 2, 6, 7, 8]) * DAY_S

    assert list(cases_of(["a"] * 5, at_s, np.ones(5, bool))) == [0, 0, 0, 1, 1]
    assert list(cases_of(["a", "b"], at_s[:2], np.array([True, False]))) == [0, NO_CASE]


@few
@given(streams)
def test_what_a_later_payment_says_never_changes_an_earlier_one(stream):
    whose, at_s, said = told(stream)
    last = at_s.max()
    before = together(whose, at_s, said)

    changed = together(whose, at_s, np.where(at_s == last, 0.999, said))

    early = at_s < last
    assert changed[early] == pytest.approx(before[early])
    assert (before >= said).all()


@few
@given(streams)
def test_the_order_of_the_payments_changes_nothing(stream):
    whose, at_s, said = told(sorted(set(stream)))
    back = np.arange(len(whose))[::-1]
    apart = at_s * 60 + np.arange(len(at_s))

    there = together(whose, apart, said)
    again = together([whose[i] for i in back], apart[back], said[back])

    assert again[back] == pytest.approx(there)


@few
@given(streams, st.integers(1, 5), st.floats(0.05, 0.95))
def test_a_desk_never_opens_more_cases_than_it_can_nor_less_sure_ones(stream, most, right):
    whose, at_s, said = told(stream)

    value = threshold_of(whose, at_s, said, desk=Desk(most, right))

    cases = cases_of(whose, at_s, said >= value)
    opened = int(cases.max()) + 1
    weeks = max(1.0, np.ptp(at_s) / (7 * DAY_S))
    assert opened <= most * weeks
    if opened:
        surest = [said[cases == case].max() for case in range(opened)]
        assert np.mean(surest) >= right


def test_given_nothing_suspect_then_nothing_is_opened():
    said = np.full(50, 0.01)

    value = threshold_of(["a"] * 50, np.arange(50) * HOUR_S, said, desk=Desk(5, 0.6))

    assert (said < value).all()
