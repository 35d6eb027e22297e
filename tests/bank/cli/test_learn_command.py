"""`florin nlu learn`, `models`, `rollback` at the terminal: exit codes, JSON, the audit record."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bank.bootstrap import Bank, open_bank
from bank.cli import app, learn
from bank.cli.model_versions import ARCHIVE, LEARNT, MARK
from bank.domain.actors import SYSTEM, VISITOR, Actor, ActorKind, LoginLevel
from bank.domain.challengers import is_held_out
from bank.domain.readings import Why
from bank.settings import load_settings
from tests.bank.cli.test_learning import PlayedRasa

DONE, REFUSED, MISUSE = 0, 1, 2
SHIPPED_AT_S = 1_750_000_000


class Desk:
    """A bank in a folder of its own, with somebody who labels."""

    def __init__(self, bank: Bank, models: Path) -> None:
        self.bank, self.models = bank, models
        member = bank.staff.create(
            SYSTEM, login_name="bea", full_name="Bea Blum", roles=("agent",), password_hash="x"
        )
        self.staff = Actor(ActorKind.STAFF, member.id, LoginLevel.STRONG, frozenset({"agent"}))
        self.chats: list[str] = []

    def label(self, count: int, *, held_out: bool) -> None:
        made = (f"florins and pennies {number}" for number in range(500))
        for text in [one for one in made if is_held_out(one) is held_out][:count]:
            chat = self.bank.conversations.start(VISITOR, "web")
            self.chats.append(chat.id)
            who = replace(VISITOR, conversation_id=chat.id)
            reading_id = self.bank.readings.note(
                who, conversation_id=chat.id, message_id="m1", text=text, ranking=[], why=Why.CORRECTED
            )  # fmt: skip
            self.bank.readings.label(
                self.staff, str(reading_id), intent="check_balance", sentence=text, language="en"
            )

    def audited(self) -> list[str]:
        entries = self.bank.store.read(lambda uow: uow.audit.list(resource="model"))
        return [entry.action for entry in entries]


@pytest.fixture
def rasa() -> PlayedRasa:
    return PlayedRasa()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rasa: PlayedRasa) -> Iterator[Desk]:
    models = tmp_path / "models"
    models.mkdir()
    (models / ARCHIVE).write_text("shipped model")
    # Versions are named by the second, and a training takes minutes: never both in one second.
    os.utime(models / ARCHIVE, (SHIPPED_AT_S, SHIPPED_AT_S))
    (models / MARK).write_text("shipped mark")
    monkeypatch.setattr(learn, "MODELS", models)
    monkeypatch.setattr(learn, "BotAssistant", lambda: rasa)
    tables = tmp_path / "tables"
    tables.mkdir()
    rows = "".join(f"shipped {number},check_balance\n" for number in range(10))
    (tables / "holdout_a.csv").write_text(f"text,category\n{rows}")
    monkeypatch.setattr(learn, "SHIPPED_TABLES", tables)
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path / "home"))
    bank = open_bank(load_settings())
    yield Desk(bank, models)
    bank.store.close()


def florin(*words: str) -> tuple[int, dict[str, Any], str]:
    """Return the exit code, the JSON if there is any, and everything printed."""
    done = CliRunner().invoke(app, ["nlu", *words])
    last = (done.stdout.strip().splitlines() or [""])[-1]
    return done.exit_code, json.loads(last) if last.startswith("{") else {}, done.output


def test_given_labels_when_learnt_then_promoted_listed_audited_and_rolled_back(desk: Desk) -> None:
    desk.label(8, held_out=False)
    desk.label(5, held_out=True)

    code, told, _ = florin("learn", "--json")

    assert (code, told["outcome"], told["learnt"], told["held_out"]) == (DONE, "promoted", 8, 5)
    assert told["tables"][0]["challenger_accuracy"] == 1.0
    code, listed, _ = florin("models", "--json")
    assert (code, listed["live"], len(listed["models"])) == (DONE, told["version"], 2)
    assert florin("learn", "--json")[:2][1]["outcome"] == "learnt_already"
    code, back, _ = florin("rollback", "--json")
    assert (code, back["live"]) == (DONE, listed["models"][0]["version"])
    assert (desk.models / ARCHIVE).read_text() == "shipped model"
    assert desk.audited() == ["model.promote", "model.rollback"]


def test_given_no_better_challenger_when_learnt_then_exit_1_with_a_table_and_a_reason(
    desk: Desk, rasa: PlayedRasa
) -> None:
    rasa.own = 1
    desk.label(8, held_out=False)
    desk.label(5, held_out=True)

    code, _, printed = florin("learn")

    assert code == REFUSED
    assert "own hold-out" in printed
    assert "no more of the bank's sentences" in printed
    assert desk.audited() == ["model.refuse"]


def test_given_nothing_labelled_when_learnt_then_it_says_so(desk: Desk) -> None:
    code, told, _ = florin("learn", "--json")

    assert (code, told["outcome"]) == (DONE, "nothing_to_learn")


def test_given_an_erased_chat_whose_sentence_was_learnt_then_a_training_without_it_comes_first(
    desk: Desk,
) -> None:
    desk.label(8, held_out=False)
    desk.label(5, held_out=True)
    assert florin("learn", "--json")[0] == DONE
    desk.bank.conversations.erase(SYSTEM, desk.chats[0])

    code, _, printed = florin("learn")

    assert code == REFUSED
    assert "1 learnt sentences were withdrawn" in " ".join(printed.split())
    assert "pennies" in (desk.models / LEARNT).read_text()
    assert (desk.models / LEARNT).read_text().count("\n    - ") == 7


@pytest.mark.parametrize("kind", ["absent", "other columns"])
def test_given_a_table_that_cannot_be_used_when_learnt_then_misuse(
    desk: Desk, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "mine.csv"
    if kind == "other columns":
        path.write_text("a,b\n1,2\n")

    assert florin("learn", "--holdout", str(path))[0] == MISUSE
    assert desk.audited() == []


def test_given_a_stale_model_when_learnt_then_training_comes_first(
    desk: Desk, rasa: PlayedRasa
) -> None:
    rasa.current = False

    code, _, printed = florin("learn")

    assert code == REFUSED
    assert "florin train" in printed


def test_given_a_training_that_fails_when_learnt_then_exit_1_and_the_model_serves_on(
    desk: Desk, rasa: PlayedRasa
) -> None:
    rasa.fails = True
    desk.label(8, held_out=False)
    desk.label(5, held_out=True)

    code, _, printed = florin("learn")

    assert code == REFUSED
    assert "nothing has changed" in printed
    assert (desk.models / ARCHIVE).read_text() == "shipped model"


def test_given_nothing_to_go_back_to_when_rolled_back_then_refused_and_misuse_by_name(
    desk: Desk,
) -> None:
    assert florin("rollback")[0] == REFUSED
    assert florin("rollback", "--to", "20260101-000000")[0] == MISUSE
    assert florin("reload")[0] == REFUSED
    assert desk.audited() == []
