"""Doors around the chat: health, OpenAPI, pictures, limits, faults on our side."""

from __future__ import annotations

import json

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM
from bank.domain.errors import DatabaseBusy, DiskFull, NotAuthenticated
from bank.storage.memory import MemoryStore
from tests.web.house import (
    PASSWORD,
    ScriptedAssistant,
    bearer,
    error_code,
    make_customer,
    make_settings,
    start_chat,
)
from web.api.pictures import PictureSigner
from web.app import all_doors, make_app
from web.limits import LimitRules
from web.utterances import load_utterances


async def test_given_a_silent_rasa_when_asked_for_readiness_then_503_names_it(branch):
    branch.assistant.ready = False

    response = await branch.client.get("/readyz")

    assert response.status == 503
    assert await response.json() == {"status": "waiting", "database": True, "assistant": False}
    assert (await branch.client.get("/healthz")).status == 200


async def test_given_the_openapi_document_when_read_then_every_json_door_and_reference_is_there(branch):
    document = await (await branch.client.get("/api/openapi.json")).json()

    for door in all_doors(branch.settings):
        if not door.page:
            assert door.method.lower() in document["paths"][door.path], door.path
    schemas = document["components"]["schemas"]
    for reference in set(_references(document)):
        assert reference.removeprefix("#/components/schemas/") in schemas
    assert document["paths"]["/api/chat/messages"]["post"]["security"] == [{"session": []}]


def _references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


@pytest.mark.parametrize(("fault", "code"), [(DatabaseBusy, "database_busy"), (DiskFull, "disk_full")])
async def test_given_a_store_that_cannot_write_when_a_message_comes_then_503_with_code(
    branch, monkeypatch, fault, code
):
    token, _ = await start_chat(branch.client)

    def refuse(*_args, **_more):
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(branch.bank.turns, "begin", refuse)
        response = await branch.client.post(
            "/api/chat/messages", json={"message_id": "m1", "text": "hi"}, headers=bearer(token)
        )
        assert (response.status, error_code(await response.json())) == (503, code)
    assert (await branch.say(token, "hi"))["replies"][0]["text"] == "heard: hi"


async def test_given_a_bug_when_it_escapes_then_500_says_nothing_of_it(branch, monkeypatch):
    token, _ = await start_chat(branch.client)
    monkeypatch.setattr(
        branch.bank.turns, "begin", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("SECRET"))
    )

    response = await branch.client.post(
        "/api/chat/messages", json={"message_id": "m1", "text": "hi"}, headers=bearer(token)
    )

    assert response.status == 500
    assert "SECRET" not in await response.text()
    assert error_code(await response.json()) == "internal_error"


async def test_given_too_many_messages_when_sent_then_429_says_when_to_come_back(tmp_path):
    settings = make_settings(tmp_path)
    bank = make_bank(MemoryStore(), settings=settings)
    rules = LimitRules(message="2/minute")
    app = make_app(bank, settings, assistant=ScriptedAssistant(), rules=rules)
    async with TestClient(TestServer(app)) as client:
        token, _ = await start_chat(client)
        for number in range(3):
            response = await client.post(
                "/api/chat/messages", json={"message_id": f"m{number}", "text": "hi"},
                headers=bearer(token),
            )  # fmt: skip

        assert (response.status, error_code(await response.json())) == (429, "rate_limited")
        assert 1 <= int(response.headers["Retry-After"]) <= 60


async def test_given_a_signed_link_when_forged_moved_or_old_then_it_opens_nothing():
    signer = PictureSigner(b"key")
    link = signer.sign("/api/pictures/pi_1", "cu_amal", now_s=1000)
    signature = link.partition("sig=")[2]

    assert signer.verify("pi_1", signature, now_s=1001) == "cu_amal"
    for picture_id, given, now_s in (
        ("pi_2", signature, 1001), ("pi_1", signature, 1000 + 3601), ("pi_1", signature + "a", 1001),
        ("pi_1", "", 1001), ("pi_1", "é.é", 1001), ("pi_1", "AAAA.BBBB", 1001),
    ):  # fmt: skip
        with pytest.raises(NotAuthenticated):
            signer.verify(picture_id, given, now_s=now_s)
    assert signer.sign("https://evil.example/x.png", "cu_amal") == "https://evil.example/x.png"


async def test_given_every_refusal_web_makes_when_said_then_it_has_a_sentence_of_its_own():
    book = load_utterances()
    unknown = book.refusal("no_such_code", {})
    codes = [
        "not_found", "method_not_allowed", "too_large", "unsupported_media_type", "invalid_json",
        "invalid_input", "invalid_text", "invalid_picture", "csrf_required", "internal_error",
        "session_expired", "wrong_credentials", "rate_limited", "database_busy", "disk_full",
        "case_not_owned", "totp_required", "totp_enrolment", "button_used", "turn_in_progress",
        "idempotency_key_required", "idempotency_mismatch", "assistant_unavailable",
    ]  # fmt: skip

    for code in codes:
        assert book.refusal(code, {}) != unknown, code


async def test_given_a_customer_when_reading_accounts_then_minor_units_and_text(branch):
    customer = make_customer(branch.bank)
    branch.bank.accounts.open(
        actor=SYSTEM, customer_id=customer.id, kind="current", name="Everyday", currency="EUR"
    )
    token, _ = await start_chat(branch.client, customer="amal", password=PASSWORD)

    answer = await (await branch.client.get("/api/accounts", headers=bearer(token))).json()

    assert answer["accounts"][0]["available"] == {
        "amount_minor": 0, "currency": "EUR", "text": "0.00 EUR",
    }  # fmt: skip


async def test_given_no_idempotency_key_when_proposing_then_it_is_asked_for(branch):
    make_customer(branch.bank)
    token, _ = await start_chat(branch.client, customer="amal", password=PASSWORD)

    response = await branch.client.post(
        "/api/transfers", json={"amount_minor": 100, "currency": "EUR", "payee_id": "pa_1"},
        headers=bearer(token),
    )  # fmt: skip

    assert (response.status, error_code(await response.json())) == (400, "idempotency_key_required")
    assert json.loads(await response.text())["error"]["message"]


def test_given_a_step_up_that_is_no_payment_when_refused_then_no_fact_is_missing_in_the_sentence():
    said = load_utterances().refusal("step_up_required", {"challenge_id": "ch_1", "sent_to": "x"})

    assert "one-time code" in said
    assert "…" not in said
