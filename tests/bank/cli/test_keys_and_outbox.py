"""`florin keys` and `florin outbox`: keys are shown once and end at once, dead letters are seen."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bank.bootstrap import Bank
from bank.cli import app, keys, outbox
from bank.domain.actors import SYSTEM
from bank.domain.errors import (
    Conflict,
    InvalidInput,
    InvalidText,
    NotAuthenticated,
    NotPermitted,
    SessionExpired,
)
from bank.domain.outbox import MAX_ATTEMPTS, failed, lease
from tests.bank.people.world import World


@pytest.fixture
def world(monkeypatch) -> World:
    made = World()
    for module in (keys, outbox):
        monkeypatch.setattr(module, "load_settings", lambda: None)
        monkeypatch.setattr(module, "open_bank", lambda _settings: made.bank)
    return made


def florin(*words: str) -> dict:
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_given_a_key_when_made_then_it_opens_its_scope_and_is_stored_nowhere(world: World):
    made = florin("keys", "make", "card switch", "--scope", "score:fraud")

    assert world.bank.api_keys.verify(made["key"], scope="score:fraud").name == "card switch"
    assert made["key"] not in world.store.read(lambda uow: repr(uow.api_keys.list()))
    (listed,) = florin("keys", "list")["keys"]
    assert (listed["id"], listed["scopes"], listed["state"]) == (
        made["id"],
        ["score:fraud"],
        "good",
    )
    assert "key" not in listed


def test_given_a_key_when_revoked_then_its_next_call_is_refused(world: World):
    made = florin("keys", "make", "tool", "--scope", "score:*")

    florin("keys", "revoke", made["id"])

    with pytest.raises(SessionExpired):
        world.bank.api_keys.verify(made["key"], scope="score:churn")
    actions = [one.action for one in world.bank.audit.list(SYSTEM, resource=made["id"])]
    assert actions == ["api_key.revoke", "api_key.make"]


def test_given_a_key_past_its_end_or_of_another_scope_or_forged_then_refused(world: World):
    text, _ = world.bank.api_keys.make(SYSTEM, name="tool", scopes=("score:churn",), days=1)
    bank: Bank = world.bank

    with pytest.raises(NotPermitted):
        bank.api_keys.verify(text, scope="score:fraud")
    for forged in ("", "flk_", text[:-1] + "!", text.removeprefix("flk_")):
        with pytest.raises(NotAuthenticated):
            bank.api_keys.verify(forged, scope="score:churn")
    world.clock.pass_s(86_400)
    with pytest.raises(SessionExpired):
        bank.api_keys.verify(text, scope="score:churn")


@pytest.mark.parametrize(("asked", "refusal"), [
    ({"scopes": ()}, InvalidInput), ({"scopes": ("money:all",)}, InvalidInput),
    ({"scopes": ("score:../x",)}, InvalidInput), ({"days": 0}, InvalidInput),
    ({"days": 100_000}, InvalidInput), ({"name": "  "}, InvalidText),
])  # fmt: skip
def test_given_a_key_that_makes_no_sense_then_it_is_not_made(asked, refusal):
    bank = World().bank

    with pytest.raises(refusal):
        bank.api_keys.make(SYSTEM, **{"name": "x", "scopes": ("score:churn",), **asked})

    assert bank.api_keys.list(SYSTEM) == []


def test_given_staff_when_making_keys_then_administrators_only():
    world = World()

    with pytest.raises(NotPermitted):
        world.bank.api_keys.make(world.staff(), name="x", scopes=("score:churn",))
    world.bank.api_keys.make(
        world.staff("ada", roles=("admin",)), name="x", scopes=("score:churn",)
    )

    assert len(world.bank.api_keys.list(SYSTEM)) == 1


def test_given_a_dead_letter_when_listed_then_masked_and_when_retried_then_it_waits(world: World):
    item = world.store.write(
        lambda uow: world.bank.outbox.add_in(
            uow, kind="mail", to="models@bank.example", subject="s", body="b"
        )
    )
    for _ in range(MAX_ATTEMPTS):
        item = failed(
            lease(item, now_utc=world.clock()), error="SMTPDataError 554", jitter=0.0,
            now_utc=world.clock(),
        )  # fmt: skip
    world.store.write(lambda uow: uow.outbox.save(item))

    shown = florin("outbox", "dead")

    assert shown["counts"]["dead"] == 1
    (dead,) = shown["dead"]
    assert (dead["to"], dead["last_error"]) == ("m•••@bank.example", "SMTPDataError 554")
    assert florin("outbox", "retry", item.id)["attempts"] == 0
    with pytest.raises(Conflict):
        world.bank.outbox.retry(SYSTEM, item.id)
    with pytest.raises(NotPermitted):
        world.bank.outbox.retry(world.staff(), item.id)
