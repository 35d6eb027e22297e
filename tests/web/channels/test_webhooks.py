"""Who may knock at a webhook: the service alone, and only while it is switched on."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bank.bootstrap import make_bank
from bank.storage.memory import MemoryStore
from tests.web.channels.drivers import TELEGRAM_SECRET
from tests.web.channels.fakes import twilio
from tests.web.house import ScriptedAssistant, error_code, make_settings
from web.app import all_doors, make_app
from web.channels import messenger_doors, slack, switched_on, whatsapp

only = pytest.mark.parametrize


def test_twilios_own_example_of_a_signature():
    # https://www.twilio.com/docs/usage/security#validating-signatures-from-twilio
    fields = [
        ("Digits", "1234"), ("To", "+18005551212"), ("From", "+14158675310"),
        ("Caller", "+14158675310"), ("CallSid", "CA1234567890ABCDE"),
    ]  # fmt: skip
    url = "https://example.com/myapp.php?foo=1&bar=2"

    assert whatsapp.sign("12345", url, fields) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_slacks_own_example_of_a_signature():
    # https://docs.slack.dev/authentication/verifying-requests-from-slack
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )

    signature = slack.sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body)

    assert signature == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


@only("service_name", ["telegram"], indirect=True)
@only("secret", [None, "", "wrong", TELEGRAM_SECRET[:-1], "é"])
async def test_given_a_wrong_telegram_secret_then_401_and_nothing_runs(town, secret):
    response = await town.driver.post({"update_id": 1}, secret=secret)

    assert (response.status, error_code(await response.json())) == (401, "not_authenticated")


@only("service_name", ["whatsapp"], indirect=True)
@only("signature", ["", "wrong", "L/OH5YylLD5NRKLltdqwSvS0BnU="])
async def test_given_a_wrong_twilio_signature_then_401_and_nothing_runs(town, signature):
    fields = {"MessageSid": "SM1", "From": town.driver.external_id, "To": twilio.NUMBER, "Body": "x"}
    response = await town.driver.post(fields, signature=signature)

    assert response.status == 401
    assert town.assistant.turns == []


@only("service_name", ["slack"], indirect=True)
@only("wrong", [{"signature": ""}, {"signature": "v0=00"}, {"age_s": 301}, {"age_s": -301}])
async def test_given_a_wrong_or_old_slack_signature_then_401_and_nothing_runs(town, wrong):
    body = json.dumps({"type": "url_verification", "challenge": "c"}).encode()

    response = await town.driver.post(body, **wrong)

    assert response.status == 401
    assert await response.text() != "c"


@only("service_name", ["slack"], indirect=True)
async def test_given_slacks_question_at_set_up_then_its_challenge_is_returned(town):
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB1", "token": "t"}).encode()

    response = await town.driver.post(body)

    assert (response.status, await response.text()) == (200, "3eZbrw1aB1")


@only("service_name", ["whatsapp"], indirect=True)
async def test_given_a_changed_field_then_the_signature_does_not_fit(town):
    await town.driver.say("hello")
    asked_count = len(town.assistant.turns)
    text = {"MessageSid": "SM9", "From": "whatsapp:+4915100000666", "Body": "hello"}

    response = await town.client.post(
        "/channels/whatsapp", data=text, headers={"X-Twilio-Signature": "x" * 28}
    )

    assert response.status == 401
    assert len(town.assistant.turns) == asked_count


@only("service_name", ["telegram"], indirect=True)
async def test_given_a_group_then_nothing_is_said_there(town):
    message = {
        "message_id": 5, "text": "balance", "chat": {"id": -100, "type": "group"},
        "from": {"id": 7001, "is_bot": False, "first_name": "A"},
    }  # fmt: skip
    response = await town.driver.post({"update_id": 1, "message": message})

    assert response.status == 200
    assert town.assistant.turns == []


@only("service_name", ["slack"], indirect=True)
@only("more", [{"channel_type": "channel", "channel": "C1"}, {"bot_id": "B1"}, {"subtype": "message_changed"}])
async def test_given_a_channel_a_bot_or_an_edit_then_nothing_is_said(town, more):
    response = await town.driver.event(text="balance", **more)

    assert response.status == 200
    assert town.assistant.turns == []


@only("service_name", ["whatsapp"], indirect=True)
@only("more", [{"AccountSid": "ACother"}, {"To": "whatsapp:+49000"}, {"From": "+4915199999999"}, {"MessageStatus": "read"}])
async def test_given_another_account_or_a_status_then_nothing_is_said(town, more):
    response = await town.driver.message(Body="balance", NumMedia="0", **more)

    assert response.status == 200
    assert town.assistant.turns == []


async def test_given_a_sticker_then_the_customer_hears_what_can_be_read(town):
    if town.name == "telegram":
        response = await town.driver.message(sticker={"file_id": "x"})
    elif town.name == "whatsapp":
        response = await town.driver.message(
            Body="", NumMedia="1", MediaContentType0="audio/ogg", MediaUrl0="https://x.example/a"
        )
    else:
        response = await town.driver.event(text="", subtype="file_share", files=[{"mimetype": "audio/ogg"}])
    await town.service.wait_for(1)

    assert response.status == 200
    assert "text, buttons and photos" in town.service.texts[0]


@only("body", [b"", b"{", b"[]", b"null", b'{"update_id": "x"}', b"\xff\xfe", b'{"update_id": NaN}'])
@only("service_name", ["telegram"], indirect=True)
async def test_given_nonsense_with_the_right_secret_then_400(town, body):
    headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
    response = await town.client.post("/channels/telegram", data=body, headers=headers)

    assert response.status == 400


async def test_given_a_body_of_3_mb_then_it_is_refused_unread(town):
    response = await town.client.post(f"/channels/{town.name}", data=b"x" * 3_000_000)

    assert response.status == 413


async def test_given_nothing_is_switched_on_then_there_is_no_route(tmp_path):
    settings = make_settings(tmp_path)
    app = make_app(make_bank(MemoryStore()), settings, assistant=ScriptedAssistant())
    async with TestClient(TestServer(app)) as client:
        for name in ("telegram", "whatsapp", "slack"):
            assert (await client.post(f"/channels/{name}", json={})).status == 404
        assert (await client.post("/api/links/code", json={})).status == 404


def test_given_the_application_is_imported_then_no_messenger_is_loaded_with_it():
    code = "import sys, web.app; print([m for m in sys.modules if m.startswith('web.channels.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_given_half_a_set_up_then_the_service_stays_off(tmp_path):
    settings = make_settings(
        tmp_path, telegram_token=SecretStr("t"), slack_signing_secret=SecretStr("s"),
        whatsapp_account_sid="AC", whatsapp_auth_token=SecretStr("t"),
    )  # fmt: skip

    assert switched_on(settings) == []
    assert messenger_doors(settings) == []


async def test_given_one_is_on_then_only_its_route_exists(town):
    paths = {door.path for door in all_doors(make_like(town)) if door.path.startswith("/channels")}

    assert paths == {f"/channels/{town.name}"}


async def test_given_no_identity_when_calling_any_door_of_the_messengers_then_401(town):
    for door in messenger_doors(make_like(town)):
        path = door.path.replace("{channel}", town.name)
        response = await town.client.request(door.method, path, json={})
        assert response.status == 401, door.path


def make_like(town):
    from web.keys import SETTINGS  # noqa: PLC0415

    return town.app[SETTINGS]
