"""The Qini coefficient and its kin: the definition by hand, and laws that hold for every trial."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import CannotLearn
from analytics.retention.measures import calibration, calibration_error, luck, measure
from analytics.retention.qini import qini, rank, uplift_at
from tests.analytics.retention.simulated import a_world

#: treated, outcome and score of eight people, by hand.
TREATED = [1, 0, 1, 0, 1, 0, 1, 0]
OUTCOME = [1, 0, 1, 0, 0, 1, 0, 0]
SCORE = [8, 7, 6, 5, 4, 3, 2, 1]


def by_hand(score, treated, outcome):
    """The definition, row by row: no ties, no weights."""
    rows = sorted(zip(score, treated, outcome, strict=True), reverse=True)
    n, gains = len(rows), [0.0]
    for k in range(1, n + 1):
        on = [y for _, t, y in rows[:k] if t]
        off = [y for _, t, y in rows[:k] if not t]
        there = sum(off) * len(on) / len(off) if off else 0
        gains.append((sum(on) - there) / n)
    area = sum((a + b) / 2 / n for a, b in pairwise(gains))
    return area - gains[-1] / 2


@st.composite
def trials(draw, *, distinct=False):
    n = draw(st.integers(4, 40))
    treated = [1, 0, *draw(st.lists(st.integers(0, 1), min_size=n - 2, max_size=n - 2))]
    outcome = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    whole = st.integers(-50, 50)
    score = draw(st.lists(whole, min_size=n, max_size=n, unique=distinct))
    return np.array(score, float), np.array(treated), np.array(outcome)


def test_given_eight_people_when_measured_then_it_is_the_area_counted_by_hand():
    # Gains in eighths: 0, 1, 1, 2, 2, 2, then (2 − 1·3/3), (2 − 1·4/3), (2 − 1·4/4).
    gains = [0, 1, 1, 2, 2, 2, 1, 2 - 4 / 3, 1]
    area = sum((a + b) / 2 for a, b in pairwise(gains)) / 64
    assert qini(SCORE, TREATED, OUTCOME) == pytest.approx(area - 1 / 16)


def test_given_the_best_half_when_compared_then_uplift_is_the_difference_of_its_rates():
    # The first four: treated 1, 1 and control 0, 0.
    assert uplift_at(SCORE, TREATED, OUTCOME, share=0.5) == 1.0
    assert uplift_at(SCORE, TREATED, OUTCOME, share=1.0) == pytest.approx(0.5 - 0.25)


@settings(max_examples=20)
@given(trials(distinct=True))
def test_the_coefficient_is_the_definition(trial):
    score, treated, outcome = trial

    assert qini(score, treated, outcome) == pytest.approx(by_hand(score, treated, outcome))


@settings(max_examples=20)
@given(trials(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_says_nothing(trial, random):
    rows = list(range(len(trial[0])))
    random.shuffle(rows)
    mixed = [column[rows] for column in trial]

    assert qini(*mixed) == pytest.approx(qini(*trial))
    assert uplift_at(*mixed) == pytest.approx(uplift_at(*trial))


@settings(max_examples=20)
@given(trials())
def test_only_the_order_of_a_score_counts(trial):
    score, treated, outcome = trial

    assert qini(np.exp(score / 10), treated, outcome) == pytest.approx(qini(*trial))


@settings(max_examples=20)
@given(trials())
def test_a_score_that_says_nothing_is_worth_exactly_nothing(trial):
    _, treated, outcome = trial

    assert qini(np.zeros(len(treated)), treated, outcome) == pytest.approx(0, abs=1e-12)


@settings(max_examples=20)
@given(trials(), st.floats(0.5, 20))
def test_equal_weights_are_no_weights(trial, weight):
    weights = np.full(len(trial[0]), weight)

    assert qini(*trial, weights) == pytest.approx(qini(*trial))


@settings(max_examples=20)
@given(trials())
def test_an_effect_turned_round_turns_the_sign(trial):
    score, treated, outcome = trial
    everybody = uplift_at(score, treated, outcome, share=1.0)

    assert uplift_at(score, treated, 1 - outcome, share=1.0) == pytest.approx(-everybody)


def test_given_the_true_effect_when_compared_with_others_then_no_ranking_is_better():
    world = a_world(20_000)
    truth = -world.effect[:, 0]

    best = qini(truth, world.arm, 1 - world.outcome)

    rng = np.random.default_rng(0)
    assert best > qini(truth + rng.normal(0, 0.2, len(truth)), world.arm, 1 - world.outcome)
    assert best > qini(world.without, world.arm, 1 - world.outcome)


def test_given_a_trial_of_one_group_when_measured_then_there_is_nothing_to_compare():
    with pytest.raises(CannotLearn, match="one group"):
        rank([1, 2], [1, 1], [0, 1])


def test_given_unequal_lots_when_weighted_then_the_average_effect_is_the_true_one():
    world = a_world(20_000, chosen=True)
    weight = 1 / world.propensity[np.arange(len(world.arm)), world.arm]

    plain = uplift_at(np.zeros(len(weight)), world.arm, world.outcome, share=1.0)
    weighted = uplift_at(np.zeros(len(weight)), world.arm, world.outcome, weight, share=1.0)

    truth = world.effect[:, 0].mean()
    assert abs(weighted - truth) < 0.02
    assert abs(plain - truth) > abs(weighted - truth)


def test_given_a_good_and_a_shuffled_score_when_measured_then_only_one_could_not_be_luck():
    world = a_world(3_000)
    good = -world.effect[:, 0]
    shuffled = np.random.default_rng(5).permutation(good)

    assert luck(good, world.arm, 1 - world.outcome, shuffles=60) < 0.05
    assert luck(shuffled, world.arm, 1 - world.outcome, shuffles=60) > 0.05


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_shuffling_who_was_treated_leaves_nothing_to_find(seed):
    rng = np.random.default_rng(seed)
    world = a_world(2_000, seed=3)
    score = -world.effect[:, 0]

    drawn = [qini(score, rng.permutation(world.arm), world.outcome) for _ in range(30)]

    assert abs(np.mean(drawn)) < 5 * np.std(drawn) / np.sqrt(len(drawn))


def test_given_a_report_when_read_then_intervals_hold_values_and_the_curve_ends_at_the_average():
    world = a_world(3_000)

    report = measure(-world.effect[:, 0], world.arm, 1 - world.outcome, resamples=80)

    for one in (report.qini, report.uplift_top, report.average_effect):
        assert one.low < one.value < one.high
    assert report.curve[0].gain == 0.0
    share_treated = np.mean(world.arm)
    assert report.curve[-1].gain == pytest.approx(report.average_effect.value * share_treated)
    assert all(point.low <= point.high for point in report.curve)


def test_given_the_true_effects_when_grouped_then_said_is_seen_and_doubled_is_not():
    world = a_world(30_000)
    truth = world.effect[:, 0]

    honest = calibration_error(calibration(truth, world.arm, world.outcome))
    boasting = calibration_error(calibration(2 * truth, world.arm, world.outcome))

    assert honest < 0.02
    assert boasting > 3 * honest
