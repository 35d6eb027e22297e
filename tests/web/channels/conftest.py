"""A branch with one messenger on, its service a fake on a free port, and somebody in it."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bank.bootstrap import Bank, make_bank
from bank.domain.actors import SYSTEM, a_customer
from bank.domain.customers import Customer
from bank.storage.memory import MemoryStore
from tests.web.channels.drivers import DRIVERS, FAKES, PUBLIC_URL, TELEGRAM_SECRET, Driver
from tests.web.channels.fakes import slack, telegram, twilio
from tests.web.channels.fakes.service import FakeService
from tests.web.conftest import ROOMY
from tests.web.house import (
    ScriptedAssistant,
    eventually,
    make_customer,
    make_settings,
    make_staff,
    staff_actor,
)
from web.app import make_app
from web.channels import doors
from web.channels.calls import Calls
from web.limits import LimitRules


class Clock:
    """The real time, moved ahead by hand."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_s(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


def settings_of(name: str, service: FakeService) -> dict[str, Any]:
    """Return the variables that switch one service on."""
    return {
        "telegram": {
            "telegram_token": SecretStr(telegram.TOKEN), "telegram_api_url": service.url,
            "telegram_secret": SecretStr(TELEGRAM_SECRET), "telegram_bot_name": "florin_bot",
        },
        "whatsapp": {
            "whatsapp_account_sid": twilio.SID, "whatsapp_auth_token": SecretStr(twilio.TOKEN),
            "whatsapp_number": twilio.NUMBER, "whatsapp_api_url": service.url,
        },
        "slack": {
            "slack_token": SecretStr(slack.TOKEN), "slack_api_url": f"{service.url}/api/",
            "slack_signing_secret": SecretStr(slack.SECRET),
        },
    }[name]  # fmt: skip


@dataclass
class Town:
    """Everything of one test."""

    name: str
    client: TestClient
    bank: Bank
    assistant: ScriptedAssistant
    service: Any
    driver: Driver
    clock: Clock
    app: Any

    def link(self, customer: Customer) -> None:
        """Link the driver's account without the messages of linking."""
        code = self.bank.links.make_code(a_customer(customer.id))
        self.bank.links.redeem(self.name, self.driver.external_id, code)

    def linked(self, name: str = "amal") -> Customer:
        customer = make_customer(self.bank, name)
        self.link(customer)
        return customer

    def chat(self) -> Any:
        """The account's chat as it is stored."""
        chats = self.bank.store.read(lambda uow: uow.messenger_chats.list())
        assert len(chats) == 1
        return chats[0]

    def said(self) -> list[tuple[str, str]]:
        lines = self.bank.conversations.transcript(SYSTEM, self.chat().conversation_id)
        return [(line.sender.value, line.text) for line in lines]

    def taken_over(self) -> Any:
        """A member of staff who has taken this conversation over."""
        actor = staff_actor(self.bank, make_staff(self.bank))
        case = self.bank.conversations.handoff(
            SYSTEM, self.chat().conversation_id, "customer_asked", "asked for a person"
        )
        return actor, self.bank.cases.take_over(actor, case.id)

    async def settled(self) -> None:
        """Wait until everything that was said has been sent."""
        await eventually(
            lambda: not self.bank.messenger_chats.list_unsent()
            and not self.app[doors.DELIVERIES]._pumps
        )


@pytest.fixture(params=["telegram", "whatsapp", "slack"])
def service_name(request) -> str:
    return request.param


@pytest.fixture
def rules() -> LimitRules:
    return ROOMY


@pytest.fixture
async def town(service_name, rules, tmp_path, monkeypatch) -> AsyncIterator[Town]:
    monkeypatch.setattr(doors, "Calls", functools.partial(Calls, wait_first_s=0.01))
    monkeypatch.setattr(
        doors, "Deliveries", functools.partial(doors.Deliveries, look_every_s=0.05)
    )
    service = FAKES[service_name]()
    await service.server.start_server()
    settings = make_settings(
        tmp_path, public_url=PUBLIC_URL, **settings_of(service_name, service)
    )
    clock = Clock()
    bank = make_bank(MemoryStore(), settings=settings, clock=clock)
    assistant = ScriptedAssistant()
    app = make_app(bank, settings, assistant=assistant, rules=rules)
    async with TestClient(TestServer(app)) as client:
        driver = DRIVERS[service_name](client, service)
        yield Town(service_name, client, bank, assistant, service, driver, clock, app)
    await service.server.close()
    assert service.complaints == []
