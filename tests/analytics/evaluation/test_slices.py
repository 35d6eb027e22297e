"""Slices: who is in which, what is claimed, and which gaps chance explains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.evaluation.bands import bands_of, worth_slicing
from analytics.evaluation.slices import POSITIVES_LEAST, sentences_of, slices_of


def some_rows(rows=3000, *, seed=1):
    """Rows of honest probabilities, and a column that has nothing to do with them."""
    random = np.random.default_rng(seed)
    said = random.beta(2, 4, rows)
    labels = (random.random(rows) < said).astype(np.int8)
    table = pd.DataFrame({"segment": random.choice(["a", "b", "c"], rows)})
    return table, labels, said


def test_given_a_column_that_means_nothing_then_no_gap_is_told_on_many_tables():
    told = 0
    for seed in range(8):
        table, labels, said = some_rows(900, seed=seed)
        _, gaps = slices_of(table, labels, said, said > 0.4, by=["segment"], seed=seed)
        told += bool(gaps)

    assert told <= 1


def test_given_a_part_that_is_misjudged_then_its_calibration_is_told_with_its_size():
    table, labels, said = some_rows()
    there = (table["segment"] == "b").to_numpy()
    said = np.where(there, said * 0.5, said)

    _, gaps = slices_of(table, labels, said, said > 0.4, by=["segment"])

    (gap,) = [one for one in gaps if one.what == "calibration_gap"]
    assert gap.level == "b"
    assert gap.value == pytest.approx(labels[there].mean() - said[there].mean())
    assert f"says it {100 * gap.value:.1f} points too low" in " ".join(sentences_of(gaps))


def test_given_a_part_nobody_is_found_in_then_its_recall_is_told_though_it_never_varies():
    table, labels, said = some_rows()
    acted = (said > 0.3) & (table["segment"] != "c").to_numpy()

    slices, gaps = slices_of(table, labels, said, acted, by=["segment"])

    missed = next(one for one in slices if one.level == "c")
    assert missed.recall.value == 0
    assert ("c", "recall") in {(one.level, one.what) for one in gaps}


def test_given_two_levels_then_a_gap_is_told_once_and_of_the_smaller():
    table, labels, said = some_rows()
    table["flag"] = np.where(np.arange(len(table)) % 3 == 0, "yes", "no")
    acted = (said > 0.3) & (table["flag"] == "no").to_numpy()

    _, gaps = slices_of(table, labels, said, acted, by=["flag"])

    assert {one.level for one in gaps} == {"yes"}
    assert len(sentences_of(gaps)) == 1


def test_given_few_positives_then_the_slice_is_named_and_nothing_claimed():
    table, labels, said = some_rows()
    rare = np.flatnonzero(labels)[: POSITIVES_LEAST - 1]
    table["rare"] = np.where(np.isin(np.arange(len(table)), rare), "few", "most")

    slices, gaps = slices_of(table, labels, said, said > 0.3, by=["rare"])

    few = next(one for one in slices if one.level == "few")
    assert few.too_few
    assert few.as_json()["recall"] is None
    assert "few" not in {one.level for one in gaps}


def test_given_slices_then_they_hold_every_row_once():
    table, labels, said = some_rows()

    slices, _ = slices_of(table, labels, said, said > 0.3, by=["segment"])

    assert sum(one.rows_count for one in slices) == len(table)
    assert sum(one.positives_count for one in slices) == labels.sum()


def test_given_ages_then_they_are_cut_into_bands_of_ten_years():
    codes, names = bands_of("Age", pd.Series([18, 24, 25, 34, 70, None]))

    assert [names[code] for code in codes] == [
        "under 25", "under 25", "25 – 34", "25 – 34", "65 and over", "unknown",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        ([1, 2, 2, 3, None], ("1", "2", "3", "unknown")),
        (["x", "y", "", "x"], ("unknown", "x", "y")),
        ([5.0] * 4, ("5",)),
    ],
)
def test_given_few_values_then_each_is_a_level(cells, names):
    assert bands_of("products", pd.Series(cells))[1] == names


def test_given_many_numbers_then_four_parts_of_about_equal_size():
    codes, names = bands_of("balance", pd.Series(np.random.default_rng(1).lognormal(8, 1, 1000)))

    assert len(names) == 4
    assert (np.abs(np.bincount(codes) - 250) < 10).all()


def test_given_many_levels_then_the_rare_ones_are_one():
    codes, names = bands_of("city", pd.Series([f"c{one % 30:02}" for one in range(300)]))

    assert len(names) == 9
    assert names[-1] == "other"
    assert len(codes) == 300


def test_given_columns_then_those_a_bank_owes_a_look_are_found_by_name():
    table = pd.DataFrame(
        {"Age": [1, 2], "TenureMonths": [1, 2], "amount": [1, 2], "gender": ["f", "m"],
         "page_views": [1, 2], "SeniorCitizen": [0, 1], "country": ["x", "x"]}
    )  # fmt: skip

    assert worth_slicing(table, target="Age") == ("TenureMonths", "gender", "SeniorCitizen")
