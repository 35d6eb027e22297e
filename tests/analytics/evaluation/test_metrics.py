"""Figures: equal to scikit-learn's where it has them, and lawful on any rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as theirs

from analytics.evaluation import metrics


@st.composite
def scored(draw, least=4, most=60):
    """Labels of both classes, and scores with many ties."""
    size = draw(st.integers(least, most))
    labels = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    labels[0], labels[1] = 0, 1
    steps = draw(st.lists(st.integers(0, 12), min_size=size, max_size=size))
    return np.array(labels, np.int8), np.array(steps) / 12


@settings(max_examples=30)
@given(rows=scored())
def test_the_area_is_scikit_learns(rows):
    assert metrics.roc_auc(*rows) == pytest.approx(theirs.roc_auc_score(*rows))


@settings(max_examples=30)
@given(rows=scored())
def test_average_precision_is_scikit_learns(rows):
    assert metrics.average_precision(*rows) == pytest.approx(theirs.average_precision_score(*rows))


@settings(max_examples=30)
@given(rows=scored())
def test_losses_of_probabilities_are_scikit_learns(rows):
    labels, said = rows

    assert metrics.brier(labels, said) == pytest.approx(theirs.brier_score_loss(labels, said))
    assert metrics.log_loss(labels, said) == pytest.approx(theirs.log_loss(labels, said))


@settings(max_examples=30)
@given(rows=scored(), fpr=st.floats(0, 1))
def test_recall_at_a_rate_is_the_highest_point_of_the_curve_there(rows, fpr):
    false_rate, true_rate, _ = theirs.roc_curve(*rows, drop_intermediate=False)

    assert metrics.recall_at_fpr(*rows, fpr=fpr) == pytest.approx(
        true_rate[false_rate <= fpr].max()
    )


@settings(max_examples=30)
@given(rows=scored(), seed=st.integers(0, 99))
def test_no_figure_depends_on_the_order_of_the_rows(rows, seed):
    labels, said = rows
    order = np.random.default_rng(seed).permutation(len(labels))

    for figure in (
        metrics.roc_auc, metrics.average_precision, metrics.recall_at_fpr, metrics.ece,
        lambda *them: metrics.precision_at(*them, 7), lambda *them: metrics.gain(*them, share=0.3),
    ):  # fmt: skip
        assert figure(labels, said) == pytest.approx(figure(labels[order], said[order]))


@settings(max_examples=30)
@given(rows=scored())
def test_turning_the_scores_round_turns_the_area_round(rows):
    labels, said = rows

    assert metrics.roc_auc(labels, -said) == pytest.approx(1 - metrics.roc_auc(labels, said))


@settings(max_examples=30)
@given(rows=scored(), n=st.integers(1, 80))
def test_precision_among_all_rows_is_the_base_rate_and_never_leaves_its_bounds(rows, n):
    labels, said = rows

    assert 0 <= metrics.precision_at(labels, said, n) <= 1
    assert metrics.precision_at(labels, said, len(labels)) == pytest.approx(labels.mean())


def test_given_ties_at_the_border_when_the_top_is_counted_then_their_mean_counts():
    labels, said = np.array([1, 1, 0, 0]), np.array([0.9, 0.5, 0.5, 0.1])

    assert metrics.precision_at(labels, said, 2) == pytest.approx(0.75)


@settings(max_examples=30)
@given(rows=scored(), share=st.floats(0.05, 1))
def test_gain_grows_with_the_share_and_reaches_all(rows, share):
    assert metrics.gain(*rows, share=share) <= metrics.gain(*rows, share=1) + 1e-12
    assert metrics.gain(*rows, share=1) == pytest.approx(1)
    assert metrics.lift(*rows, share=share) == pytest.approx(
        metrics.gain(*rows, share=share) / share
    )


@settings(max_examples=30)
@given(rows=scored())
def test_calibration_error_is_at_least_the_distance_of_the_means_and_at_most_one(rows):
    labels, said = rows

    assert abs(labels.mean() - said.mean()) - 1e-9 <= metrics.ece(labels, said) <= 1


@settings(max_examples=30)
@given(said=st.floats(0, 1), positives=st.integers(0, 30))
def test_of_one_probability_for_all_the_error_is_its_distance_from_the_share(said, positives):
    labels = np.repeat(np.array([1, 0], np.int8), [positives, 30 - positives])

    error = metrics.ece(labels, np.full(30, said))

    assert error == pytest.approx(abs(positives / 30 - said))


def test_given_distinct_probabilities_when_binned_then_bins_have_equal_mass():
    random = np.random.default_rng(3)
    said = random.random(1000)
    labels = (random.random(1000) < said**2).astype(np.int8)
    order = np.argsort(said)
    by_hand = sum(abs(labels[rows].sum() - said[rows].sum()) for rows in np.array_split(order, 10))

    assert metrics.ece(labels, said) == pytest.approx(by_hand / 1000)


def test_given_true_probabilities_when_measured_then_the_error_is_what_chance_shows():
    random = np.random.default_rng(4)
    said = random.beta(1, 4, 4000)
    labels = (random.random(4000) < said).astype(np.int8)

    assert metrics.ece(labels, said) < 2 * metrics.ece_of_chance(said)
    assert metrics.ece(labels, said**2) > 3 * metrics.ece_of_chance(said**2)


def test_given_one_class_only_then_ranking_figures_are_no_number():
    labels, said = np.zeros(5, np.int8), np.arange(5) / 5

    assert np.isnan(metrics.roc_auc(labels, said))
    assert np.isnan(metrics.average_precision(labels, said))
    assert np.isnan(metrics.recall_at_fpr(labels, said))


def handbook_precision(days, customers, said, labels, n):
    """The Fraud Detection Handbook's card precision, as its text describes it."""
    table = pd.DataFrame({"day": days, "customer": customers, "said": said, "label": labels})
    found, shares = set(), []
    for _, day in table.groupby("day"):
        left = day[~day["customer"].isin(found)]
        top = left.groupby("customer").max().sort_values("said", ascending=False).head(n)
        caught = set(top.index[top["label"] == 1])
        shares.append(len(caught) / n)
        found |= caught
    return float(np.mean(shares))


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 6))
def test_customers_found_a_day_are_the_handbooks(seed, n):
    random = np.random.default_rng(seed)
    days, customers = random.integers(0, 4, 80), random.integers(0, 15, 80)
    said, labels = random.random(80), (random.random(80) < 0.2).astype(np.int8)

    ours = metrics.customer_precision_at(labels, said, days=days, customers=customers, n=n)

    assert ours == pytest.approx(handbook_precision(days, customers, said, labels, n))


def test_given_a_customer_found_on_monday_when_kept_then_it_counts_on_tuesday_again():
    kept = metrics.customer_precision_at(
        np.array([1, 1]), np.array([0.9, 0.9]), days=np.array([0, 1]), customers=np.array([5, 5]),
        n=1, remove_found=False,
    )  # fmt: skip
    removed = metrics.customer_precision_at(
        np.array([1, 1]), np.array([0.9, 0.9]), days=np.array([0, 1]), customers=np.array([5, 5]),
        n=1,
    )  # fmt: skip

    assert (kept, removed) == (1.0, 0.5)


def test_given_a_short_day_when_counted_then_the_desk_could_have_looked_at_n():
    days = np.array(["mon", "mon", "tue"])

    found = metrics.daily_precision_at(np.array([1, 0, 1]), np.array([0.9, 0.2, 0.5]), days, 2)

    assert found == pytest.approx((0.5 + 0.5) / 2)
