"""The branch of these tests; argon2 at its cheapest."""

from __future__ import annotations

import pytest

from bank import bootstrap
from bank.security.passwords import Argon2Passwords
from tests.bank.people.world import World


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        bootstrap, "Argon2Passwords", lambda **_: Argon2Passwords(time=1, memory_kib=8, lanes=1)
    )


@pytest.fixture
def world() -> World:
    return World()
