"""Closed doors: who is refused, in which words, and who is never locked out."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM
from bank.domain.errors import Blocked, DatabaseBusy, RateLimited
from bank.domain.security_events import parse_ip
from bank.policies.blocks import slow_rate
from bank.storage.memory import MemoryStore
from tests.web.conftest import ROOMY
from tests.web.house import PASSWORD, ScriptedAssistant, error_code, make_customer, make_settings
from web.addresses import HOPS_MOST, address_behind, parse_networks
from web.app import all_doors, make_app
from web.closed import AGE_S, ClosedDoors
from web.guard import Caller
from web.limits import Limits

THEM, US = "203.0.113.7", "198.51.100.9"
COUNTED = {"tries_count": 60}


class Behind:
    """A branch behind one proxy of its own, which is where the tests call from."""

    def __init__(self, tmp_path) -> None:
        self.settings = make_settings(tmp_path, trusted_proxies="127.0.0.0/8, ::1")
        self.bank = make_bank(MemoryStore(), settings=self.settings)
        self.app = make_app(self.bank, self.settings, assistant=ScriptedAssistant(), rules=ROOMY)
        self.client: TestClient

    async def start_chat(self, address: str):
        return await self.client.post(
            "/api/chat/sessions", json={}, headers={"X-Forwarded-For": address}
        )

    def forget_copy(self) -> None:
        """As if a second had passed."""
        from web.keys import CLOSED  # noqa: PLC0415

        self.app[CLOSED]._read_at_s = float("-inf")


@pytest.fixture
async def behind(tmp_path):
    made = Behind(tmp_path)
    async with TestClient(TestServer(made.app)) as client:
        made.client = client
        yield made


async def test_given_a_blocked_address_then_it_is_refused_in_neutral_words_and_others_are_not(
    behind,
):
    behind.bank.blocks.put_automatic(SYSTEM, "ip", THEM, reason="spraying", evidence=COUNTED)

    refused, served = await behind.start_chat(THEM), await behind.start_chat(US)

    answer = await refused.json()
    assert (refused.status, error_code(answer), answer["error"]["details"]) == (403, "blocked", {})
    assert not {"block", "spray", "fraud", "attack"} & set(
        answer["error"]["message"].lower().split()
    )
    assert served.status == 200


async def test_given_a_lifted_block_when_a_second_has_passed_then_the_door_is_open(behind):
    block = behind.bank.blocks.put(SYSTEM, "ip", THEM, reason="scanning")
    assert (await behind.start_chat(THEM)).status == 403

    behind.bank.blocks.lift(SYSTEM, block.id)
    behind.forget_copy()

    assert (await behind.start_chat(THEM)).status == 200


async def test_given_a_slowed_address_then_it_is_let_through_slowly_by_all_doors_together(behind):
    behind.bank.blocks.put(SYSTEM, "rate_limit", THEM, reason="scanning")
    most = int(slow_rate().partition("/")[0])

    statuses = [(await behind.start_chat(THEM)).status for _ in range(most)]
    late = await behind.client.get("/api/accounts", headers={"X-Forwarded-For": THEM})

    assert statuses == [200] * most
    assert (late.status, error_code(await late.json())) == (429, "rate_limited")
    assert int(late.headers["Retry-After"]) > 0
    assert (await behind.start_chat(US)).status == 200


@pytest.mark.parametrize(("by_hand", "status"), [(False, 401), (True, 403)])
async def test_given_a_block_of_an_office_then_its_staff_come_in_unless_a_person_put_it(
    behind, by_hand, status
):
    if by_hand:
        behind.bank.blocks.put(SYSTEM, "ip", THEM, reason="scanning")
    else:
        behind.bank.blocks.put_automatic(SYSTEM, "ip", THEM, reason="spraying", evidence=COUNTED)

    response = await behind.client.post(
        "/api/staff/login", json={"name": "mila", "password": PASSWORD},
        headers={"X-Forwarded-For": THEM, "X-Florin-CSRF": "1"},
    )  # fmt: skip

    assert response.status == status


async def test_given_a_blocked_address_then_health_metrics_and_pages_still_answer(behind):
    behind.bank.blocks.put(SYSTEM, "ip", THEM, reason="scanning")
    headers = {"X-Forwarded-For": THEM}

    for path in ("/healthz", "/metrics", "/", "/console/login"):
        assert (await behind.client.get(path, headers=headers)).status == 200, path


async def test_given_a_forged_header_without_a_proxy_then_the_peer_is_who_it_is(tmp_path):
    settings = make_settings(tmp_path)
    bank = make_bank(MemoryStore(), settings=settings)
    bank.blocks.put(SYSTEM, "ip", THEM, reason="scanning")
    async with TestClient(
        TestServer(make_app(bank, settings, assistant=ScriptedAssistant()))
    ) as client:
        forged = await client.post("/api/chat/sessions", json={}, headers={"X-Forwarded-For": THEM})
        assert forged.status == 200

        bank.blocks.put(SYSTEM, "ip", "127.0.0.1", reason="scanning")
        fresh = make_app(bank, settings, assistant=ScriptedAssistant())
    async with TestClient(TestServer(fresh)) as client:
        cleared = await client.post("/api/chat/sessions", json={}, headers={"X-Forwarded-For": US})
        assert cleared.status == 403


async def test_given_an_open_chat_when_its_address_is_blocked_then_its_next_message_is_refused(
    behind,
):
    token = (await (await behind.start_chat(THEM)).json())["token"]
    socket = await behind.client.ws_connect("/api/chat/ws", headers={"X-Forwarded-For": THEM})
    await socket.send_json({"type": "hello", "token": token, "after": 0})
    behind.bank.blocks.put(SYSTEM, "ip", THEM, reason="scanning")
    behind.forget_copy()

    await socket.send_json({"type": "say", "message_id": "m1", "text": "hello"})

    async with asyncio.timeout(10):
        while (frame := await socket.receive_json())["type"] != "error":
            pass
    assert (frame["code"], frame["message_id"]) == ("blocked", "m1")
    await socket.close()


async def test_given_a_login_through_a_proxy_then_the_event_has_the_clients_address(tmp_path):
    made = Behind(tmp_path)
    made.settings = make_settings(
        tmp_path, trusted_proxies="127.0.0.0/8", siem_url="tcp://127.0.0.1:6514"
    )
    made.bank = make_bank(MemoryStore(), settings=made.settings)
    make_customer(made.bank)
    app = make_app(made.bank, made.settings, assistant=ScriptedAssistant(), rules=ROOMY)
    async with TestClient(TestServer(app)) as client:
        response = await client.post(
            "/api/chat/sessions", json={"customer": "amal", "password": "not the password"},
            headers={"X-Forwarded-For": f"1.1.1.1, {THEM}"},
        )  # fmt: skip
        metrics = await (await client.get("/metrics")).text()

    assert response.status == 401
    (item,) = made.bank.store.read(lambda uow: uow.outbox.list())
    body = made.bank.vault.open(item.body_enc, place=f"outbox|{item.id}|body").decode()
    assert f'"source_ip": "{THEM}"' in body
    assert "florin_siem_waiting 1.0" in metrics


async def test_given_a_busy_database_then_the_last_copy_counts(tmp_path):
    bank = make_bank(MemoryStore(), settings=make_settings(tmp_path))
    block = bank.blocks.put(SYSTEM, "ip", THEM, reason="scanning")
    now, busy = [0.0], [False]

    def read():
        if busy[0]:
            raise DatabaseBusy
        return [block]

    closed = ClosedDoors(read, Limits(ROOMY, pepper=b"p"), now_s=lambda: now[0])
    with pytest.raises(Blocked):
        await closed.check(THEM)
    busy[0], now[0] = True, AGE_S + 1

    with pytest.raises(Blocked):
        await closed.check(THEM)
    await closed.check(US)


async def test_given_many_requests_within_a_second_then_the_blocks_are_read_once():
    reads = []
    closed = ClosedDoors(
        lambda: reads.append(1) or [], Limits(ROOMY, pepper=b"p"), now_s=lambda: 5.0
    )

    for _ in range(100):
        await closed.check(US)

    assert len(reads) == 1


async def test_given_an_automatic_slowing_then_doors_of_staff_ignore_it(tmp_path):
    bank = make_bank(MemoryStore(), settings=make_settings(tmp_path))
    block = bank.blocks.put(SYSTEM, "rate_limit", THEM, reason="scanning")
    found = [replace(block, is_automatic=True)]
    closed = ClosedDoors(lambda: found, Limits(ROOMY, pepper=b"p"), now_s=lambda: 0.0)

    for _ in range(100):
        await closed.check(THEM, spare_automatic=True)
    for _ in range(int(slow_rate().partition("/")[0])):
        await closed.check(THEM)
    with pytest.raises(RateLimited):
        await closed.check(THEM)


def test_given_every_door_of_staff_then_no_program_can_close_it(tmp_path):
    doors = all_doors(make_settings(tmp_path))

    staff = [door for door in doors if door.caller is Caller.STAFF or "/staff/" in door.path]

    assert staff
    assert all(door.is_staff for door in staff)
    assert not any(door.is_staff for door in doors if door.path.startswith("/api/chat"))


ADDRESSES = st.ip_addresses().map(lambda one: parse_ip(str(one)))


@given(ADDRESSES, st.lists(st.text(max_size=40) | ADDRESSES, max_size=40))
def test_whatever_a_stranger_writes_into_the_header_it_is_known_by_its_own_address(peer, lines):
    ours = parse_networks(["192.0.2.0/24"])
    if peer.startswith("192.0.2."):
        return

    assert address_behind(peer, lines, ours) == peer
    # … and behind our proxy, which adds the stranger's address at the end.
    assert address_behind("192.0.2.1", [*lines, peer], ours) == peer


def test_given_a_chain_of_our_own_without_end_then_reading_stops():
    ours = parse_networks(["192.0.2.0/24"])

    assert address_behind(
        "192.0.2.1", [f"{THEM}, " + ", ".join(["192.0.2.9"] * HOPS_MOST)], ours
    ) == ("192.0.2.9")
