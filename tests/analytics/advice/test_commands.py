"""`learn-advice` and `evaluate advice` on a bank whose people invest."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics.advice.reading import income_month_minor, read_histories
from analytics.advice.storing import load
from bank.bootstrap import open_bank
from bank.cli import app
from bank.demo.town import customer_id_of, seed_town, townspeople
from bank.domain.actors import SYSTEM
from bank.settings import load_settings
from tests.analytics.advice.small_town import market, told

TOWNSPEOPLE = 12


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a few townspeople, who are paid, and the investors of the small town."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLORIN_HOME_DIR", str(folder))
        bank = open_bank(load_settings())
        seed_town(bank, customers=TOWNSPEOPLE, seed=7, months=6)
        profiles, holdings = told()
        bank.investing.take_market(
            SYSTEM, instruments=market(), profiles=profiles, holdings=holdings
        )
        bank.store.close()
    return folder


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FLORIN_HOME_DIR", str(home))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(home / "models"))

    def invoke(*words: str):
        done = CliRunner().invoke(app, ["analytics", *words])
        assert "Traceback" not in done.output
        return done

    return invoke


def test_given_investors_when_learnt_then_the_model_lies_in_its_place(run, home: Path) -> None:
    done = run("learn-advice", "--json")

    assert done.exit_code == 0, done.output
    learnt = load(home / "models" / "advice")
    assert json.loads(done.stdout)["version"] == learnt.version
    assert {one.id for one in market()} <= set(learnt.ids)


def test_given_investors_when_evaluated_then_three_tables_and_the_draws_are_told(
    run, monkeypatch
) -> None:
    monkeypatch.setattr("analytics.cli.advising._DRAWS", 50)
    monkeypatch.setattr("analytics.cli.advising._WINDOWS", 1)

    done = run("evaluate", "advice", "--json")

    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["unsuitable"] == 0 < found["draws"]
    tables = [one for one in found.values() if isinstance(one, list)]
    assert len(tables) == 3
    for lines in tables:
        assert {"popular", "blend"} <= {one["model"] for one in lines}


def test_given_a_bank_without_investors_then_it_says_so(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path))

    for words in (("learn-advice",), ("evaluate", "advice")):
        done = run(*words)

        assert done.exit_code == 1
        assert "0 people with a profile hold anything" in done.stderr


def test_given_townspeople_then_what_comes_in_a_month_is_their_pay(home: Path, monkeypatch) -> None:
    monkeypatch.setenv("FLORIN_HOME_DIR", str(home))
    store = open_bank(load_settings()).store
    people = {
        customer_id_of(7, one.number): one
        for one in townspeople(7, TOWNSPEOPLE, to_utc=datetime.now(UTC))
    }

    found = income_month_minor(store, list(people), as_of_utc=datetime.now(UTC))

    assert len(found) > TOWNSPEOPLE // 3
    for who, income in found.items():
        # Three pays of 90 days, or four where the days fall so.
        assert 0.3 <= income / people[who].income_minor <= 1.4
    long_ago = datetime.now(UTC) - timedelta(days=5_000)
    assert income_month_minor(store, list(people), as_of_utc=long_ago) == {}
    store.close()


def test_given_a_moment_then_nothing_later_is_read(home: Path, monkeypatch) -> None:
    monkeypatch.setenv("FLORIN_HOME_DIR", str(home))
    store = open_bank(load_settings()).store
    profiles, _ = told()
    moment = datetime.now(UTC) - timedelta(days=400)

    found = read_histories(store, as_of_utc=moment)

    ours = {one.customer_id: one.taken_at_utc for one in reversed(profiles)}
    assert {who for who in found.customers if who in ours} == {
        who for who, first in ours.items() if first <= moment
    }
    store.close()
