"""Signed turns: what web mints, actions read; anything else is nobody."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import jwt
import pytest

from bank.domain.actors import ActorKind, LoginLevel
from bank.domain.errors import NotAuthenticated
from bank.security import turns
from bank.security.turns import TURN_TTL_S, Turn, mint_turn, verify_turn

KEY = "k" * 43
TURN = Turn("cv_1", "m1", "hello", "cu_amal", LoginLevel.PASSWORD, payload={"intent": "affirm"})


def test_given_a_minted_turn_when_verified_then_it_is_the_same():
    assert verify_turn(KEY, mint_turn(KEY, TURN)) == TURN


def test_given_a_customer_when_read_then_the_actor_is_that_customer_in_that_message():
    actor = verify_turn(KEY, mint_turn(KEY, TURN)).actor()

    assert (actor.kind, actor.id, actor.login_level) == (
        ActorKind.CUSTOMER, "cu_amal", LoginLevel.PASSWORD,
    )  # fmt: skip
    assert (actor.conversation_id, actor.message_id) == ("cv_1", "m1")


@pytest.mark.parametrize(
    "turn",
    [replace(TURN, customer_id=None), replace(TURN, login_level=LoginLevel.NONE)],
)
def test_given_no_login_when_read_then_the_actor_is_a_visitor(turn):
    assert turn.actor().kind is ActorKind.VISITOR


def test_given_a_turn_older_than_its_minute_when_verified_then_nobody():
    token = mint_turn(KEY, TURN, now_s=time.time() - TURN_TTL_S - 1)

    with pytest.raises(NotAuthenticated):
        verify_turn(KEY, token)


@pytest.mark.parametrize("token", ["", "a.b.c", mint_turn("o" * 43, TURN), mint_turn(KEY, TURN)[:-1]])
def test_given_a_token_that_is_not_ours_when_verified_then_nobody(token):
    with pytest.raises(NotAuthenticated):
        verify_turn(KEY, token)


@pytest.mark.parametrize("claim", ["iss", "aud", "iat", "exp", "jti", "conversation_id", "login_level"])
def test_given_a_missing_claim_when_verified_then_nobody(claim):
    claims = jwt.decode(mint_turn(KEY, TURN), options={"verify_signature": False})
    del claims[claim]

    with pytest.raises(NotAuthenticated):
        verify_turn(KEY, jwt.encode(claims, KEY, algorithm="HS256"))


def test_the_bot_has_the_same_rules():
    """Both verifiers name the same issuer, audience and claims; the bot's cannot be imported here."""
    source = (Path(turns.__file__).parents[2] / "bot/channels/tokens.py").read_text()

    for line in (
        f'ISSUER = "{turns.ISSUER}"',
        f'AUDIENCE = "{turns.AUDIENCE}"',
        f"_CLAIMS = {turns._CLAIMS!r}".replace("'", '"'),
    ):
        assert line in source
