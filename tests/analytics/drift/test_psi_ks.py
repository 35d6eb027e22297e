"""PSI and KS: nothing moved gives little, a shift gives much, and nobody is woken by chance."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from analytics.drift import Reference, summarise
from analytics.drift.ks import ks
from analytics.drift.psi import psi
from analytics.drift.reference import shape_of
from analytics.tables.columns import Column, Kind, Schema

NUMBER, CATEGORY = Column("debt", Kind.NUMBER), Column("job", Kind.CATEGORY)
RNG = np.random.default_rng(3)
numbers = hnp.arrays(
    float, st.integers(1, 60), elements=st.floats(-1e6, 1e6) | st.just(float("nan"))
)


def series(*values) -> pd.Series:
    return pd.Series(values)


@settings(max_examples=12, deadline=None)
@given(numbers, numbers)
def test_psi_is_never_negative_and_nought_for_the_same_window(old, new):
    shape = shape_of(pd.Series(old), NUMBER)

    assert psi(shape, pd.Series(new)).psi >= 0
    assert psi(shape, pd.Series(old)).psi == pytest.approx(0, abs=1e-9)


@settings(max_examples=12, deadline=None)
@given(numbers, numbers, st.floats(0.1, 10), st.floats(-5, 5))
def test_ks_lies_in_0_and_1_and_is_nought_for_the_same_window(old, new, scale, shift):
    shape = shape_of(pd.Series(old), NUMBER)

    distance, chance = ks(shape, pd.Series(new * scale + shift))
    assert 0 <= distance <= 1
    assert 0 <= chance <= 1


def test_given_many_windows_without_drift_then_hardly_one_in_a_hundred_looks_like_it():
    shape = shape_of(pd.Series(RNG.normal(size=2_000)), NUMBER)

    windows = [pd.Series(RNG.normal(size=200)) for _ in range(300)]

    alarms = sum(psi(shape, one).p_value < 0.01 for one in windows)
    assert alarms <= 9
    assert sum(ks(shape, one)[1] < 0.01 for one in windows) <= 9


def test_given_a_known_shift_then_psi_is_that_of_the_textbook():
    old = pd.Series(np.repeat(np.arange(10.0), 100))
    shape = shape_of(old, NUMBER)
    new = pd.Series(np.repeat(np.arange(10.0), [0, 0, 200, 200, 100, 100, 100, 100, 100, 100]))

    # Of ten tenths two are empty (half a row of a thousand counts) and two are doubled.
    empty = 2 * (0.0005 - 0.1) * np.log(0.0005 / 0.1)
    assert psi(shape, new).psi == pytest.approx(empty + 2 * 0.1 * np.log(2), rel=1e-6)
    assert psi(shape, new).p_value < 1e-9


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_the_ks_distance_is_scipys_within_a_256th(shift):
    old, new = RNG.normal(size=3_000), RNG.normal(shift, size=700)
    shape = shape_of(pd.Series(old), NUMBER)

    distance, chance = ks(shape, pd.Series(new))

    exact = stats.ks_2samp(old, new)
    assert distance == pytest.approx(exact.statistic, abs=2 / 256)
    if shift:
        assert (chance < 0.01) == (exact.pvalue < 0.01)


def test_given_counts_full_of_ties_then_ks_does_not_see_what_is_not_there():
    shape = shape_of(pd.Series(RNG.integers(0, 3, 2_000).astype(float)), NUMBER)

    distance, chance = ks(shape, pd.Series(RNG.integers(0, 3, 2_000).astype(float)))

    assert distance < 0.05
    assert chance > 0.01


def test_given_a_level_nobody_knew_then_it_counts_as_another_and_is_named():
    shape = shape_of(series(*["clerk"] * 50, *["nurse"] * 50), CATEGORY)

    moved = psi(shape, series(*["clerk"] * 50, *["astronaut"] * 50))

    assert moved.psi > 0.2
    assert moved.bin in {"…", "nurse"}


def test_given_unknown_values_then_they_are_a_figure_of_their_own_and_no_bin():
    shape = shape_of(series(1.0, 2.0, 3.0, 4.0), NUMBER)

    moved = psi(shape, series(1.0, 2.0, 3.0, 4.0, np.nan, np.inf))

    assert moved.psi == pytest.approx(0)
    assert moved.missing_share == pytest.approx(1 / 3)


def test_given_only_unknown_values_then_there_is_no_index_and_no_alarm():
    shape = shape_of(series(1.0, 2.0), NUMBER)

    assert psi(shape, series(np.nan, np.nan)).p_value == 1
    assert ks(shape, series(np.nan)) == (0.0, 1.0)


@pytest.mark.parametrize("kind", [Kind.FLAG, Kind.CATEGORY])
def test_a_flag_is_the_same_whether_it_comes_as_whole_number_truth_or_float(kind):
    shape = shape_of(pd.Series([0, 1, 1, 0]), Column("f", kind))

    for same in ([0.0, 1.0, 1.0, 0.0], [False, True, True, False]):
        assert psi(shape, pd.Series(same)).psi == 0


@settings(max_examples=12, deadline=None)
@given(numbers, st.lists(st.sampled_from(["a", "b", "", "ü"]), min_size=1, max_size=40))
def test_a_reference_comes_back_equal_from_a_card(values, levels):
    count = min(len(values), len(levels))
    table = pd.DataFrame({"debt": values[:count], "job": levels[:count]})
    scores = np.linspace(0.01, 0.99, count)

    told = summarise(table, Schema((NUMBER, CATEGORY)), scores, labels=scores > 0.5)

    assert Reference.from_json(json.loads(json.dumps(told.as_json(), allow_nan=False))) == told
