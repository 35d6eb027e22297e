"""Scoring files, and the two commands: whole or not at all, however the rows are cut."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics.errors import BadTable
from analytics.evaluation.thresholds import by_capacity
from analytics.learners.batch import score_file
from analytics.registry import Registry
from analytics.tenants import Tenant
from bank.cli import app
from bank.settings import load_settings
from tests.analytics.learners.conftest import RECIPES, SCHEMA, a_table


@pytest.fixture
def source(tmp_path):
    table, labels = a_table(90, seed=8)
    path = tmp_path / "customers.csv"
    ids = [f"cu_{n:03d}" for n in range(90)]
    table.assign(id=ids, left=np.where(labels == 1, "yes", "no")).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_given_a_file_when_scored_then_each_row_has_its_probability(
    fitted, source, tmp_path, suffix
):
    goal = tmp_path / f"scores{suffix}"

    scored = score_file(fitted["blend"], source, goal, version="v1", ids=("id",), piece_rows=40)

    answer = pd.read_parquet(goal) if suffix == ".parquet" else pd.read_csv(goal)
    assert list(answer.columns) == [
        "row", "id", "probability", "reason_1", "reason_2", "reason_3", "model_version",
    ]  # fmt: skip
    assert answer["row"].tolist() == list(range(1, 91))
    assert answer["id"].iloc[[0, 89]].tolist() == ["cu_000", "cu_089"]
    np.testing.assert_allclose(
        answer["probability"], fitted["blend"].probability(pd.read_csv(source)), atol=1e-12
    )
    assert (scored.rows_count, set(answer["model_version"])) == (90, {"v1"})


def test_given_other_pieces_when_scored_then_the_answer_is_the_same(fitted, source, tmp_path):
    for rows in (40, 1000):
        goal = tmp_path / f"{rows}.csv"
        score_file(fitted["lightgbm"], source, goal, version="v1", piece_rows=rows)

    assert (tmp_path / "40.csv").read_bytes() == (tmp_path / "1000.csv").read_bytes()


def test_given_a_bad_row_at_the_end_when_scored_then_the_old_answer_stays(fitted, source, tmp_path):
    goal = tmp_path / "out" / "scores.csv"
    goal.parent.mkdir()
    goal.write_text("as it was")
    source.write_text(source.read_text() + "inf,1,gold,1,cu_9,no\n")

    with pytest.raises(BadTable) as refusal:
        score_file(fitted["lightgbm"], source, goal, version="v1", piece_rows=40)

    (problem,) = refusal.value.problems
    assert (problem.code, problem.column, problem.rows) == ("not_finite", "tenure", (91,))
    assert goal.read_text() == "as it was"
    assert list(goal.parent.iterdir()) == [goal]


def test_given_what_was_read_as_unknown_when_scored_then_a_note_counts_all_rows(
    fitted, source, tmp_path
):
    source.write_text(source.read_text().replace("basic", "bronze"))

    scored = score_file(fitted["lightgbm"], source, tmp_path / "s.csv", version="v1", piece_rows=20)

    count = source.read_text().count("bronze")
    assert any("plan" in note and f"{count} rows" in note for note in scored.notes)


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path / "home"))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr("analytics.learners.recipe", lambda name: RECIPES[name])

    def run(*arguments: str):
        return CliRunner().invoke(app, ["analytics", *arguments])

    return run


def test_given_a_table_when_trained_and_scored_at_the_terminal_then_the_first_version_serves(
    terminal, source, tmp_path
):
    trained = terminal(
        "train", "leavers", "--data", str(source), "--target", "left", "--recipe", "logistic",
        "--json",
    )  # fmt: skip
    assert trained.exit_code == 0, trained.output
    told = json.loads(trained.stdout.strip().splitlines()[-1])
    assert told["serves"] is True
    assert told["rows_count"] == 90
    assert 0.5 < told["figures"]["roc_auc"] <= 1
    assert any("id is left out" in note for note in told["notes"])
    champion = Registry(load_settings().registry_dir).champion("leavers")
    assert champion is not None
    assert champion.version == told["version"]

    goal = tmp_path / "scores.csv"
    scored = terminal(
        "score", "leavers", "--in", str(source), "--out", str(goal), "--id", "id", "--json"
    )
    assert scored.exit_code == 0, scored.output
    assert json.loads(scored.stdout.strip().splitlines()[-1])["rows_count"] == 90
    assert set(pd.read_csv(goal)["model_version"]) == {told["version"]}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["train", "m", "--data", "none.csv", "--target", "y"], 1, "no file none.csv"),
        (["train", "m", "--data", "none.csv"], 2, "--target together"),
        (["score", "m", "--in", "none.csv", "--out", "o.csv"], 1, "m"),
        (["score", "m", "--in", "a.csv", "--out", "a.csv"], 2, "another file"),
        (["score", "m", "--in", "a.csv", "--out", "a.xlsx"], 2, "must end in"),
    ],
)
def test_given_a_wrong_call_when_run_then_one_sentence_says_what(terminal, arguments, code, says):
    ended = terminal(*arguments)

    assert ended.exit_code == code
    assert says in " ".join(ended.output.split())
    assert "Traceback" not in ended.output


def test_given_a_model_of_the_bank_s_own_when_trained_then_its_tenant_gives_the_rows(
    terminal, monkeypatch
):
    table, labels = a_table(400, seed=9)
    days = pd.date_range("2026-01-01", periods=400, freq="12h", tz="UTC")
    bank = SimpleNamespace(store=SimpleNamespace(close=lambda: closed.append(1)))
    closed: list[int] = []
    own = Tenant(
        name="churn", recipe=RECIPES["lightgbm"], quick=RECIPES["forest"],
        table=lambda bank, as_of_utc: (table.assign(as_of_utc=days), labels, SCHEMA),
        choose=lambda _table, labels, said: by_capacity(labels, said, per_day=5), capacity_per_day=5,
        gap_days=30, slices=(), ceiling=lambda *_: {}, permitted_use="a test",
    )  # fmt: skip
    monkeypatch.setattr("analytics.tenants.tenant", lambda name: own)
    monkeypatch.setattr("bank.bootstrap.open_bank", lambda settings: bank)

    trained = terminal("train", "churn", "--json")

    assert trained.exit_code == 0, trained.output
    told = json.loads(trained.stdout.strip().splitlines()[-1])
    assert (told["recipe"], told["serves"]) == ("lightgbm", True)
    assert told["rows_count"] < 400
    assert closed == [1]
