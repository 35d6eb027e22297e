"""`florin threats`: what a person at the terminal, and a machine behind --json, gets."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from analytics.threats.flows import learning
from bank.cli import app
from tests.analytics.threats.test_flows import _SMALL, a_table

_LINE = '203.0.113.9 - - [02/Mar/2026:12:00:{:02d} +0000] "GET {} HTTP/1.1" 200 1 "-" "-"\n'


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path / "home"))
    runner = CliRunner()
    return lambda *told: runner.invoke(app, ["threats", *map(str, told)])


def objects(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_given_a_log_with_attacks_then_each_alert_is_a_line_and_a_summary_ends_it(run, tmp_path):
    log = tmp_path / "access.log"
    log.write_text("".join(_LINE.format(n, "/a?f=../../etc/passwd") for n in range(10)) + "oops\n")

    result = run("watch", log, "--json")

    first, last, summary = objects(result)
    assert result.exit_code == 0
    assert (first["kind"], first["count"], first["proposed"]) == ("request_attack", 1, None)
    assert last["count"] == 10
    assert last["evidence"]["repeated_count"] == 9
    assert last["proposed"]["kind"] == "block"
    assert summary["summary"]["malformed_count"] == 1
    assert summary["summary"]["requests_count"] == 10


def test_given_a_log_for_a_person_then_alerts_have_their_sentence(run, tmp_path):
    log = tmp_path / "access.log"
    log.write_text(_LINE.format(1, "/a?q=%3Cscript%3E"))

    result = run("watch", log)

    assert "a tag of HTML that can run a script (xss)" in result.stdout
    assert "1 alerts" in result.stdout


@pytest.mark.parametrize(
    "told",
    [("watch", "nowhere.log"), ("watch", "udp:"), ("train", "news"), ("train", "flows"),
     ("evaluate", "news")],
)  # fmt: skip
def test_given_a_call_that_lacks_something_then_it_is_misuse(run, told):
    assert run(*told).exit_code == 2


@pytest.mark.parametrize("model", ["flows", "requests"])
def test_given_no_model_then_evaluate_says_how_to_get_one(run, model):
    result = run("evaluate", model)

    assert result.exit_code == 1
    assert "florin threats train" in result.stderr


def test_given_rules_that_are_not_whole_then_they_are_refused(run, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text("[brute_force]\nfailures = 3\n")

    result = run("watch", __file__, "--rules", rules)

    assert result.exit_code == 1
    assert "needs" in result.stderr


def test_given_a_table_then_flows_are_learnt_watched_and_measured(run, tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "SUPERVISED", _SMALL)
    table, kinds = a_table(900)
    data, later = tmp_path / "flows.csv", tmp_path / "later.csv"
    table.assign(kind=kinds).to_csv(data, index=False)
    table.head(200).to_csv(later, index=False)

    trained = run("train", "flows", "--data", data, "--target", "kind", "--json")
    measured = run("evaluate", "flows", "--data", data, "--target", "kind", "--json")
    watched = run("watch", later, "--json")

    assert objects(trained)[0]["kinds"] == ["flood", "normal", "probe"]
    assert objects(measured)[0]["roc_auc"] > 0.97
    assert {one["kind"] for one in objects(watched)[:-1]} == {"flow_anomaly"}
    assert all(one["proposed"] is None for one in objects(watched)[:-1])
