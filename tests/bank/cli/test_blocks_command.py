"""`florin blocks`: a door is closed, looked at and opened again from the terminal."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bank.cli import app, blocks
from bank.domain.errors import Conflict, InvalidInput
from tests.bank.people.world import World

ADDRESS = "203.0.113.7"


@pytest.fixture
def world(monkeypatch) -> World:
    made = World()
    monkeypatch.setattr(blocks, "load_settings", lambda: None)
    monkeypatch.setattr(blocks, "open_bank", lambda _settings: made.bank)
    return made


def florin(*words: str) -> dict:
    done = CliRunner().invoke(app, ["blocks", *words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_given_an_address_when_put_and_lifted_then_the_list_says_so(world: World):
    put = florin("put", "ip", ADDRESS, "--reason", "scanning", "--minutes", "30")
    (listed,) = florin("list")["blocks"]

    assert listed == put
    assert (put["subject"], put["is_automatic"]) == (ADDRESS, False)
    assert world.bank.blocks.active("ip", ADDRESS).id == put["id"]

    florin("lift", put["id"])
    assert florin("list") == {"blocks": []}
    (over,) = florin("list", "--all")["blocks"]
    assert over["lifted_at_utc"] is not None


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("put", "ip", "nowhere", "--reason", "scanning"), InvalidInput),
        (("put", "ip", ADDRESS, "--reason", "two words"), InvalidInput),
        (("put", "ip", ADDRESS, "--reason", "scanning", "--minutes", "0"), InvalidInput),
    ],
)
def test_given_what_cannot_be_when_put_then_it_is_refused(world: World, words, refusal):
    assert isinstance(CliRunner().invoke(app, ["blocks", *words]).exception, refusal)
    assert world.bank.blocks.list_active() == []


def test_given_a_block_that_is_over_when_lifted_then_it_is_a_conflict(world: World):
    put = florin("put", "customer_step_up", "cu_1", "--reason", "takeover")
    florin("lift", put["id"])

    assert isinstance(CliRunner().invoke(app, ["blocks", "lift", put["id"]]).exception, Conflict)
