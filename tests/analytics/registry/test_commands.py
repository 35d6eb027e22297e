"""The terminal: two people with password and code, a card, exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pyotp
import pytest
from typer.testing import CliRunner

from analytics.registry import Figure, LiveModel, Registry, versions
from bank.bootstrap import open_bank
from bank.cli import app
from bank.domain.actors import SYSTEM
from bank.settings import load_settings
from tests.analytics.registry.logistic import a_card, constant, load

PASSWORD = "correct horse battery"
SECRETS = {name: (letter * 32) for name, letter in (("ines", "J"), ("omar", "K"), ("zoe", "M"))}


@pytest.fixture
def registry(tmp_path, monkeypatch) -> Registry:
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("FLORIN_ARGON2_MEMORY_KIB", "1024")
    monkeypatch.setattr(versions, "_load_with_learners", load)
    kept = Registry(load_settings().registry_dir, load=load)
    kept.add("churn", constant(0.2), a_card(figures=(Figure("roc_auc", 0.81, 0.79, 0.83),)))
    kept.add("churn", constant(0.3), a_card(recipe="other"))
    return kept


@pytest.fixture
def staffed(registry) -> Registry:
    """The registry, and a bank with two model owners and an agent."""
    bank = open_bank(load_settings())
    for name, secret in SECRETS.items():
        bank.staff.create(
            SYSTEM, login_name=name, full_name=f"{name.title()} Blum", password=PASSWORD,
            roles=("agent",) if name == "zoe" else ("model_owner",), totp_secret=secret,
        )  # fmt: skip
    bank.store.close()
    return registry


def run(*words: str, by: str | None = None, password: str = PASSWORD):
    """Run a command; return its exit code, the JSON it printed, what it complained."""
    typed = None
    if by is not None:
        words = (*words, "--by", by)
        code = pyotp.TOTP(SECRETS[by]).at(datetime.now(UTC))
        typed = f"{password}\n{code}\n"
    result = CliRunner().invoke(app, ["analytics", *words, "--json"], input=typed)
    told = json.loads(result.stdout) if result.stdout.startswith("{") else None
    return result.exit_code, told, result.stderr


def test_given_two_people_then_the_second_command_lets_it_serve_and_a_server_follows(staffed):
    registry = staffed
    first, second = [one.version for one in registry.versions("churn")]
    live = LiveModel(registry, "churn")

    code, told, _ = run("promote", "churn", second, "--reason", "better", by="ines")
    assert (code, told["state"], told["serves"]) == (0, "proposed", False)
    assert registry.champion("churn").version == first

    code, told, _ = run("promote", "churn", second, by="omar")
    assert (code, told["state"], told["serves"]) == (0, "approved", True)
    assert live.refresh()
    assert live.current.version == second


def test_given_the_same_person_twice_then_it_takes_a_second_and_exits_with_1(staffed):
    registry = staffed
    first, second = [one.version for one in registry.versions("churn")]
    run("rollback", "churn", "--to", second, "--reason", "harm", by="ines")
    code, _, complaint = run("promote", "churn", second, by="omar")

    assert code == 1
    assert "Another proposal waits" in complaint
    assert registry.champion("churn").version == first


def test_given_no_role_or_a_wrong_password_then_nothing_is_proposed(staffed):
    registry = staffed
    second = registry.versions("churn")[1].version

    code, _, complaint = run("promote", "churn", second, "--reason", "x", by="zoe")
    assert (code, "model_owner" in complaint) == (1, True)
    code, _, complaint = run(
        "promote", "churn", second, "--reason", "x", by="ines", password="another password"
    )
    assert (code, "does not fit" in complaint) == (1, True)
    code, _, complaint = run("promote", "churn", second, "--reject", by="omar")
    assert (code, complaint.strip()) == (1, "Nothing waits for a word.")


def test_given_no_lines_on_standard_input_then_it_is_misuse(staffed):
    registry = staffed
    second = registry.versions("churn")[1].version

    result = CliRunner().invoke(
        app, ["analytics", "promote", "churn", second, "--by", "ines"], input=""
    )

    assert result.exit_code == 2
    assert "two lines" in result.stderr


def test_given_models_when_listed_then_the_table_and_the_card_say_the_same(registry):
    first = registry.versions("churn")[0].version

    _, listed, _ = run("models")
    assert [row["version"] for row in listed["models"]] == [first]
    _, told, _ = run("models", "churn")
    assert [row["fate"] for row in told["models"]] == ["first", "candidate"]
    _, card, _ = run("models", "churn", "--version", first)
    assert card["digest"] == registry.get("churn", first).card.digest
    assert "reference" not in card

    shown = CliRunner().invoke(app, ["analytics", "models", "churn", "--version", first])
    assert "roc_auc              0.8100 (0.7900 to 0.8300)" in shown.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["models", "nothing"], 1),
        (["models", "--version", "20260101-000000"], 2),
        (["models", "churn", "--version", "20260101-000000"], 1),
        (["models", "../churn"], 1),
    ],
)
def test_given_what_is_not_there_then_a_sentence_and_an_exit_code(registry, words, code):
    result = CliRunner().invoke(app, ["analytics", *words])

    assert result.exit_code == code
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
