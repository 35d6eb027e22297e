"""Requests no honest web would send: tokens, bodies, repeats, doors, and the action server."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import jwt
import pytest

from tests.attacks.conftest import Attacker
from tests.dialogue.facts import stored_events

pytestmark = pytest.mark.rasa

SECRET = "hunter2-DE89370400440532013000"


def claims(attacker: Attacker, **changed):
    token = attacker.sign(attacker.a_turn("what is my balance"))
    content = jwt.decode(token, options={"verify_signature": False})
    content.update(changed)
    return {key: value for key, value in content.items() if value != "absent"}


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _signed_with_nothing(content: dict) -> str:
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(content)}"
    digest = hmac.new(b"", signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def forged_tokens(attacker: Attacker) -> dict[str, str]:
    key, now_s = attacker.branch.rasa.turn_key, int(time.time())
    good = claims(attacker)
    genuine = jwt.encode(good, key, algorithm="HS256")
    head, body, signature = genuine.split(".")
    changed = {
        "expired": {"exp": now_s - 5, "iat": now_s - 65},
        "no expiry": {"exp": "absent"},
        "no issue time": {"iat": "absent"},
        "from the future": {"iat": now_s + 3600, "exp": now_s + 3660, "nbf": now_s + 3600},
        "wrong audience": {"aud": "florin-staff"},
        "no audience": {"aud": "absent"},
        "wrong issuer": {"iss": "mallory"},
        "no issuer": {"iss": "absent"},
        "no id": {"jti": "absent"},
        "empty id": {"jti": "", "message_id": ""},
        "two ids": {"message_id": "other"},
        "no conversation": {"conversation_id": "absent"},
        "empty conversation": {"conversation_id": ""},
        "conversation is a list": {"conversation_id": ["cv_1"]},
        "unknown level": {"login_level": "root"},
        "text is a number": {"text": 7},
        "payload is a string": {"payload": "/restart"},
    }
    tokens = {
        title: jwt.encode({k: v for k, v in {**good, **change}.items() if v != "absent"}, key, "HS256")
        for title, change in changed.items()
    }
    mallory = {**good, "customer_id": "cu_victim", "login_level": "strong"}
    return tokens | {
        "alg none": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(mallory)}.",
        "alg none, signed": f"{_part({'alg': 'none'})}.{_part(mallory)}.{signature}",
        "alg None": f"{_part({'alg': 'None'})}.{_part(mallory)}.",
        "other key": jwt.encode(mallory, "x" * 43, "HS256"),
        "empty key": _signed_with_nothing(mallory),
        "HS512": jwt.encode(mallory, key, "HS512"),
        "other body": f"{head}.{_part(mallory)}.{signature}",
        "no signature": f"{head}.{body}.",
        "cut": genuine[:-3],
        "empty": "",
        "dots": "..",
        "not a token": "what is my balance",
    }  # fmt: skip


def test_given_a_token_web_did_not_sign_when_sent_then_401_and_nothing_is_stored(attacker):
    tokens = forged_tokens(attacker)

    answers = {title: attacker.post_turn({"turn": token}) for title, token in tokens.items()}

    assert len(answers) >= 25
    assert {title: answer.status for title, answer in answers.items()} == dict.fromkeys(tokens, 401)
    assert {answer.json()["error"]["code"] for answer in answers.values()} == {"invalid_turn"}


@pytest.mark.parametrize(
    "more",
    [
        {"sender": "cu_victim"}, {"sender_id": "cu_victim"}, {"metadata": {"customer_id": "x"}},
        {"input_channel": "callcenter"}, {"message": "/restart"}, {"text": "hi"},
        {"message_id": "other"}, {"stream": True}, {"turn2": "x"},
    ],
)  # fmt: skip
def test_given_a_field_beside_the_turn_when_sent_then_the_body_is_refused(attacker, more):
    answer = attacker.post_turn({"turn": attacker.sign(attacker.a_turn()), **more})

    assert (answer.status, answer.json()["error"]["code"]) == (400, "invalid_body")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"[]", 400), (b"null", 400), (b'"x"', 400), (b"{", 400), (b"\xff\xfe", 400),
        (b"{}", 400), (b'{"turn": null}', 400), (b'{"turn": 5}', 400), (b'{"turn": {}}', 400),
        (b'{"turn": ["a"]}', 400), (b"[" * 8000, 400), (b'{"turn": "' + b"x" * 20_000 + b'"}', 413),
        (b"x" * 3_000_000, 413),
    ],
    ids=range(14),
)  # fmt: skip
def test_given_a_body_that_is_no_turn_when_sent_then_it_is_refused_in_our_shape(
    attacker, body, status
):
    answer = attacker.post_turn(body)

    assert answer.status == status


def test_given_text_over_the_limit_when_signed_then_413(attacker):
    answer = attacker.say(attacker.a_turn("a" * 1001))

    assert (answer.status, answer.json()["error"]["code"]) == (413, "text_too_long")


@pytest.mark.parametrize("intent", ["restart", "back", "session_start", "nlu_fallback2", "", None, 7])
def test_given_a_payload_with_an_intent_that_is_not_ours_when_signed_then_400(attacker, intent):
    answer = attacker.say(attacker.a_turn(payload={"intent": intent, "entities": {}}))

    assert (answer.status, answer.json()["error"]["code"]) == (400, "unknown_intent")


def test_given_one_message_id_many_times_at_once_when_sent_then_it_runs_once(attacker):
    turn = attacker.a_turn("what is my balance")

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: attacker.say(turn), range(24)))

    assert {answer.status for answer in answers} == {200}
    bodies = [answer.json() for answer in answers]
    assert sum(not body["replayed"] for body in bodies) == 1
    assert len({json.dumps(body["replies"]) for body in bodies}) == 1
    heard = [e for e in stored_events(attacker.branch, turn.conversation_id) if e["event"] == "user"]
    assert len(heard) == 1


def test_given_an_old_message_id_with_other_words_when_sent_then_the_old_reply_comes(attacker):
    turn = attacker.a_turn("hello")
    first = attacker.say(turn).json()

    second = attacker.say(replace(turn, text="what is my balance")).json()

    assert second["replayed"] is True
    assert second["replies"] == first["replies"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/webhooks/rest/webhook"), ("GET", "/webhooks/rest/"), ("GET", "/socket.io/"),
        ("POST", "/webhooks/socketio/webhook"), ("GET", "/conversations/default/tracker"),
        ("POST", "/conversations/default/tracker/events"), ("PUT", "/conversations/d/tracker/events"),
        ("POST", "/conversations/default/execute"), ("POST", "/conversations/d/trigger_intent"),
        ("POST", "/conversations/default/messages"), ("GET", "/conversations/default/story"),
        ("PUT", "/model"), ("DELETE", "/model"), ("POST", "/model/train"), ("POST", "/model/parse"),
        ("POST", "/model/predict"), ("POST", "/model/test/stories"), ("GET", "/domain"),
        ("GET", "/status"), ("GET", "/version"), ("POST", "/webhooks/callback/webhook"),
        ("POST", "/webhooks/telegram/webhook"), ("POST", "/webhooks/slack/webhook"),
        ("POST", "/webhooks/twilio/webhook"), ("GET", "/webhooks/florin/turn/../../model"),
    ],
)  # fmt: skip
def test_given_a_stock_door_when_knocked_at_then_nobody_is_there(attacker, method, path):
    answer = attacker.rasa(method, path, b"{}")

    assert answer.status in (404, 405)


# --- the action server ---


def a_call(attacker: Attacker, *, turn: str | None = None, sender: str = "cv_attack") -> dict:
    message = {"text": SECRET, "message_id": "m1", "metadata": {"turn": turn}}
    return {
        "next_action": "action_check_balance",
        "tracker": {
            "sender_id": sender, "slots": {"secret": SECRET}, "events": [], "paused": False,
            "latest_message": message, "followup_action": None, "active_loop": {},
            "latest_action_name": None, "latest_input_channel": "florin",
        },
    }  # fmt: skip


@pytest.mark.parametrize("token", [None, "", "wrong", "Bearer", "é", "x" * 4000])
def test_given_no_or_a_wrong_bearer_when_an_action_is_called_then_401_without_an_echo(
    attacker, token
):
    answer = attacker.actions(a_call(attacker), token=token and token.encode().decode("latin-1"))

    assert answer.status == 401
    assert SECRET not in answer.text


@pytest.mark.parametrize("coding", ["deflate", "gzip", "br", "identity"])
def test_given_a_compressed_body_when_sent_then_it_is_not_inflated(attacker, coding):
    bomb = b"0" * 50_000_000
    body = {"deflate": zlib.compress, "gzip": gzip.compress}.get(coding, lambda raw: raw[:100])(bomb)

    answer = attacker.actions(
        body, token=attacker.branch.rasa.action_token, Content_Encoding=coding
    )

    assert answer.status == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"[]", 400), (b"{}", 400), (b"{", 400), (b'{"next_action": 5}', 400),
        (b'{"next_action": "action_check_balance"}', 400), (b"[" * 100_000, 400),
        (b'{"a": "' + b"x" * 1_100_000 + b'"}', 413),
    ],
    ids=range(8),
)  # fmt: skip
def test_given_a_call_that_is_none_when_sent_then_it_is_refused(attacker, body, status):
    answer = attacker.actions(body, token=attacker.branch.rasa.action_token)

    assert answer.status == status


def test_given_an_unknown_action_when_called_then_404_without_a_list(attacker):
    call = {**a_call(attacker), "next_action": "action_open_the_vault"}

    answer = attacker.actions(call, token=attacker.branch.rasa.action_token)

    assert answer.status == 404
    assert "action_check" not in answer.text


@pytest.mark.parametrize("path", ["/actions", "/", "/health/../actions", "/webhook/"])
def test_given_another_path_when_called_then_nothing_is_listed(attacker, path):
    answer = attacker.actions({}, token=attacker.branch.rasa.action_token, path=path)

    assert answer.status in (404, 405)


def test_given_the_bearer_but_no_signed_turn_when_an_action_is_called_then_nobody_is_served(
    attacker,
):
    stale = attacker.sign(attacker.a_turn(), now_s=time.time() - 120)
    other = attacker.sign(attacker.a_turn())
    own = attacker.a_turn(conversation_id="cv_attack", message_id="m2")
    tokens = [None, "", "x.y.z", stale, other, attacker.sign(own)]

    for token in tokens:
        answer = attacker.actions(
            a_call(attacker, turn=token), token=attacker.branch.rasa.action_token
        )
        said = [message.get("response") for message in answer.json()["responses"]]
        assert said == ["utter_not_authenticated"], token
        # Remembering what was wished is fine; knowing anything of an account is not.
        assert "EUR" not in answer.text
        assert "ac_" not in answer.text


def test_the_servers_listen_on_loopback_only(attacker):
    """Linux only: every listening socket of the two ports is bound to 127.0.0.1."""
    ports = {attacker.branch.rasa.port, attacker.branch.rasa.actions_port}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A"]
    addresses = {
        address for address, port in (entry.split(":") for entry in listening)
        if int(port, 16) in ports
    }  # fmt: skip

    assert addresses == {"0100007F"}
