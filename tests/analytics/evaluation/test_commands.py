"""`florin analytics evaluate`: what is asked is done, what is wrong is named."""

from __future__ import annotations

import json
import shlex

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics import learners
from bank.cli import app
from tests.analytics.evaluation.forests import TinyForest, a_table


@pytest.fixture
def leavers(tmp_path, monkeypatch):
    """A CSV of customers; recipes are tiny forests."""
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(learners, "recipe", TinyForest)
    table, labels = a_table(300)
    table.insert(0, "customer_id", [f"cu_{row:04}" for row in range(300)])
    table["opened"] = pd.date_range("2025-01-01", periods=300).astype(str)
    table["left"] = np.where(labels == 1, "Yes", "No")
    path = tmp_path / "leavers.csv"
    table.to_csv(path, index=False)
    return path


def run(*words, recipe="forest"):
    result = CliRunner().invoke(app, ["analytics", "evaluate", recipe, *map(str, words)])
    return result.exit_code, result.stdout, result.stderr


def told(*words):
    code, out, err = run(*words, "--target", "left", "--json")
    assert code == 0, err
    return json.loads(out)


def test_given_a_table_then_five_folds_are_measured_and_the_id_is_no_feature(leavers):
    found = told("--data", leavers)

    assert found["rows"] == 300
    assert len(found["parts"]) == 5
    assert found["features"] == ["age", "tenure", "amount", "segment"]
    assert {one["by"] for one in found["slices"]} == {"age", "tenure", "segment"}
    assert found["report"] is None


def test_given_a_folder_then_report_and_pictures_are_in_it(leavers, tmp_path):
    found = told("--data", leavers, "--plots", tmp_path / "plots", "--folds", 2)

    assert found["report"] == str(tmp_path / "plots" / "report.html")
    assert {one.suffix for one in (tmp_path / "plots").iterdir()} == {".png", ".html"}


def test_given_the_command_it_prints_then_it_gives_the_same_figures(leavers):
    first = told("--data", leavers, "--folds", 2, "--drop", "amount", "--slice", "age", "--seed", 3)

    words = shlex.split(first["command"])[4:]
    code, out, _ = run(*words, "--json")

    assert code == 0
    again = json.loads(out)
    assert (again["roc_auc"], again["slices"]) == (first["roc_auc"], first["slices"])
    assert "amount" not in again["features"]


def test_given_a_column_of_time_then_windows_go_forward_and_it_is_no_feature(leavers):
    found = told("--data", leavers, "--time", "opened", "--windows", 3, "--gap", 10)

    assert [one["name"] for one in found["parts"]] == ["window 1", "window 2", "window 3"]
    assert found["parts"][0]["train_rows"] == 300 // 4 - 10
    assert found["window"] == "2025-01-01 to 2025-10-27"


def test_given_a_test_file_then_only_its_rows_are_tested(leavers, tmp_path):
    table = pd.read_csv(leavers)
    table[:200].to_csv(tmp_path / "a.csv", index=False)
    table[200:].to_csv(tmp_path / "b.csv", index=False)

    found = told("--data", tmp_path / "a.csv", "--test", tmp_path / "b.csv")

    assert (found["rows"], found["train_rows"]) == (100, 200)


def test_given_costs_then_the_threshold_is_theirs(leavers):
    found = told("--data", leavers, "--folds", 2, "--alarm-minor", 100, "--miss-minor", 300)

    assert found["threshold"]["value"] == pytest.approx(0.25)


def test_given_no_json_then_figures_and_sentences_are_printed(leavers):
    code, out, _ = run("--data", leavers, "--target", "left", "--folds", 2, "--baseline", "deep")

    assert code == 0
    assert "ROC-AUC" in out
    assert "have left = Yes" in out.replace("\n", " ")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--target", "gone"], "no column gone"),
        ([], "--target COL"),
        (["--target", "left", "--positive", "Maybe"], "Maybe does not occur"),
        (["--target", "left", "--drop", "colour"], "no column colour"),
        (["--target", "left", "--slice", "colour"], "no column colour"),
        (["--target", "left", "--time", "segment"], "Column segment has no moment"),
        (["--target", "left", "--group", "colour"], "no column colour"),
        (["--target", "left", "--test", "absent.csv"], "no file absent.csv"),
    ],
)
def test_given_what_cannot_be_done_then_it_is_refused_with_the_column(leavers, words, sentence):
    code, out, err = run("--data", leavers, *words)

    assert (code, out) == (1, "")
    assert sentence in " ".join(err.split())


@pytest.mark.parametrize(
    "words",
    [
        ["--folds", "3", "--time", "opened"],
        ["--repeats", "2", "--time", "opened"],
        ["--gap", "3"],
        ["--miss-minor", "3"],
        ["--capacity", "3", "--miss-minor", "3", "--alarm-minor", "3"],
    ],
)
def test_given_options_that_exclude_each_other_then_it_is_misuse(leavers, words):
    code, out, err = run("--data", leavers, "--target", "left", *words)

    assert (code, out) == (2, "")
    assert err


def test_given_a_test_file_without_a_column_then_file_and_column_are_named(leavers, tmp_path):
    pd.read_csv(leavers).drop(columns="tenure").to_csv(tmp_path / "short.csv", index=False)

    code, _, err = run("--data", leavers, "--target", "left", "--test", tmp_path / "short.csv")

    assert code == 1
    assert "short.csv: There is no column tenure" in " ".join(err.split())


def test_given_an_infinite_cell_then_column_and_row_are_named(leavers, tmp_path):
    table = pd.read_csv(leavers)
    table.loc[41, "amount"] = np.inf
    table.to_csv(tmp_path / "inf.csv", index=False)

    code, _, err = run("--data", tmp_path / "inf.csv", "--target", "left")

    assert code == 1
    assert "Column amount is infinite: row 42" in " ".join(err.split())


def test_given_a_name_nobody_knows_then_recipes_are_listed(leavers):
    code, _, err = run("--data", leavers, "--target", "left", recipe="oracle")

    assert code == 1
    assert "blend" in err


def test_given_a_plots_folder_that_is_a_file_then_it_is_refused_and_the_file_stays(
    leavers, tmp_path
):
    (tmp_path / "plots").write_text("mine")

    code, _, err = run(
        "--data", leavers, "--target", "left", "--folds", 2, "--plots", tmp_path / "plots"
    )

    assert code == 1
    assert "cannot be written" in " ".join(err.split())
    assert (tmp_path / "plots").read_text() == "mine"
