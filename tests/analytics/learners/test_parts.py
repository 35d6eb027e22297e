"""The parts of learning: calibration, weights, growing, expansion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.evaluation.metrics import ece
from analytics.learners.calibrating import Calibration, calibrated
from analytics.learners.expanding import Expansion
from analytics.learners.growing import best_rounds
from analytics.learners.members import expit
from analytics.learners.stacking import weights_of
from analytics.tables.columns import Column, Kind, Schema


def a_sample(rows: int, *, slope: float = 1.0, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return log-odds that are `slope` times too bold, and labels."""
    random = np.random.default_rng(seed)
    true = random.normal(-1, 1.5, rows)
    return true * slope, (random.random(rows) < expit(true)).astype(np.int8)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    rows=st.sampled_from([60, 400, 4000]),
    slope=st.sampled_from([-2.0, 0.0, 0.3, 1.0, 5.0]),
    looks=st.lists(st.floats(-40, 40), min_size=2, max_size=20, unique=True),
)
def test_calibration_never_loses_the_order(seed, rows, slope, looks):
    log_odds, labels = a_sample(rows, slope=slope, seed=seed)
    looks = np.sort(np.round(looks, 3))

    told = calibrated(log_odds, labels).apply(np.unique(looks))

    assert np.all(np.diff(told) > 0)


@pytest.mark.parametrize("rows", [300, 8000])
def test_given_bold_log_odds_when_calibrated_then_probabilities_come_true(rows):
    log_odds, labels = a_sample(rows, slope=3.0)
    fresh, truth = a_sample(20_000, slope=3.0, seed=2)

    calibration = calibrated(log_odds, labels)

    assert ece(truth, expit(fresh)) > 0.1
    assert ece(truth, calibration.probability(fresh)) < (0.06 if rows == 300 else 0.02)


def test_given_a_bent_truth_and_many_rows_when_calibrated_then_it_bends():
    random = np.random.default_rng(3)
    log_odds = random.normal(0, 2, 20_000)
    truth = 0.2 + 0.6 * (log_odds > 0)
    labels = (random.random(20_000) < truth).astype(np.int8)

    told = calibrated(log_odds, labels).probability(np.array([-3.0, -1.0, 1.0, 3.0]))

    np.testing.assert_allclose(told, [0.2, 0.2, 0.8, 0.8], atol=0.05)


def test_given_a_calibration_when_written_as_json_then_it_comes_back():
    calibration = calibrated(*a_sample(500))
    again = Calibration.from_json(calibration.to_json())
    looks = np.linspace(-50, 50, 11)

    np.testing.assert_array_equal(again.apply(looks), calibration.apply(looks))


def test_given_one_good_member_among_noise_when_weighed_then_it_counts_most():
    good, labels = a_sample(3000)
    noise = np.random.default_rng(4).normal(size=(3000, 2))

    weights = weights_of(np.column_stack([noise[:, 0], good, noise[:, 1]]), labels)

    assert np.all(weights >= 0)
    assert weights[1] > 5 * max(weights[0], weights[2])


def test_given_a_member_that_argues_backwards_when_weighed_then_it_counts_nothing():
    good, labels = a_sample(3000)

    assert weights_of(np.column_stack([good, -good]), labels)[1] == pytest.approx(0, abs=0.1)


def test_given_members_that_agree_when_weighed_then_they_count_alike():
    good, labels = a_sample(500)

    first, second = weights_of(np.column_stack([good, good]), labels)

    assert first == pytest.approx(second)


def test_given_members_the_rows_cannot_tell_apart_when_weighed_then_they_count_alike():
    true, labels = a_sample(800)
    random = np.random.default_rng(5)
    members = true[:, None] + random.normal(0, 0.5, (800, 4))

    weights = weights_of(members, labels)

    assert np.ptp(weights) < 0.02


def test_given_members_that_lie_far_apart_and_many_rows_when_weighed_then_the_rows_decide():
    true, labels = a_sample(8000)
    random = np.random.default_rng(6)
    noise = random.normal(0, 1, (8000, 2)) * [0.3, 2.0]

    good, poor = weights_of(true[:, None] + noise, labels)

    assert good > 3 * poor


def test_given_curves_of_folds_when_a_size_is_chosen_then_it_is_best_on_average():
    early = np.array([0.9, 0.5, 0.6, 0.7])
    late = np.array([0.9, 0.8, 0.4, 0.5, 0.5, 0.6])

    assert best_rounds([early, late]) == 3


def test_given_gaps_when_expanded_then_they_are_filled_from_training_rows_and_said():
    schema = Schema((Column("a", Kind.NUMBER), Column("b", Kind.CATEGORY, levels=("x", "y"))))
    training = np.array([[1.0, 0.0], [3.0, 1.0], [np.nan, np.nan], [5.0, 1.0]])

    expansion = Expansion.fit(training, schema)

    assert expansion.owner == (0, 0, 1, 1)
    np.testing.assert_array_equal(
        expansion.expand(np.array([[np.nan, np.nan], [100.0, 1.0]])),
        [[3.0, 1.0, 0.0, 0.0], [100.0, 0.0, 0.0, 1.0]],
    )


@given(st.floats(-100, 100), st.floats(0.1, 50))
def test_splines_are_straight_beyond_the_last_knot(start, step):
    schema = Schema((Column("a", Kind.NUMBER),))
    cells = np.linspace(0, 10, 50)[:, None]
    expansion = Expansion.fit(cells, schema, knots_count=5)
    begin = 10 + abs(start)

    three = expansion.expand(np.array([[begin], [begin + step], [begin + 2 * step]]))

    np.testing.assert_allclose(three[2] - three[1], three[1] - three[0], rtol=1e-6, atol=1e-6)
