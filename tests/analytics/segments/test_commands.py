"""`train|evaluate segments` and `segments` on a home with too few customers, and with none learnt."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics.segments import features, storing
from analytics.segments.learning import learn
from bank.cli import app
from bank.settings import load_settings
from tests.analytics.segments.groups import NOON, customers


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(tmp_path / "models"))

    def invoke(*words: str):
        done = CliRunner().invoke(app, ["analytics", *words])
        assert "Traceback" not in done.output
        return done

    return invoke


def test_given_an_empty_bank_then_every_command_says_what_to_do(run) -> None:
    for words in (("train", "segments"), ("evaluate", "segments"), ("segments",)):
        done = run(*words)
        assert done.exit_code != 0
        assert "segments" in done.output or "customers" in done.output


def test_given_customers_when_trained_and_shown_then_the_csv_has_each_of_them(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, _ = customers()
    monkeypatch.setattr(features, "segments_table", lambda store, at: table)
    rule = tmp_path / "rule.json"
    rule.write_text(
        '{"name": "Payers", "all": [{"feature": "payments_a_month", "is": "at_least", "value": 8}]}'
    )
    storing.keep(learn(table, as_of_utc=NOON, numbers=(3,)), load_settings().segments_dir)

    trained = run("train", "segments", "--json")
    whole = run("segments", "--out", str(tmp_path / "all.csv"), "--plots", str(tmp_path / "p"))
    some = run("segments", "--rule", str(rule), "--out", str(tmp_path / "some.csv"))
    older = run("segments", "--use", "20260520-120000", "--json")

    assert [one.exit_code for one in (trained, whole, some, older)] == [0] * 4, whole.output
    assert len((tmp_path / "all.csv").read_text().splitlines()) == len(table) + 1
    payers = int((table["payments_a_month"] >= 8).sum())
    assert len((tmp_path / "some.csv").read_text().splitlines()) == payers + 1
    assert len(list((tmp_path / "p").glob("*.png"))) == 3
    assert storing.current(load_settings().segments_dir) == "20260520-120000"
    assert len(storing.versions(load_settings().segments_dir)) == 2
