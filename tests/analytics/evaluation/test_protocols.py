"""Protocols: no row on both sides, the past before the future, groups whole."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BadTable, CannotLearn
from analytics.evaluation.protocols import ByTime, Folds, HeldOut, moments_of


def labels_of(rows, every=3):
    return (np.arange(rows) % every == 0).astype(np.int8)


@settings(max_examples=40)
@given(rows=st.integers(40, 200), count=st.integers(2, 8), repeats=st.integers(1, 3),
       seed=st.integers(0, 999))  # fmt: skip
def test_folds_test_every_row_once_a_repeat_and_never_learn_from_it(rows, count, repeats, seed):
    labels = labels_of(rows)
    splits = list(Folds(count, repeats).splits(labels, seed=seed))

    for repeat in range(repeats):
        mine = [one for one in splits if one.repeat == repeat]
        assert sorted(np.concatenate([one.test_rows for one in mine])) == list(range(rows))
    for split in splits:
        assert not set(split.train_rows) & set(split.test_rows)
        assert len(split.train_rows) + len(split.test_rows) == rows


@settings(max_examples=40)
@given(rows=st.integers(40, 300), count=st.integers(2, 8), seed=st.integers(0, 999))
def test_folds_are_of_one_size_and_have_as_many_positives(rows, count, seed):
    labels = labels_of(rows)
    splits = list(Folds(count).splits(labels, seed=seed))

    sizes = [len(one.test_rows) for one in splits]
    positives = [labels[one.test_rows].sum() for one in splits]
    assert max(sizes) - min(sizes) <= 1
    assert max(positives) - min(positives) <= 1


@settings(max_examples=40)
@given(seed=st.integers(0, 9999), count=st.integers(2, 5))
def test_folds_keep_groups_whole(seed, count):
    random = np.random.default_rng(seed)
    groups = random.integers(0, 40, 200)
    labels = (random.random(200) < 0.4).astype(np.int8)

    for split in Folds(count).splits(labels, groups=groups, seed=seed):
        assert not set(groups[split.train_rows]) & set(groups[split.test_rows])


def test_given_two_repeats_then_the_folds_are_drawn_anew():
    splits = list(Folds(2, 2).splits(labels_of(60), seed=1))

    assert set(splits[0].test_rows) not in [set(one.test_rows) for one in splits[2:]]


@settings(max_examples=60)
@given(
    seed=st.integers(0, 9999), windows=st.integers(1, 5), gap=st.floats(0, 10),
    sliding=st.none() | st.floats(20, 40),
)  # fmt: skip
def test_by_time_everything_learnt_is_older_than_everything_tested_by_the_gap(
    seed, windows, gap, sliding
):
    random = np.random.default_rng(seed)
    moments = random.integers(0, 100, 400).astype(float)
    labels = (random.random(400) < 0.5).astype(np.int8)

    plan = ByTime(moments, windows=windows, gap=gap, window=sliding)
    splits = list(plan.splits(labels, seed=seed))

    assert len(splits) == windows
    for split in splits:
        start = moments[split.test_rows].min()
        assert moments[split.train_rows].max() < start
        assert moments[split.train_rows].max() < start - gap or gap == 0
        if sliding is not None:
            assert moments[split.train_rows].min() >= start - gap - sliding
    tested = np.concatenate([one.test_rows for one in splits])
    assert len(tested) == len(set(tested))


@given(seed=st.integers(0, 9999))
@settings(max_examples=30)
def test_by_time_rows_of_one_moment_are_never_on_both_sides(seed):
    random = np.random.default_rng(seed)
    moments = random.integers(0, 12, 300).astype(float)
    labels = (random.random(300) < 0.5).astype(np.int8)

    for split in ByTime(moments, windows=3).splits(labels):
        assert not set(moments[split.train_rows]) & set(moments[split.test_rows])


def test_given_too_few_moments_then_it_says_how_many_there_are():
    with pytest.raises(CannotLearn, match="2 different ones"):
        list(ByTime(np.repeat([1.0, 2.0], 20), windows=5).splits(labels_of(40)))


def test_given_a_window_of_one_class_then_it_is_named():
    labels = np.repeat(np.array([0, 1], np.int8), 50)

    with pytest.raises(CannotLearn, match="window 1 have one class only"):
        list(ByTime(np.arange(100.0), windows=4).splits(labels))


def test_given_fewer_positives_than_folds_then_it_is_refused_with_the_fold():
    labels = np.zeros(50, np.int8)
    labels[:3] = 1

    with pytest.raises(CannotLearn, match="fold"):
        list(Folds(5).splits(labels))


def test_given_a_file_held_out_then_its_rows_are_tested_and_no_others():
    (split,) = HeldOut(30).splits(labels_of(50))

    assert list(split.train_rows) == list(range(30))
    assert list(split.test_rows) == list(range(30, 50))


def test_given_a_customer_in_both_files_then_the_row_of_the_test_file_is_named():
    groups = np.array(["a"] * 20 + ["b"] * 4 + ["a"] + ["c"] * 5)

    with pytest.raises(CannotLearn, match="the first is row 5"):
        list(HeldOut(20).splits(labels_of(30), groups=groups))


def test_given_dates_then_moments_are_days_apart():
    table = pd.DataFrame({"at": ["2026-01-01", "2026-01-02T12:00:00Z"], "day": [3, 4]})

    days = moments_of(table, "at")

    assert days[1] - days[0] == pytest.approx(1.5)
    assert list(moments_of(table, "day")) == [3.0, 4.0]
    assert list(moments_of(table, "@rows")) == [0.0, 1.0]


def test_given_a_moment_that_cannot_be_read_then_column_and_row_are_named():
    table = pd.DataFrame({"at": ["2026-01-01", "soon", "2026-01-02", None]})

    with pytest.raises(BadTable, match=r"Column at .* 2 rows, the first is row 2") as refusal:
        moments_of(table, "at")

    assert refusal.value.problems[0].rows == (2, 4)


def test_given_no_such_column_of_time_then_it_is_named():
    with pytest.raises(BadTable, match="no column when"):
        moments_of(pd.DataFrame({"at": [1]}), "when")
