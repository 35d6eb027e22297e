"""Leaks: each kind planted is found and named, and an honest table is left in peace."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.evaluation.duplicates import probe_duplicates
from analytics.evaluation.leakage import alone_auc, probe
from analytics.evaluation.protocols import Folds, moments_of
from tests.analytics.evaluation.forests import a_table

FEATURES = ("age", "tenure", "amount", "segment")


def found(table, labels, *more, **options):
    features = (*FEATURES, *more)
    warned = probe(table, labels, target="left", features=features, **options)
    return {(one.code, one.column) for one in warned}


@pytest.mark.parametrize("seed", range(4))
def test_given_an_honest_table_then_nothing_is_suspected(seed):
    table, labels = a_table(seed=seed)
    table["customer_id"] = np.random.default_rng(seed).permutation(len(table))
    table["empty_at_random"] = np.where(np.arange(len(table)) % 3 == 0, None, "x")

    splits = list(Folds(4).splits(labels))

    assert found(table, labels, "empty_at_random") == set()
    assert probe_duplicates(table, labels, splits, features=FEATURES, ids=("customer_id",)) == ()


def test_given_the_target_spelt_otherwise_then_the_copy_is_found():
    table, labels = a_table()
    table["status"] = np.where(labels == 1, "closed", "open")

    assert found(table, labels, "status") == {("target_copy", "status")}


def test_given_a_rare_target_then_a_constant_column_is_no_copy():
    table, labels = a_table()
    labels = np.where(np.arange(len(labels)) < 3, 1, 0).astype(np.int8)
    table["constant"] = "x"

    assert ("target_copy", "constant") not in found(table, labels, "constant")


def test_given_a_column_that_nearly_tells_then_it_is_too_good():
    table, labels = a_table()
    table["closing_fee"] = labels * 5 + np.random.default_rng(1).normal(size=len(labels))

    assert ("alone_too_good", "closing_fee") in found(table, labels, "closing_fee")


def test_given_a_column_far_ahead_of_all_others_then_it_stands_apart():
    table, labels = a_table()
    table["duration"] = labels * 1.8 + np.random.default_rng(1).normal(size=len(labels))
    table["tenure"] = np.random.default_rng(2).normal(size=len(labels))

    assert ("stands_apart", "duration") in found(table, labels, "duration")


def test_given_a_number_that_tells_at_both_ends_then_bands_see_it():
    random = np.random.default_rng(1)
    cells = pd.Series(random.normal(size=1000))
    labels = (cells.abs() > 1).to_numpy(np.int8)

    assert alone_auc(cells, labels) > 0.95


def test_given_a_text_of_many_levels_that_knows_nothing_then_it_shows_nothing():
    random = np.random.default_rng(1)
    names = pd.Series([f"n{one}" for one in random.integers(0, 400, 1000)])
    labels = random.integers(0, 2, 1000).astype(np.int8)

    assert alone_auc(names, labels) == pytest.approx(0.5, abs=0.06)


def test_given_a_column_named_after_the_target_then_it_is_asked_about():
    table, labels = a_table()
    table["reason_left"] = np.random.default_rng(1).choice(["a", "b"], len(table))

    assert found(table, labels, "reason_left") == {("target_name", "reason_left")}


def test_given_a_column_written_after_the_outcome_then_its_gaps_tell():
    table, labels = a_table()
    written = (labels == 1) & (np.random.default_rng(1).random(len(labels)) < 0.6)
    table["exit_survey"] = np.where(written, "price", None)

    assert ("missing_tells", "exit_survey") in found(table, labels, "exit_survey")


def test_given_the_score_of_another_model_then_it_is_known_by_name_or_by_calibration():
    random = np.random.default_rng(1)
    said = random.beta(0.6, 0.6, 4000)
    labels = (random.random(4000) < said).astype(np.int8)
    table = pd.DataFrame({"a": random.normal(size=4000), "risk": said, "nb_score": said * 40 - 3})

    warned = probe(table, labels, target="left", features=("a", "risk", "nb_score"))

    assert {one.column for one in warned if one.code == "other_model"} == {"risk", "nb_score"}


def test_given_rows_sorted_by_outcome_then_their_order_and_the_ids_tell():
    table, labels = a_table()
    order = np.argsort(-labels, kind="stable")
    table, labels = table.iloc[order].reset_index(drop=True), labels[order]
    table["given_no"] = np.random.default_rng(1).permutation(len(table)) + 5000 * labels.astype(int)

    assert found(table, labels) == {("order_tells", ""), ("order_tells", "given_no")}


def test_given_a_date_after_the_rows_own_moment_then_column_and_rows_are_named():
    table, labels = a_table(60)
    table["asof"] = "2026-03-01"
    table["last_login"] = "2026-02-20"
    table.loc[[4, 9], "last_login"] = "2026-03-05"

    warned = probe(
        table, labels, target="left", features=FEATURES, moments=moments_of(table, "asof")
    )

    (one,) = [one for one in warned if one.code == "time_travel"]
    assert (one.column, one.rows) == ("last_login", (5, 10))


def test_given_positives_copied_before_the_split_then_oversampling_is_named():
    table, labels = a_table()
    again = np.flatnonzero(labels)
    times = np.concatenate([np.arange(len(labels)), again, again])
    grown, more = table.iloc[times].reset_index(drop=True), labels[times]

    (one,) = probe_duplicates(grown, more, list(Folds(5).splits(more)), features=FEATURES)

    assert one.code == "oversampled"
    assert "of the tested positives" in one.sentence
    assert len(one.rows) == 10


def test_given_some_copies_of_both_classes_then_they_are_duplicates():
    table, labels = a_table()
    times = np.concatenate([np.arange(500), np.arange(0, 500, 8)])
    grown, more = table.iloc[times].reset_index(drop=True), labels[times]

    (one,) = probe_duplicates(grown, more, list(Folds(5).splits(more)), features=FEATURES)

    assert one.code == "duplicates"


def test_given_copies_kept_on_one_side_then_there_is_nothing_to_warn_of():
    table, labels = a_table()
    times = np.repeat(np.arange(500), 2)
    splits = list(Folds(5).splits(labels[times], groups=times))

    assert probe_duplicates(table.iloc[times], labels[times], splits, features=FEATURES) == ()


def test_given_a_customer_learnt_from_and_tested_then_the_row_is_named():
    table, labels = a_table()
    table["customer_id"] = np.arange(500) // 2
    splits = list(Folds(5).splits(labels))

    (one,) = probe_duplicates(table, labels, splits, features=FEATURES, ids=("customer_id",))

    assert one.column == "customer_id"
    assert "--group customer_id" in one.sentence
    assert one.rows[0] - 1 in splits[0].test_rows
