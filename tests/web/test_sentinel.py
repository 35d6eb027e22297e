"""The sentinel: waves of logins and attacks in requests become blocks, notes and cases; nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import numpy as np
import pytest
from aiohttp.test_utils import TestClient, TestServer

from analytics.threats.alerts import Alert, Quieter
from analytics.threats.bank_sink import BankSink
from analytics.threats.keeping import REQUESTS, keep
from analytics.threats.requests.grams import PLACES
from analytics.threats.requests.model import RequestModel
from analytics.threats.requests.signatures import load_signatures
from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM
from bank.domain.blocks import BlockKind
from bank.storage.memory import MemoryStore
from tests.web.conftest import ROOMY, Branch
from tests.web.house import PASSWORD, ScriptedAssistant, make_customer, make_settings
from web.app import make_app
from web.keys import SENTINEL
from web.sentinel import Sentinel

THIEF, OFFICE = "203.0.113.66", "198.51.100.7"


@pytest.fixture
async def house(tmp_path, monkeypatch) -> AsyncIterator[Branch]:
    # Told again at once, not after a minute: tests see counts grow.
    monkeypatch.setitem(Quieter.__init__.__kwdefaults__, "again_after", timedelta(0))
    settings = make_settings(tmp_path, trusted_proxies="127.0.0.1")
    bank = make_bank(MemoryStore(), settings=settings)
    app = make_app(bank, settings, assistant=ScriptedAssistant(), rules=ROOMY)
    app[SENTINEL].start()
    async with TestClient(TestServer(app)) as client:
        yield Branch(client, app, bank, ScriptedAssistant(), settings)
    app[SENTINEL].stop()


async def until(found: Callable[[], object]) -> None:
    """Wait for the sentinel's thread; a test that waits in vain fails by its time limit."""
    while not found():  # noqa: ASYNC110  the thread has no event of ours
        await asyncio.sleep(0.02)


async def try_login(house: Branch, name: str, password: str, source: str) -> int:
    response = await house.client.post(
        "/api/chat/sessions",
        json={"customer": name, "password": password},
        headers={"X-Forwarded-For": source},
    )
    return response.status


async def test_given_a_stuffing_wave_when_seen_then_the_address_is_blocked_for_a_while(house):
    make_customer(house.bank)
    for number in range(40):
        await try_login(house, f"somebody-{number}", "guess", THIEF)

    await until(lambda: house.bank.blocks.active(BlockKind.IP, THIEF))

    block = house.bank.blocks.active(BlockKind.IP, THIEF)
    assert block.is_automatic
    assert block.evidence["count"] >= 12
    await asyncio.sleep(1.1)  # the doors' copy of the blocks is a second old at most
    assert await try_login(house, "amal", PASSWORD, THIEF) == 403
    assert await try_login(house, "amal", PASSWORD, OFFICE) == 200


async def test_given_one_account_guessed_at_then_its_owner_is_asked_for_more(
    house,
):
    amal = make_customer(house.bank)
    for number in range(12):
        await try_login(house, "amal", f"guess-{number}", f"203.0.113.{number}")

    await until(lambda: house.bank.blocks.active(BlockKind.CUSTOMER_STEP_UP, amal.id))

    codes = [one.code for one in house.bank.store.read(lambda uow: uow.risk_notes.list())]
    assert "login_attacked" in codes


async def test_given_injections_in_requests_then_the_address_is_blocked_and_a_search_is_not(house):
    for _ in range(8):
        await house.client.get(
            "/api/transactions",
            params={"q": "1' OR '1'='1' UNION SELECT password FROM users--"},
            headers={"X-Forwarded-For": THIEF},
        )
        await house.client.get(
            "/api/transactions",
            params={"q": "O'Neill's pub & grill"},
            headers={"X-Forwarded-For": OFFICE},
        )

    await until(lambda: house.bank.blocks.active(BlockKind.IP, THIEF))

    assert house.bank.blocks.active(BlockKind.IP, OFFICE) is None


@pytest.mark.parametrize("kept", ["whole", "broken"])
async def test_given_a_model_of_requests_then_it_is_asked_and_a_broken_one_is_done_without(
    tmp_path, monkeypatch, kept
):
    told: list[Alert] = []
    monkeypatch.setattr(BankSink, "raise_alert", lambda _, alert: told.append(alert))
    settings = make_settings(tmp_path)
    model = RequestModel(np.full(PLACES, 9.0), {one.name: 0.0 for one in load_signatures()}, 0.0, 1)
    keep(model, settings.threats_dir, REQUESTS)
    if kept == "broken":
        (settings.threats_dir / REQUESTS / "model.json").write_text("{}")
    bank = make_bank(MemoryStore(), settings=settings)
    app = make_app(bank, settings, assistant=ScriptedAssistant(), rules=ROOMY)
    app[SENTINEL].start()
    async with TestClient(TestServer(app)) as client:
        await client.get("/api/accounts")  # whatever it is, a model like this is alarmed by it
        await client.get("/api/accounts?q=../../etc/passwd")
        await until(lambda: "request_attack" in {one.kind for one in told})
    app[SENTINEL].stop()

    assert [one.count for one in told if one.kind == "request_anomaly"] == (
        [0] if kept == "whole" else []
    )


async def test_given_logins_that_succeed_then_nothing_follows(house):
    make_customer(house.bank)
    for _ in range(5):
        assert await try_login(house, "amal", PASSWORD, OFFICE) == 200
    await try_login(house, "somebody", "guess", THIEF)
    await asyncio.sleep(0.3)

    assert house.bank.store.read(lambda uow: uow.blocks.count()) == 0
    assert house.bank.cases.list(SYSTEM) == []


async def test_given_a_flood_when_the_queue_is_full_then_it_is_counted_and_answers_go_on(tmp_path):
    settings = make_settings(tmp_path)
    app = make_app(
        make_bank(MemoryStore(), settings=settings),
        settings,
        assistant=ScriptedAssistant(),
        rules=ROOMY,
    )
    app[SENTINEL] = sentinel = Sentinel(
        app_bank := make_bank(MemoryStore()), tmp_path, waiting_most=5
    )
    async with TestClient(TestServer(app)) as client:
        statuses = {(await client.get("/api/accounts")).status for _ in range(20)}

    assert statuses == {401}
    assert sentinel.dropped_count == 15
    assert app_bank.store.read(lambda uow: uow.blocks.count()) == 0
