"""Without labels: the estimate is true where the probabilities are; a rate that changes is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import average_precision_score, roc_auc_score

from analytics.drift import Adwin
from analytics.drift.estimate import estimate

shares = hnp.arrays(float, st.integers(1, 80), elements=st.floats(0, 1))


def by_name(scores, **told):
    return {one.name: one for one in estimate(scores, **told)}


@pytest.mark.parametrize(("low", "high"), [(0.3, 8.0), (2.0, 2.0), (0.5, 0.5)])
def test_given_calibrated_scores_then_the_truth_lies_in_the_interval(low, high):
    rng = np.random.default_rng(5)
    scores = rng.beta(low, high, 4_000)
    labels = rng.random(4_000) < scores

    told = by_name(scores, threshold=0.4)

    truth = {
        "roc_auc": roc_auc_score(labels, scores),
        "average_precision": average_precision_score(labels, scores),
        "accuracy": np.mean((scores >= 0.4) == labels),
        "positive_share": labels.mean(),
    }
    for name, value in truth.items():
        assert told[name].low - 0.002 <= value <= told[name].high + 0.002, name
        assert told[name].low <= told[name].value <= told[name].high


def test_given_harder_rows_then_the_estimate_falls():
    rng = np.random.default_rng(5)

    sure, unsure = rng.beta(0.3, 0.3, 2_000), rng.beta(5, 5, 2_000)

    assert by_name(sure)["roc_auc"].low > by_name(unsure)["roc_auc"].high


@settings(max_examples=12, deadline=None)
@given(shares)
def test_an_estimate_is_a_share_and_never_raises(scores):
    for one in estimate(scores):
        if np.isfinite(one.value):
            assert -1e-9 <= one.value <= 1 + 1e-9


def test_given_certain_scores_then_there_is_no_doubt_left():
    told = by_name(np.array([0.0] * 50 + [1.0] * 50))

    assert told["roc_auc"].value == told["average_precision"].value == told["accuracy"].value == 1


def test_given_scores_all_alike_then_the_ranking_is_worth_a_coin():
    assert by_name(np.full(500, 0.3))["roc_auc"].value == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("before_and_after", [(0.02, 0.10), (0.10, 0.02), (0.30, 0.45)])
def test_given_a_rate_that_changes_then_it_is_found_and_the_past_is_dropped(before_and_after):
    rng, window = np.random.default_rng(9), Adwin()
    before, after = before_and_after
    assert not any(window.add(float(one)) for one in rng.random(2_000) < before)

    found = [place for place in range(2_000) if window.add(float(rng.random() < after))]

    assert found
    assert found[0] < 1_200
    assert window.mean == pytest.approx(after, abs=0.05)


def test_given_a_steady_rate_then_false_alarms_stay_below_the_bound():
    rng = np.random.default_rng(1)

    cuts = sum(
        window.add(float(one))
        for window in [Adwin(delta=0.05) for _ in range(10)]
        for one in rng.random(1_500) < 0.05
    )

    # The bound is delta at each look, of which there are 94 a window.
    assert cuts <= 10


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=300))
def test_the_window_is_a_true_mean_of_its_newest_numbers(values):
    window = Adwin()
    for value in values:
        window.add(value)

    kept = values[len(values) - window.count :]
    assert window.mean == pytest.approx(np.mean(kept) if kept else 0, abs=1e-9)
    assert len(window._buckets) <= 5 * 10


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_given_a_number_outside_0_to_1_then_it_is_refused(value):
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        Adwin().add(value)
