"""Signed turns: genuine, fresh ones only. The other side is bank/security/turns.py."""

from __future__ import annotations

import base64
import json
import time

import jwt
import pytest

from bot.channels.tokens import InvalidTurn, verify_turn

KEY = "k" * 43


def claims(**changed):
    now_s = int(time.time())
    content = {
        "iss": "florin-web", "aud": "florin-turn", "iat": now_s, "exp": now_s + 60,
        "jti": "m1", "message_id": "m1", "conversation_id": "cv_1", "customer_id": None,
        "login_level": "none", "channel": "web", "locale": "en", "text": "hello", "payload": None,
    }  # fmt: skip
    content.update(changed)
    return {key: value for key, value in content.items() if value != "absent"}


def minted(key=KEY, algorithm="HS256", **changed):
    return jwt.encode(claims(**changed), key, algorithm=algorithm)


def test_given_a_genuine_turn_when_read_then_it_says_what_web_wrote():
    turn = verify_turn(KEY, minted(payload={"intent": "affirm"}))

    assert (turn.conversation_id, turn.message_id, turn.text) == ("cv_1", "m1", "hello")
    assert turn.payload == {"intent": "affirm"}


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(time.time()) - 1}, {"exp": "absent"}, {"iat": "absent"}, {"jti": "absent"},
        {"aud": "other"}, {"aud": "absent"}, {"iss": "mallory"}, {"iss": "absent"},
        {"conversation_id": "absent"}, {"conversation_id": ""}, {"conversation_id": 7},
        {"jti": ""}, {"jti": "m2"}, {"message_id": "m2"}, {"login_level": "root"},
        {"login_level": "absent"}, {"text": 5}, {"text": None}, {"payload": "restart"},
        {"payload": ["restart"]},
    ],
)  # fmt: skip
def test_given_a_claim_that_does_not_fit_when_read_then_it_is_refused(changed):
    with pytest.raises(InvalidTurn):
        verify_turn(KEY, minted(**changed))


def _unsigned() -> str:
    parts = [{"alg": "none", "typ": "JWT"}, claims()]
    coded = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
    return f"{coded[0]}.{coded[1]}."


@pytest.mark.parametrize(
    "token",
    [
        _unsigned(), minted(key="other" * 9), minted(algorithm="HS512"), "", "a.b.c", "null",
        minted()[:-2], minted() + "x", minted().replace(".", ".."), "é" * 40,
    ],
)  # fmt: skip
def test_given_a_token_web_did_not_sign_when_read_then_it_is_refused(token):
    with pytest.raises(InvalidTurn):
        verify_turn(KEY, token)
