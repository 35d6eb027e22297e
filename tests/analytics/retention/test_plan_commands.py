"""`retention learn | plan` at the terminal: a small bank, its campaigns, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics import dataset, firstrun, learners, tenants
from analytics.registry import Registry
from bank.bootstrap import open_bank
from bank.cli import app
from bank.demo.town import seed_town
from bank.settings import load_settings

PEOPLE = 120


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a town, a churn model, and a campaign in which a call clearly keeps people."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLORIN_HOME_DIR", str(folder))
        patch.setenv("FLORIN_MODELS_DIR", str(folder / "models"))
        settings = load_settings()
        bank = open_bank(settings)
        seed_town(bank, customers=PEOPLE, seed=7)
        tenant = tenants.tenant("churn")
        quick = learners.recipe("logistic")
        one = replace(tenant, quick=quick, notes=lambda *_: {})
        found = firstrun.learn(bank, one, as_of_utc=datetime.now(UTC))
        firstrun.keep(Registry(settings.registry_dir), one, found)
        ids = dataset.customer_ids(bank.store)
        bank.store.close()
    rng, rows = np.random.default_rng(3), []
    for days in (330, 240, 150):
        at = datetime.now(UTC) - timedelta(days=days)
        for who in ids:
            called = rng.random() < 0.5
            rows.append((who, at, "call" if called else "", rng.random() < 0.4 - 0.2 * called))
    campaigns = pd.DataFrame(rows, columns=["customer_id", "as_of_utc", "offer", "left"])
    (folder / "campaigns").mkdir(exist_ok=True)
    campaigns.rename(columns={"left": "left_within_90d"}).to_parquet(
        folder / "campaigns" / "past.parquet"
    )
    return folder


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FLORIN_HOME_DIR", str(home))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(home / "models"))

    def invoke(*words: object):
        done = CliRunner().invoke(app, ["analytics", "retention", *map(str, words)])
        assert "Traceback" not in done.output
        return done

    return invoke


def told(done) -> dict:
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_given_campaigns_when_learnt_and_planned_then_the_plan_keeps_to_its_budget(
    run, tmp_path: Path
):
    model, plan = tmp_path / "model", tmp_path / "plan.csv"

    learnt = told(run("learn", "--out", model, "--json"))
    made = told(run("plan", "--budget-minor", 20_000, "--effects", model, "--out", plan, "--json"))

    [offer] = learnt["offers"]
    assert offer["offer"] == "call"
    assert offer["share"] > 0.1
    assert learnt["rows"].keys() == {"none", "call"}
    assert made["measured"] == ["call"]
    assert made["cost_minor"] <= 20_000
    rows = pd.read_csv(plan)
    assert len(rows) == made["customers_count"]
    assert rows["cost_minor"].sum() == made["cost_minor"]
    assert not rows.loc[rows["is_held_out"], "cost_minor"].any()


def test_given_a_plan_as_tasks_when_asked_twice_then_each_call_waits_once(run):
    asked = ("plan", "--budget-minor", 20_000, "--as", "tasks", "--json")

    first, again = told(run(*asked)), told(run(*asked))

    # Which day it is decides whether anybody is worth a call; test_handing.py has one who is.
    made = [one for one in first["rows"] if one["strategy"] in ("call", "product_fix")]
    assert len(first["handed"]) == len(made)
    assert set(first["handed"]) == set(again["handed"])


def test_given_no_money_then_nobody_gets_what_costs(run):
    made = told(run("plan", "--budget-minor", 0, "--json"))

    assert made["cost_minor"] == 0
    assert made["offers_count"] == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"offer": None}, "offer"),
        ({"left_within_90d": None}, "left_within_90d"),
        ({"as_of_utc": "soon"}, "first is row 1"),
        ({"left_within_90d": 0}, "No offer of past campaigns"),
        ({"offer": ""}, "No offer of past campaigns"),
        ({"as_of_utc": "2999-01-01T00:00:00Z"}, "in the future"),
    ],
)
def test_given_campaigns_that_teach_nothing_then_a_sentence_names_the_fault(
    run, home: Path, tmp_path: Path, change: dict, says: str
):
    table = pd.read_parquet(home / "campaigns" / "past.parquet")
    for name, value in change.items():
        table = table.drop(columns=name) if value is None else table.assign(**{name: value})
    path = tmp_path / "past.csv"
    table.to_csv(path, index=False)

    done = run("learn", "--out", tmp_path / "model", "--campaigns", path)

    assert done.exit_code == 1
    assert says in " ".join(done.output.split())
    assert not (tmp_path / "model").exists()


def test_given_a_customer_twice_in_one_campaign_then_the_row_is_named(
    run, home: Path, tmp_path: Path
):
    table = pd.read_parquet(home / "campaigns" / "past.parquet")
    path = tmp_path / "past.csv"
    pd.concat([table.iloc[[0]], table]).to_csv(path, index=False)

    done = run("learn", "--out", tmp_path / "model", "--campaigns", path)

    assert done.exit_code == 1
    assert "row 2" in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("plan", "--budget-minor", "-1"), 2, "budget"),
        (("plan", "--budget-minor", "5", "--out", "/no/such/folder/plan.csv"), 2, "no folder"),
        (("plan", "--budget-minor", "5", "--effects", "/no/such/model"), 1, "effects.json"),
        (("learn", "--out", "OUT", "--campaigns", "absent.csv"), 1, "absent.csv"),
    ],
)
def test_given_what_cannot_be_done_then_a_sentence_and_an_exit_code(
    run, tmp_path: Path, words: tuple, code: int, says: str
):
    done = run(*(tmp_path / "out" if word == "OUT" else word for word in words))

    assert done.exit_code == code
    assert says in " ".join(done.output.split())


def test_given_the_bank_s_own_rows_then_drift_is_told_and_too_few_leavers_train_nothing(
    run, home: Path
):
    def analytics(*words: str):
        done = CliRunner().invoke(app, ["analytics", *words])
        assert "Traceback" not in done.output
        return done

    seen = json.loads(analytics("drift", "churn", "--json").stdout)
    late = json.loads(analytics("drift", "churn", "--days", "1", "--json").stdout)
    before = len(Registry(load_settings().registry_dir).versions("churn"))
    done = analytics("retrain", "churn", "--anyway")

    assert seen["verdict"] in ("steady", "look", "act")
    assert seen["rows"] > PEOPLE  # several moments later than those learnt from
    assert 0 < late["rows"] < seen["rows"]
    assert analytics("drift", "churn", "--days", "1", "--data", "x.csv").exit_code == 2
    assert done.exit_code == 1
    assert "Wait for more rows" in " ".join(done.output.split())
    assert len(Registry(load_settings().registry_dir).versions("churn")) == before
    other = analytics("drift", "weather")
    assert (other.exit_code, "Train one first" in other.output) == (1, True)
