"""Tenants: what each learns from in a small town, and how the first models are kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics import firstrun, learners, tenants
from analytics.churn.survival import Hazards
from analytics.errors import CannotLearn, NoSuchModel
from analytics.features.customers import SCHEMA as CUSTOMERS
from analytics.fraud.features import ALL
from analytics.registry import Registry
from bank.bootstrap import Bank, make_bank, open_bank
from bank.cli import app, first_models
from bank.demo.town import seed_town
from bank.settings import load_settings
from bank.storage.database import open_store
from tests.bank.builders import World

NOW = datetime(2026, 5, 20, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("town")


@pytest.fixture(scope="module")
def bank(home: Path):
    made = make_bank(open_store(f"sqlite:///{home / 'florin.db'}", create=True), clock=lambda: NOW)
    seed_town(made, customers=150, seed=7, home_dir=home)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def churn(bank: Bank):
    return tenants.tenant("churn").table(bank, as_of_utc=NOW)


def test_given_churn_then_rows_are_customers_at_moments_with_slices_that_are_no_features(
    churn,
) -> None:
    table, labels, schema = churn

    assert set(schema.names) < set(table.columns)
    assert not {"age_band", "country", "customer_id", "as_of_utc"} & set(schema.names)
    assert not table.duplicated(["customer_id", "as_of_utc"]).any()
    assert table["as_of_utc"].max() == pd.Timestamp(NOW - timedelta(days=90))
    assert 0 < labels.mean() < 0.15
    assert table["country"].str.len().eq(2).all()
    assert table["age_band"].str.endswith(("years", "more")).all()


def test_given_churn_in_a_town_then_its_ceiling_is_told_and_elsewhere_not(
    churn, home: Path, tmp_path: Path
) -> None:
    table, labels, _ = churn
    told = tenants.tenant("churn").ceiling

    best = told(home, table, labels)

    assert 0.7 < best["roc_auc"] <= 1.0
    assert told(tmp_path, table, labels) == {}


def test_given_fraud_then_rows_are_settled_payments_in_order_with_what_staff_found(
    bank: Bank, home: Path
) -> None:
    one = tenants.tenant("fraud")

    table, labels, schema = one.table(bank, as_of_utc=NOW)

    assert set(schema.names) < set(table.columns)
    assert table["as_of_utc"].is_monotonic_increasing
    assert table["as_of_utc"].max() <= pd.Timestamp(NOW - timedelta(days=30))
    found = bank.store.read(lambda uow: {one.posting_id for one in uow.fraud_findings.list()})
    assert set(table["payment_id"][labels == 1]) <= found
    assert labels.sum() > 0.6 * len(found)
    assert 0.5 < one.ceiling(home, table, labels)["average_precision"] <= 1.0


def test_given_a_name_nobody_has_then_it_says_which_there_are() -> None:
    with pytest.raises(NoSuchModel, match="churn, fraud"):
        tenants.tenant("weather")


def test_given_few_customers_then_the_first_run_is_not_worth_it(bank: Bank) -> None:
    assert not firstrun.is_worth_it(bank)
    assert not firstrun.is_worth_it(World().bank)


def test_given_moments_then_what_is_measured_is_the_newest_and_a_gap_lies_before() -> None:
    moments = pd.Series(pd.date_range("2026-01-01", periods=8, freq="30D", tz="UTC").repeat(3))
    stream = pd.Series(pd.date_range("2026-01-01", periods=900, freq="6h", tz="UTC"))

    for told, gap_days, newest_days in ((moments, 90, 0), (stream, 30, 60)):
        learns, tests = firstrun.forward(told, gap_days=gap_days)
        assert told[learns].max() + timedelta(days=gap_days) <= told[tests].min()
        assert told[tests].min() >= told.max() - timedelta(days=newest_days)
        assert not (learns & tests).any()

    with pytest.raises(CannotLearn):
        firstrun.forward(moments, gap_days=365)


def test_given_the_first_run_then_the_model_serves_with_a_card_of_newer_rows(
    bank: Bank, tmp_path: Path
) -> None:
    one = replace(tenants.tenant("churn"), quick=learners.recipe("lightgbm_defaults"))
    registry = Registry(tmp_path)

    found = firstrun.learn(bank, one, as_of_utc=NOW)
    version = firstrun.keep(registry, one, found)

    champion = registry.champion("churn")
    assert champion is not None
    assert champion.version == version
    card = champion.card
    assert {figure.name for figure in card.figures} >= {"roc_auc", "average_precision", "ece"}
    assert card.window.to_utc <= (NOW - timedelta(days=180)).isoformat()
    again = registry.load("churn").probability(found.test)
    assert np.array_equal(again, found.said)
    assert Hazards.from_json(card.notes["hazards"]).stays(found.test).shape == (len(found.test), 12)


@pytest.mark.parametrize(("name", "columns"), [("churn", CUSTOMERS.names), ("fraud", ALL.names)])
def test_columns_of_the_calendar_are_features_and_slices_are_none(name, columns):
    one = tenants.tenant(name)

    assert set(one.calendar) <= set(columns)
    assert not set(one.slices) & set(columns)


def test_given_columns_that_were_named_then_they_replace_the_models_own():
    assert tenants.calendar_of("churn", ["salary_minor_90d"]) == ("salary_minor_90d",)
    assert tenants.calendar_of("churn") == tenants.tenant("churn").calendar
    assert tenants.calendar_of("weather") == ()


def test_given_a_bank_when_told_to_learn_then_both_are_tried_and_what_served_is_not_learnt_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(first_models, "CUSTOMERS_MIN", 100)
    made = open_bank(load_settings())
    seed_town(made, customers=120, seed=7)
    made.store.close()

    done = CliRunner().invoke(app, ["analytics", "learn", "--shares", "--json"])

    assert done.exception is None, done.output
    *_, last = done.stdout.strip().splitlines()
    told = json.loads(last)
    assert set(told) == {"churn", "fraud", "advice"}
    assert (tmp_path / "models" / "advice" / "model.json").is_file()
    learnt = {name for name, what in told.items() if isinstance(what, dict)} - {"advice"}
    assert "churn" in learnt
    assert set(Registry(load_settings().registry_dir).names()) == learnt
    monkeypatch.setattr(first_models, "CUSTOMERS_MIN", 10_000)
    again = json.loads(CliRunner().invoke(app, ["analytics", "learn", "--json"]).stdout)
    assert set(again) == {"churn", "fraud"} - learnt
