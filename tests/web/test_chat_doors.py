"""The chat over HTTP, as a page or program uses it."""

from __future__ import annotations

import json

import pytest

from tests.web.house import APOLOGY, PASSWORD, bearer, error_code, fails, make_customer, start_chat


async def test_given_a_visitor_when_a_message_is_sent_then_the_answer_has_the_agreed_shape(branch):
    token, started = await start_chat(branch.client)

    answer = await branch.say(token, "hello")

    assert started["login_level"] == "none"
    assert started["customer"] is None
    assert answer == {
        "message_id": "m1", "speaker": "bot", "seq": 2, "replayed": False,
        "replies": [
            {"text": "heard: hello", "buttons": [], "image": None, "kind": "text", "data": {}}
        ],
    }  # fmt: skip


async def test_given_a_customer_when_they_log_in_inside_a_chat_then_the_conversation_stays(branch):
    make_customer(branch.bank)
    token, started = await start_chat(branch.client)
    await branch.say(token, "what is my balance?")

    response = await branch.client.post(
        "/api/chat/login", json={"customer": "amal", "password": PASSWORD}, headers=bearer(token)
    )
    answer = await response.json()

    assert response.status == 200
    assert answer["conversation_id"] == started["conversation_id"]
    assert answer["login_level"] == "password"
    assert answer["customer"] == {"name": "Amal"}
    assert [reply["text"] for reply in answer["replies"]] == ["event EXTERNAL_logged_in"]
    assert answer["token"] != token
    old = await branch.client.get("/api/chat/history", headers=bearer(token))
    assert (old.status, error_code(await old.json())) == (401, "session_expired")


async def test_given_another_customers_chat_when_somebody_logs_in_then_a_new_one_starts(branch):
    make_customer(branch.bank, "amal")
    make_customer(branch.bank, "bora")
    token, first = await start_chat(branch.client, customer="amal", password=PASSWORD)
    await branch.say(token, "something private")

    response = await branch.client.post(
        "/api/chat/login", json={"customer": "bora", "password": PASSWORD}, headers=bearer(token)
    )
    answer = await response.json()

    assert answer["conversation_id"] != first["conversation_id"]
    history = await branch.client.get("/api/chat/history", headers=bearer(answer["token"]))
    assert "private" not in await history.text()


@pytest.mark.parametrize("body", [{"customer": "amal", "password": "wrong"}, {"customer": "nobody", "password": "x"}])
async def test_given_wrong_credentials_when_logging_in_then_nothing_says_which(branch, body):
    make_customer(branch.bank)

    response = await branch.client.post("/api/chat/sessions", json=body)

    assert (response.status, error_code(await response.json())) == (401, "wrong_credentials")


async def test_given_history_when_read_after_a_number_then_only_later_lines_come(branch):
    token, _ = await start_chat(branch.client)
    await branch.say(token, "one", "m1")
    await branch.say(token, "two", "m2")

    response = await branch.client.get("/api/chat/history?after=2", headers=bearer(token))
    lines = (await response.json())["messages"]

    assert [(line["seq"], line["from"], line["text"]) for line in lines] == [
        (3, "customer", "two"), (4, "bot", "heard: two"),
    ]  # fmt: skip
    assert "nlu" not in lines[1]


async def test_given_a_failing_assistant_when_a_message_is_sent_then_200_with_one_apology(branch):
    branch.assistant.script = fails
    token, _ = await start_chat(branch.client)

    first = await branch.say(token, "hello")
    again = await branch.say(token, "hello")
    metrics = await (await branch.client.get("/metrics")).text()

    assert [reply["text"] for reply in first["replies"]] == [APOLOGY]
    assert again["replies"] == first["replies"]
    assert "florin_assistant_failures_total 1.0" in metrics


_BAD_BODIES = [
    (b"{", 400, "invalid_json"),
    (b"\xff\xfe", 400, "invalid_json"),
    (b"[" * 50_000, 400, "invalid_json"),
    (b'{"message_id": NaN}', 400, "invalid_json"),
    (b'{"message_id":"m","text":"\\ud800"}', 400, "invalid_json"),
    (b"null", 400, "invalid_input"),
    (b"[]", 400, "invalid_input"),
    (b"{}", 400, "invalid_input"),
    (b'{"message_id":"m1"}', 400, "invalid_input"),
    (b'{"message_id":1,"text":"a"}', 400, "invalid_input"),
    (b'{"message_id":"m1","text":["a"]}', 400, "invalid_input"),
    (b'{"message_id":"m1","text":"a","sender":"amal"}', 400, "invalid_input"),
    (b'{"message_id":"m1","text":"a","button":"b"}', 400, "invalid_input"),
    (b'{"message_id":"m 1","text":"a"}', 400, "invalid_input"),
    (b'{"message_id":"m1","text":""}', 400, "invalid_text"),
    (b'{"message_id":"m1","text":"\\u0000\\u200b"}', 400, "invalid_text"),
    (b'{"message_id":"m1","text":"' + b"9" * 5000 + b'"}', 400, "invalid_text"),
    (b'{"message_id":"m1","button":"nosuchbutton"}', 409, "button_used"),
    (b'{"message_id":"m1","text":"' + b"a" * 3_000_000 + b'"}', 413, "too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), _BAD_BODIES)
async def test_given_an_unusable_body_when_posted_then_a_clear_refusal_without_echo(
    branch, body, status, code
):
    token, _ = await start_chat(branch.client)

    response = await branch.client.post(
        "/api/chat/messages", data=body,
        headers={**bearer(token), "Content-Type": "application/json"},
    )  # fmt: skip
    error = (await response.json())["error"]

    assert (response.status, error["code"]) == (status, code)
    assert error["message"]
    assert "amal" not in json.dumps(error)
    assert branch.assistant.turns == []


async def test_given_emoji_only_when_sent_then_it_is_a_message_like_any_other(branch):
    token, _ = await start_chat(branch.client)

    answer = await branch.say(token, "🙈🙈")

    assert answer["replies"][0]["text"] == "heard: 🙈🙈"


async def test_given_a_form_post_when_sent_then_415(branch):
    token, _ = await start_chat(branch.client)

    response = await branch.client.post(
        "/api/chat/messages", data={"text": "hi"}, headers=bearer(token)
    )

    assert (response.status, error_code(await response.json())) == (415, "unsupported_media_type")


async def test_given_an_ended_session_when_used_then_session_expired(branch):
    token, _ = await start_chat(branch.client)
    await branch.client.post("/api/chat/logout", headers=bearer(token))

    response = await branch.client.get("/api/chat/history", headers=bearer(token))

    assert (response.status, error_code(await response.json())) == (401, "session_expired")


async def test_given_an_unknown_address_when_asked_then_404_in_the_one_shape(branch):
    response = await branch.client.get("/api/nothing")

    assert (response.status, error_code(await response.json())) == (404, "not_found")


async def test_given_no_live_line_when_greetings_are_asked_for_twice_then_the_bot_opens_once(
    branch,
):
    token, _ = await start_chat(branch.client)

    for _ in range(2):
        response = await branch.client.post("/api/chat/greetings", headers=bearer(token))
        assert response.status == 200

    history = await branch.client.get("/api/chat/history", headers=bearer(token))
    lines = (await history.json())["messages"]
    assert [(line["from"], line["text"]) for line in lines] == [("bot", "event EXTERNAL_greet")]
