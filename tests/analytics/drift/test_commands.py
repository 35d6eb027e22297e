"""The terminal: drift exits with 1 where to act; retraining proposes only what is better."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics import learners
from analytics.drift import summarise
from analytics.registry import Card, Registry, Window
from analytics.retraining import rows_digest
from analytics.tables.columns import Column, Kind, Schema
from bank.cli import app
from bank.settings import load_settings

SCHEMA = Schema((Column("age", Kind.NUMBER), Column("town", Kind.CATEGORY)))


def a_file(path, *, rows: int = 1_200, seed: int = 1, age: float = 1.5, shift: float = 0.0):
    """Write a table whose label follows age with this weight; return its path as text."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {"age": rng.normal(shift, 1, rows), "town": rng.choice(["hill", "port"], rows)}
    )
    odds = age * table["age"].to_numpy() - 1
    table["left"] = np.where(rng.random(rows) < 1 / (1 + np.exp(-odds)), "yes", "no")
    table["seen"] = pd.date_range("2026-01-01", periods=rows, freq="h").astype(str)
    table.to_csv(path, index=False)
    return str(path)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def registry(home, tmp_path, monkeypatch) -> Registry:
    monkeypatch.setenv("FLORIN_HOME_DIR", str(home / "var"))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(tmp_path / "models"))
    table = pd.read_csv(a_file(tmp_path / "old.csv"))
    labels = (table["left"] == "yes").to_numpy(np.int8)
    model = learners.recipe("lightgbm_defaults").fit(table, labels, SCHEMA)
    kept = Registry(load_settings().registry_dir)
    reference = summarise(table, SCHEMA, model.probability(table), labels=labels)
    window = Window(len(table), int(labels.sum()), digest=rows_digest(table, labels))
    kept.add(
        "leavers", model,
        Card(name="leavers", recipe="lightgbm_defaults", schema=model.schema, window=window,
             seed=7, reference=reference.as_json()),
    )  # fmt: skip
    return kept


def run(*words: str):
    result = CliRunner().invoke(app, ["analytics", *words])
    assert "Traceback" not in result.output
    return result


def test_given_rows_far_from_the_reference_then_drift_says_act_and_exits_with_1(registry, tmp_path):
    newer = a_file(tmp_path / "new.csv", seed=2, shift=1.5)

    result = run("drift", "leavers", "--data", newer, "--json")

    told = json.loads(result.stdout)
    assert (result.exit_code, told["verdict"]) == (1, "act")
    shown = run("drift", "leavers", "--data", newer).stdout
    assert "age has moved far (PSI" in shown
    assert shown.strip().endswith("1,200 rows: act")


def test_given_rows_like_the_reference_then_only_the_overfitted_score_moved(registry, tmp_path):
    newer = a_file(tmp_path / "new.csv", seed=2)

    told = json.loads(run("drift", "leavers", "--data", newer, "--json").stdout)

    moved = {one["about"] for one in told["findings"] if one["measure"] == "psi" and
             one["level"] != "steady"}  # fmt: skip
    assert moved <= {"score"}


def test_given_another_concept_when_retrained_then_a_candidate_waits_for_two_people(
    registry, tmp_path
):
    newer = a_file(tmp_path / "new.csv", seed=2, rows=1_500, age=-1.5)

    result = run("retrain", "leavers", "--data", newer, "--target", "left", "--positive", "yes",
                 "--time", "seen", "--slice", "town", "--json")  # fmt: skip

    told = json.loads(result.stdout)
    assert (result.exit_code, told["outcome"]) == (0, "candidate")
    assert told["comparison"]["gain"]["low"] > 0
    assert registry.champion("leavers").version != told["version"]
    assert registry.get("leavers", told["version"]).can_serve


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["drift", "nobody", "--data", "NEW"], 1, "Train one first"),
        (["drift", "leavers", "--data", "absent.csv"], 1, "absent.csv"),
        (["retrain", "nobody", "--data", "NEW", "--target", "left"], 1, "Train one first"),
        (["retrain", "leavers", "--data", "NEW", "--target", "gone"], 1, "gone"),
        (["retrain", "leavers", "--data", "NEW", "--target", "left", "--positive", "yes",
          "--time", "town"], 2, "Row 1 of column town"),
        (["retrain", "leavers", "--data", "OLD", "--target", "left", "--positive", "yes"], 1,
         "came after"),
        (["follow", "--data", "NEW", "--target", "gone"], 1, "gone"),
    ],
)  # fmt: skip
def test_given_what_cannot_be_done_then_a_sentence_and_an_exit_code(
    registry, tmp_path, words, code, says
):
    named = {"NEW": a_file(tmp_path / "new.csv", seed=2), "OLD": str(tmp_path / "old.csv")}

    result = run(*(named.get(word, word) for word in words))

    assert result.exit_code == code
    assert says in result.stderr.replace("\n", " ")


def test_given_a_table_in_order_when_followed_then_it_is_shown_beside_a_model_that_stands_still(
    registry, tmp_path
):
    newer = a_file(tmp_path / "new.csv", seed=2, rows=1_200)

    result = run("follow", "--data", newer, "--target", "left", "--positive", "yes",
                 "--time", "seen", "--step", "200", "--json")  # fmt: skip

    told = json.loads(result.stdout)
    assert set(told["runs"]) == {"stands still", "followed"}
    assert told["rows_count"] == 720
    assert told["runs"]["followed"]["roc_auc"] > 0.6
