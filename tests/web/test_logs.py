"""Logs: what was said, typed or held is in no line of web, also when it breaks."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import structlog

from bank.logs import BareFormatter, configure_logs
from tests.web.house import PASSWORD, bearer, fails, start_chat
from tests.web.money import Amal, a_branch
from web.keys import DESK

CANARY = "kanarienvogel"


@pytest.fixture
async def amal(tmp_path) -> AsyncIterator[Amal]:
    async with a_branch(tmp_path) as somebody:
        yield somebody


@pytest.fixture
def logged(capfd, caplog) -> Iterator[Callable[[], str]]:
    """Everything the process writes anywhere, at the loudest level."""
    configure_logs("DEBUG")
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(BareFormatter("%(name)s %(message)s"))

    def everything() -> str:
        out, err = capfd.readouterr()
        return out + err + caplog.text

    yield everything
    structlog.reset_defaults()


async def test_given_canaries_when_logging_in_chatting_and_proving_then_no_line_has_one(
    amal, logged
):
    await amal.client.post("/api/chat/sessions", json={"customer": CANARY, "password": CANARY})
    visitor, _ = await start_chat(amal.client)
    response = await amal.client.post(
        "/api/chat/login", json={"customer": "amal", "password": PASSWORD}, headers=bearer(visitor)
    )
    amal.token = (await response.json())["token"]
    said = f"my sister is {CANARY}, card 4242 4242 4242 4242"
    await amal.post("/api/chat/messages", {"message_id": "m1", "text": said})
    amal.assistant.script = fails
    await amal.post("/api/chat/messages", {"message_id": "m2", "text": said})
    transfer = await (await amal.propose(payee_id=amal.payee.id, reference=CANARY)).json()
    await amal.confirm(transfer["id"])
    code = amal.code()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for proof in (wrong, code):
        await amal.post("/api/chat/messages", {"message_id": f"m-{proof}", "text": proof})
    socket = await amal.client.ws_connect("/api/chat/ws")
    await socket.send_json({"type": "hello", "token": amal.token, "after": 0})
    await socket.send_json({"type": "say", "message_id": "m9", "text": CANARY * 200})
    await socket.receive_json()
    await socket.close()

    lines = logged()

    assert "assistant_failed" in lines  # the ear works
    for secret in (CANARY, PASSWORD, code, wrong, visitor, amal.token, "4242 4242"):
        assert secret not in lines, secret


@pytest.mark.parametrize("way", ["http", "socket"])
async def test_given_a_bug_that_quotes_the_customer_when_it_escapes_then_its_place_is_logged_only(
    amal, logged, monkeypatch, way
):
    async def breaks(*_given, **_more):
        password = PASSWORD
        raise RuntimeError(f"cannot store {CANARY!r} of {password!r}")

    monkeypatch.setattr(amal.client.app[DESK], "handle", breaks)
    if way == "http":
        response = await amal.post("/api/chat/messages", {"message_id": "m1", "text": CANARY})
        assert response.status == 500
    else:
        socket = await amal.client.ws_connect("/api/chat/ws")
        await socket.send_json({"type": "hello", "token": amal.token, "after": 1})
        await socket.send_json({"type": "say", "message_id": "m1", "text": CANARY})
        async with asyncio.timeout(5):
            while (await socket.receive_json())["type"] != "error":
                pass
        await socket.close()

    lines = logged()

    assert CANARY not in lines
    assert PASSWORD not in lines
    faults = [json.loads(line) for line in lines.splitlines() if '"fault"' in line]
    assert faults
    assert faults[0]["fault"].startswith("RuntimeError at ")
    assert "breaks" in faults[0]["fault"]


def test_given_a_librarys_exception_when_formatted_then_types_and_places_but_no_words():
    try:
        try:
            int(CANARY)
        except ValueError as fault:
            raise RuntimeError(CANARY) from fault
    except RuntimeError as fault:
        raised = (type(fault), fault, fault.__traceback__)
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "broke", (), raised)

    line = BareFormatter("%(message)s").format(record)

    assert CANARY not in line
    assert "RuntimeError at" in line
    assert "because of ValueError at" in line
