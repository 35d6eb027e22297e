"""A table of one's own through the benchmark: what is measured, and how two recipes are compared."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from analytics.learners.members import expit
from benchmarks import churn_tables
from benchmarks.churn_tables import Measured, compared
from tests.analytics.learners.conftest import SCHEMA, a_table


def measured(labels: np.ndarray, scores: np.ndarray) -> Measured:
    folds = np.array_split(np.arange(len(labels)), 5)
    return Measured(labels, [(rows, scores[rows]) for rows in folds])


def run(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["churn_tables", *arguments])
    churn_tables.main()


@pytest.fixture
def own(tmp_path):
    table, labels = a_table(200)
    path = tmp_path / "own.csv"
    leaks = {"outcome": labels, "left": np.where(labels == 1, "gone", "here")}
    table.assign(**leaks).to_csv(path, index=False)
    return str(path)


def test_given_a_table_of_ones_own_when_measured_then_its_folds_are_five(own, monkeypatch, capsys):
    run(monkeypatch, "--table", own, "--target", "left", "--positive", "gone",
        "--ignore", "outcome", "--recipe", "logistic")  # fmt: skip

    said = capsys.readouterr().out
    assert "### own" in said
    assert "200 rows, 1 × 5 folds" in said
    auc = float(said.partition("| logistic | ")[2].partition(" ")[0])
    assert 0.7 < auc < 0.99


def test_given_a_leaking_column_when_it_is_not_left_out_then_the_figure_shows_it(
    own, monkeypatch, capsys
):
    run(monkeypatch, "--table", own, "--target", "left", "--positive", "gone",
        "--recipe", "logistic")  # fmt: skip

    assert "| logistic | 1.0000" in capsys.readouterr().out


def test_given_a_table_and_no_target_when_asked_then_it_is_refused(own, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        run(monkeypatch, "--table", own)

    assert "--table needs --target" in capsys.readouterr().err


def test_given_the_same_scores_twice_when_compared_then_nothing_lies_between_them():
    _, labels = a_table(400)
    scores = expit(labels + np.random.default_rng(1).normal(0, 2, 400))

    said = compared(measured(labels, scores), measured(labels, scores))

    assert "ROC-AUC +0.0000 (+0.0000 to +0.0000), ahead in 0 of 5" in said


def test_given_scores_that_tell_more_when_compared_then_no_draw_of_the_rows_says_otherwise():
    _, labels = a_table(600)
    noise = np.random.default_rng(2).normal(0, 1, 600)

    said = compared(measured(labels, 3 * labels + noise), measured(labels, 0.2 * labels + noise))

    low = float(said.partition("average precision +")[2].partition("(")[2].partition(" ")[0])
    assert low > 0
    assert "ahead in 5 of 5" in said


def test_every_fold_of_a_repeat_scores_its_own_rows_and_all_are_scored():
    table, labels = a_table(200)

    ((_, found),) = churn_tables.measure(table, labels, SCHEMA, ("logistic",), 2)

    rows = np.concatenate([part for part, _ in found.parts[:5]])
    np.testing.assert_array_equal(np.sort(rows), np.arange(200))
    assert len(found.parts) == 10
    assert len(found.eces) == 2
