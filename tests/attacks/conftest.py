"""The attacker: speaks raw HTTP to the branch that tests/dialogue talks to."""

from __future__ import annotations

import http.client
import json
import secrets
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bank.domain.actors import LoginLevel
from bank.domain.ids import ConversationId, CustomerId, MessageId
from bank.security.turns import Turn, mint_turn
from tests.dialogue.harness import Branch


@dataclass(frozen=True)
class Answer:
    """What a door said."""

    status: int
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


class Attacker:
    """Speaks raw HTTP to the two private servers."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch

    def a_turn(self, text: str = "hello", **changed: Any) -> Turn:
        """A turn web would sign, of a visitor in a conversation nobody else uses."""
        turn = Turn(
            ConversationId(f"cv_{secrets.token_hex(8)}"), MessageId(secrets.token_hex(8)), text
        )
        return replace(turn, **changed)

    def a_customer_turn(self, text: str, customer_id: str) -> Turn:
        return self.a_turn(
            text, customer_id=CustomerId(customer_id), login_level=LoginLevel.PASSWORD
        )

    def sign(self, turn: Turn, **changed: Any) -> str:
        return mint_turn(self.branch.rasa.turn_key, turn, **changed)

    def say(self, turn: Turn) -> Answer:
        return self.post_turn({"turn": self.sign(turn)})

    def post_turn(self, body: Any, **headers: str) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.rasa("POST", "/webhooks/florin/turn", raw, **headers)

    def rasa(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        return _call(self.branch.rasa.port, method, path, body, headers)

    def actions(
        self, body: Any, *, token: str | None = None, path: str = "/webhook", **headers: str
    ) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return _call(self.branch.rasa.actions_port, "POST", path, raw, headers)


def _call(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        connection.request(method, path, body, {"Content-Type": "application/json", **named})
        response = connection.getresponse()
        return Answer(response.status, response.read().decode("utf-8", "replace"))
    finally:
        connection.close()


@pytest.fixture(scope="session")
def attacker(branch: Branch) -> Attacker:
    return Attacker(branch)
