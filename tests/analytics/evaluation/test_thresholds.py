"""Thresholds: chosen by a stated rule, told with what they will do, the same after writing."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.evaluation.thresholds import (
    By,
    Threshold,
    by_capacity,
    by_cost,
    by_rate,
    cheapest_in_hindsight,
    outcome_at,
)

rows = st.integers(2, 60).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 1), min_size=size, max_size=size).map(
            lambda one: np.array(one, np.int8)
        ),
        st.lists(st.integers(0, 20), min_size=size, max_size=size).map(
            lambda one: np.array(one) / 20
        ),
    )
)
minor = st.integers(1, 10_000)


def test_given_costs_then_the_cut_is_where_both_mistakes_cost_the_same():
    labels, said = np.array([0, 1, 0, 1], np.int8), np.array([0.05, 0.3, 0.19, 0.9])

    found = by_cost(labels, said, false_alarm_minor=500, miss_minor=2_000)

    assert found.value == pytest.approx(0.2)
    assert found.value * 2_000 == pytest.approx((1 - found.value) * 500)
    assert list(found.acts_on(said)) == [False, True, False, True]


@settings(max_examples=25)
@given(rows=rows, alarm=minor, miss=minor)
def test_no_threshold_is_cheaper_than_the_one_in_hindsight(rows, alarm, miss):
    labels, said = rows
    chosen = by_cost(labels, said, false_alarm_minor=alarm, miss_minor=miss)

    value, least = cheapest_in_hindsight(labels, said, false_alarm_minor=alarm, miss_minor=miss)

    assert least <= outcome_at(labels, said, chosen).cost_minor
    there = Threshold(
        value=value, by=By.COST, alerts_share=0, false_alarm_minor=alarm, miss_minor=miss
    )
    assert outcome_at(labels, said, there).cost_minor == least


def test_given_probabilities_that_are_true_then_the_cut_by_cost_is_nearly_the_cheapest():
    random = np.random.default_rng(2)
    said = random.beta(1, 3, 20_000)
    labels = (random.random(20_000) < said).astype(np.int8)
    chosen = by_cost(labels, said, false_alarm_minor=100, miss_minor=500)

    _, least = cheapest_in_hindsight(labels, said, false_alarm_minor=100, miss_minor=500)

    assert outcome_at(labels, said, chosen).cost_minor <= 1.01 * least


@settings(max_examples=25)
@given(rows=rows, per_day=st.integers(1, 30), days=st.integers(1, 4))
def test_an_average_day_has_never_more_alerts_than_can_be_handled(rows, per_day, days):
    labels, said = rows
    day = np.arange(len(said)) % days

    found = by_capacity(labels, said, per_day=per_day, days=day)

    assert found.alerts_per_day <= per_day
    assert found.acts_on(said).sum() == pytest.approx(found.alerts_share * len(said))


@settings(max_examples=25)
@given(rows=rows)
def test_enough_capacity_looks_at_everything(rows):
    labels, said = rows

    assert by_capacity(labels, said, per_day=len(said)).acts_on(said).all()


@settings(max_examples=25)
@given(rows=rows)
def test_what_happens_at_a_threshold_adds_up(rows):
    labels, said = rows
    found = by_rate(labels, said)

    one = outcome_at(labels, said, found)

    assert one.true_alerts + one.missed == labels.sum()
    assert one.alerts + one.missed + one.left_alone == len(labels)
    assert one.alerts == found.acts_on(said).sum()
    assert one.cost_minor is None


@settings(max_examples=25)
@given(rows=rows, alarm=minor, miss=minor)
def test_a_threshold_comes_back_equal_from_json(rows, alarm, miss):
    labels, said = rows
    labels[0], said[0] = 1, 1.0  # an alert and a positive, or NaN would be unequal to itself
    found = by_cost(labels, said, false_alarm_minor=alarm, miss_minor=miss)

    assert Threshold.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_given_no_alert_at_all_then_json_has_no_nan():
    found = by_cost(
        np.array([0, 1], np.int8), np.array([0.1, 0.2]), false_alarm_minor=9, miss_minor=1
    )

    assert found.as_json()["precision"] == {"value": None, "low": None, "high": None}
    json.dumps(found.as_json(), allow_nan=False)
