"""Draws and intervals: what varies, what does not, and how wide it gets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.evaluation.bootstrap import Interval, draws, interval_of, wilson
from analytics.evaluation.figures import NAMES, Scoreboard, Scored, figures_of
from analytics.evaluation.ranking import Ranking, area_of


def a_part(labels, said, name="part", repeat=0):
    return Scored(name, repeat, np.arange(len(labels)), said, 100, 0.1)


def some_scores(seed, rows=400, skill=1.0):
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < 0.3).astype(np.int8)
    return labels, 1 / (1 + np.exp(-(skill * labels + random.normal(size=rows))))


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), rows=st.integers(2, 80))
def test_every_draw_has_as_many_positives_and_negatives_as_the_table(seed, rows):
    labels = (np.arange(rows) % 3 == 0).astype(np.int8)

    for weights in draws(labels, count=7, seed=seed):
        assert (weights @ labels == labels.sum()).all()
        assert (weights.sum(axis=1) == rows).all()


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_rows_of_a_group_are_drawn_together(seed):
    groups = np.random.default_rng(seed).integers(0, 9, 60)
    labels = (groups % 2).astype(np.int8)

    weights = np.concatenate(list(draws(labels, groups=groups, count=5, seed=seed)))

    for group in np.unique(groups):
        assert (weights[:, groups == group] == weights[:, [np.argmax(groups == group)]]).all()


def test_given_the_same_seed_then_the_same_draws_and_another_seed_others():
    labels = np.array([0, 1] * 20, np.int8)

    first, again, other = (
        np.concatenate(list(draws(labels, count=9, seed=one))) for one in (1, 1, 2)
    )

    assert (first == again).all()
    assert (first != other).any()


@given(seed=st.integers(0, 10**6))
@settings(max_examples=20)
def test_weights_count_like_rows_repeated(seed):
    labels, said = some_scores(seed, rows=40)
    weights = np.random.default_rng(seed).integers(0, 4, (1, 40)).astype(float)
    weights[0, [np.argmax(labels), np.argmin(labels)]] += 1
    times = weights[0].astype(int)

    weighted = area_of(Ranking(labels, said).counts(weights))[0]

    repeated = area_of(Ranking(np.repeat(labels, times), np.repeat(said, times)).counts())[0]
    assert weighted == pytest.approx(repeated)


def test_given_weights_when_figures_are_drawn_then_they_are_those_of_the_repeated_rows():
    labels, said = some_scores(5, rows=60)
    weights = np.random.default_rng(6).integers(1, 3, (1, 60)).astype(float)
    times = weights[0].astype(int)

    weighted = Scoreboard([a_part(labels, said)], labels).figures(weights)

    longer, longer_said = np.repeat(labels, times), np.repeat(said, times)
    repeated = Scoreboard([a_part(longer, longer_said)], longer).figures()
    assert {name: weighted[name][0] for name in NAMES} == pytest.approx(
        {name: repeated[name][0] for name in NAMES}
    )


def test_given_two_parts_then_rank_figures_are_averaged_and_probabilities_pooled():
    labels, said = some_scores(7)
    half = np.arange(len(labels)) < 200
    parts = [
        Scored("one", 0, np.flatnonzero(half), said[half], 200, 0.1),
        Scored("two", 0, np.flatnonzero(~half), said[~half], 200, 0.1),
    ]

    both = Scoreboard(parts, labels).figures()
    alone = [
        Scoreboard([a_part(labels[one], said[one])], labels[one]).figures() for one in (half, ~half)
    ]
    pooled = Scoreboard([a_part(labels, said)], labels).figures()

    assert both["roc_auc"][0] == pytest.approx(np.mean([one["roc_auc"][0] for one in alone]))
    assert both["ece"][0] == pytest.approx(pooled["ece"][0])


def test_given_a_model_beside_itself_then_their_difference_is_nothing():
    labels, said = some_scores(1)
    board = Scoreboard([a_part(labels, said)], labels)

    found = figures_of(board, board, labels, groups=None, seed=3)

    assert {(one.value, one.low, one.high) for one in found.differences.values()} == {(0, 0, 0)}


def test_given_a_better_model_on_the_same_rows_then_pairing_sees_what_intervals_hide():
    labels, said = some_scores(2)
    worse = said + np.random.default_rng(9).normal(scale=0.08, size=len(said))
    worse = np.clip(worse, 0, 1)
    boards = [Scoreboard([a_part(labels, one)], labels) for one in (said, worse)]

    found = figures_of(boards[0], boards[1], labels, groups=None, seed=3)

    apart = found.differences["roc_auc"]
    assert found.model["roc_auc"].low < found.baseline["roc_auc"].high
    assert apart.high - apart.low < found.model["roc_auc"].high - found.model["roc_auc"].low


def test_given_rows_of_few_customers_then_drawing_customers_widens_the_interval():
    random = np.random.default_rng(4)
    customer = np.repeat(np.arange(40), 20)
    labels = np.repeat((random.random(40) < 0.4).astype(np.int8), 20)
    said = np.repeat(1 / (1 + np.exp(-(labels[::20] + random.normal(size=40)))), 20)
    said = np.clip(said + random.normal(scale=0.001, size=800), 0, 1)
    board = Scoreboard([a_part(labels, said)], labels)

    plain, grouped = (
        figures_of(board, None, labels, groups=one, seed=3).model["roc_auc"]
        for one in (None, customer)
    )

    assert grouped.high - grouped.low > 2 * (plain.high - plain.low)


def test_given_many_tables_then_the_interval_holds_the_truth_about_as_often_as_it_says():
    from analytics.evaluation.bootstrap import interval_of as of  # noqa: PLC0415

    truth, held = 0.7602, 0  # of N(0, 1) against N(1, 1)
    for seed in range(60):
        labels, said = some_scores(seed, rows=200)
        ranking = Ranking(labels, said)
        drawn = np.concatenate(
            [area_of(ranking.counts(one)) for one in draws(labels, count=300, seed=seed)]
        )
        one = of(float(area_of(ranking.counts())[0]), drawn)
        held += one.low <= truth <= one.high

    assert 51 <= held <= 60


@given(value=st.floats(0, 1), drawn=st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_an_interval_holds_its_figure(value, drawn):
    one = interval_of(value, np.array(drawn))

    assert one.low <= one.value <= one.high


def test_given_draws_without_a_figure_then_there_is_no_interval_and_json_says_none():
    one = interval_of(0.5, np.array([np.nan, np.nan]))

    assert one.as_json() == {"value": 0.5, "low": None, "high": None}


@given(count=st.integers(1, 500), share=st.floats(0, 1))
def test_a_share_lies_within_its_interval_and_the_interval_within_shares(count, share):
    one = wilson(round(count * share), count)

    assert 0 <= one.low <= one.value <= one.high <= 1


def test_given_an_interval_beside_zero_then_it_excludes_it():
    assert Interval(0.1, 0.02, 0.2).excludes_zero
    assert not Interval(0.1, -0.02, 0.2).excludes_zero
