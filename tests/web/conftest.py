"""One open web application per test, around a bank over dictionaries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from bank.bootstrap import Bank, make_bank
from bank.settings import Settings
from bank.storage.memory import MemoryStore
from tests.web.house import ScriptedAssistant, bearer, make_settings, make_staff
from web.app import make_app
from web.limits import LimitRules

ROOMY = LimitRules(  # limits have their own test
    **dict.fromkeys(LimitRules.__slots__, "100000/minute")
)


@dataclass
class Branch:
    """The running application with its insides at hand."""

    client: TestClient
    app: web.Application
    bank: Bank
    assistant: ScriptedAssistant
    settings: Settings

    async def staff(self, name: str = "mila", *, roles: tuple[str, ...] = ("agent",)) -> TestClient:
        """A console logged in as a member of staff, with the headers of our own pages."""
        member = make_staff(self.bank, name, roles=roles)
        token, _ = self.bank.sessions.start_staff(member)
        client = TestClient(
            self.client.server, cookie_jar=CookieJar(unsafe=True), cookies={"florin_staff": token},
            headers={"X-Florin-CSRF": "1"},
        )  # fmt: skip
        client.session.cookie_jar.update_cookies({"florin_staff": token}, self.client.make_url("/"))
        return client

    async def say(self, token: str, text: str, message_id: str = "m1") -> dict:
        response = await self.client.post(
            "/api/chat/messages", json={"message_id": message_id, "text": text},
            headers=bearer(token),
        )  # fmt: skip
        return await response.json()


@pytest.fixture
async def branch(tmp_path) -> AsyncIterator[Branch]:
    settings = make_settings(tmp_path)
    bank = make_bank(MemoryStore(), settings=settings)
    assistant = ScriptedAssistant()
    app = make_app(bank, settings, assistant=assistant, rules=ROOMY)
    async with TestClient(TestServer(app)) as client:
        yield Branch(client, app, bank, assistant, settings)
