"""Passkeys over HTTP: made after a code, then the better proof; one signature, one act."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from tests.bank.people.authenticator import Authenticator
from tests.web.house import PASSWORD, bearer, error_code, make_customer, start_chat
from tests.web.money import FUNDS_MINOR, Amal, a_branch

OPTIONS = "/api/passkeys/register/options"


@pytest.fixture
async def amal(tmp_path) -> AsyncIterator[Amal]:
    async with a_branch(tmp_path) as somebody:
        yield somebody


async def _registered(amal: Amal, **about) -> Authenticator:
    device = Authenticator(**about)
    await amal.post(OPTIONS)
    options = await (await amal.post(OPTIONS, {"code": amal.code()})).json()
    made = await amal.post(
        "/api/passkeys/register",
        {"credential": json.loads(device.create(options)), "label": "my phone"},
    )
    assert made.status == 201, await made.text()
    assert (await made.json())["label"] == "my phone"
    return device


async def _waiting(amal: Amal, *, key: str = "key-00001", amount_minor: int = 4_000):
    """A proposed transfer that waits for a proof: its id and challenge."""
    transfer_id = (await (await amal.propose(amount_minor, key=key)).json())["id"]
    asked = await (await amal.confirm(transfer_id)).json()
    return transfer_id, asked["error"]["details"]["challenge_id"]


async def _signed(amal: Amal, device: Authenticator, challenge_id: str) -> dict:
    options = await amal.get("/api/chat/step-up/options", challenge_id=challenge_id)
    return json.loads(device.get(await options.json()))


async def _step_up(amal: Amal, challenge_id: str, assertion: dict, **more: str):
    body = {"challenge_id": challenge_id, "assertion": assertion, **more}
    response = await amal.post("/api/chat/step-up", body)
    return response.status, await response.json()


async def test_given_a_password_session_when_a_passkey_is_asked_for_then_403_and_a_code(amal):
    response = await amal.post(OPTIONS)

    error = (await response.json())["error"]
    assert (response.status, error["code"]) == (403, "step_up_required")
    assert set(error["details"]) == {"challenge_id", "sent_to"}


async def test_given_a_wrong_code_when_options_are_asked_for_then_none_are_given(amal):
    await amal.post(OPTIONS)
    wrong = f"{(int(amal.code()) + 1) % 1_000_000:06d}"

    response = await amal.post(OPTIONS, {"code": wrong})

    assert (response.status, error_code(await response.json())) == (403, "wrong_code")


async def test_given_a_passkey_when_it_signs_the_waiting_transfer_then_the_money_moves_once(amal):
    device = await _registered(amal)
    _, challenge_id = await _waiting(amal)
    assertion = await _signed(amal, device, challenge_id)

    status, answer = await _step_up(amal, challenge_id, assertion, message_id="m1")
    again = await _step_up(amal, challenge_id, assertion, message_id="m1")
    elsewhere = await _step_up(amal, challenge_id, assertion, message_id="m2")

    assert (status, answer["outcome"]) == (200, "done")
    assert answer["replies"][0]["text"] == "event EXTERNAL_step_up_done"
    assert (again[1]["outcome"], again[1]["replayed"]) == ("done", True)
    assert elsewhere[1]["outcome"] == "done"  # the transfer was posted: the same answer again
    assert amal.balances() == (FUNDS_MINOR - 4_000, FUNDS_MINOR - 4_000)


async def test_given_a_signature_when_used_for_another_act_then_it_opens_nothing(amal):
    device = await _registered(amal)
    _, small = await _waiting(amal)
    assertion = await _signed(amal, device, small)
    _, large = await _waiting(amal, key="key-00002", amount_minor=90_000)

    status, answer = await _step_up(amal, large, assertion)

    assert (status, answer["outcome"]) == (200, "wrong_code")
    assert amal.balances()[0] == FUNDS_MINOR


async def test_given_a_foreign_page_when_its_passkey_signs_then_it_opens_nothing(amal):
    device = await _registered(amal)
    device.origin = "https://fl0rin.example"
    _, challenge_id = await _waiting(amal)

    _, answer = await _step_up(amal, challenge_id, await _signed(amal, device, challenge_id))

    assert answer["outcome"] == "wrong_code"
    assert amal.balances()[0] == FUNDS_MINOR


async def test_given_a_credential_nobody_asked_for_when_registered_then_refused(amal):
    device = Authenticator()
    options = {"rp": {"id": "localhost"}, "challenge": "AAAA"}

    response = await amal.post(
        "/api/passkeys/register", {"credential": json.loads(device.create(options))}
    )

    assert (response.status, error_code(await response.json())) == (400, "invalid_input")


@pytest.mark.parametrize("credential", [{}, {"id": 5}, {"id": "x", "response": {}}])
async def test_given_a_torn_credential_when_registered_then_400_and_no_passkey(amal, credential):
    await amal.post(OPTIONS)
    await amal.post(OPTIONS, {"code": amal.code()})

    response = await amal.post("/api/passkeys/register", {"credential": credential})

    assert (response.status, error_code(await response.json())) == (400, "invalid_input")


@pytest.mark.parametrize("assertion", [{}, {"id": 5}, {"id": "x", "response": {"signature": 1}}])
async def test_given_a_torn_assertion_when_proving_then_it_counts_as_wrong(amal, assertion):
    await _registered(amal)
    _, challenge_id = await _waiting(amal)

    _, answer = await _step_up(amal, challenge_id, assertion)

    assert answer["outcome"] == "wrong_code"
    assert amal.balances()[0] == FUNDS_MINOR


async def test_given_no_passkey_or_no_challenge_when_options_are_asked_for_then_404(amal):
    _, challenge_id = await _waiting(amal)

    for asked in (challenge_id, "ch_nobody", ""):
        response = await amal.get("/api/chat/step-up/options", challenge_id=asked)
        assert (response.status, error_code(await response.json())) == (404, "not_found")


async def test_given_somebody_elses_challenge_when_options_are_asked_for_then_404(amal):
    await _registered(amal)
    _, challenge_id = await _waiting(amal)
    make_customer(amal.bank, "mallory")
    amal.token, _ = await start_chat(amal.client, customer="mallory", password=PASSWORD)

    response = await amal.get("/api/chat/step-up/options", challenge_id=challenge_id)

    assert (response.status, error_code(await response.json())) == (404, "not_found")


async def test_given_a_visitor_when_knocking_at_passkey_doors_then_401(amal):
    token, _ = await start_chat(amal.client)

    response = await amal.client.post(OPTIONS, json={}, headers=bearer(token))

    assert (response.status, error_code(await response.json())) == (401, "not_authenticated")
