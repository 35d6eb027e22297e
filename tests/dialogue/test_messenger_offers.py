"""A campaign of the messenger, end to end: the service's webhook ─▶ web ─▶ Rasa ─▶ actions ─▶ bank.

Amal has linked Telegram and agreed to offers there. At night nothing is offered, in the morning
once; a no is kept, and "no more offers" ends all of it in one turn.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel, a_customer
from bank.domain.campaigns import CampaignState, CampaignWish, MessageClass, Send, SendState
from bank.domain.consents import Channel, ConsentSource, Purpose
from bank.domain.offers import OfferAnswer, OfferReply
from bank.policies import contacting
from bank.settings import Delivery, Settings
from tests.dialogue.harness import Branch
from tests.dialogue.persona import make_persona
from tests.web.channels.drivers import PUBLIC_URL, TELEGRAM_SECRET, TelegramDriver
from tests.web.channels.fakes import telegram
from tests.web.conftest import ROOMY
from tests.web.house import eventually
from web.app import make_app
from web.assistant import RasaAssistant
from web.channels import doors
from web.channels.calls import Calls

MAKER = Actor(ActorKind.STAFF, "st_maker", LoginLevel.STRONG, frozenset({"agent"}))
CHIEF = Actor(ActorKind.STAFF, "st_chief", LoginLevel.STRONG, frozenset({"supervisor"}))
OFFER = "By the way, this is an offer of ours"
#: A first reply waits for Rasa.
TIMEOUT_S = 30.0


@dataclass
class Chat:
    """Amal's chat in the messenger, and the bank behind it."""

    branch: Branch
    customer_id: str
    driver: TelegramDriver
    service: telegram.FakeTelegram

    async def says(self, text: str) -> list[str]:
        """Say something; return all the messenger then showed."""
        before = len(self.service.shown)
        await self.driver.say(text)
        return await self._shown_since(before)

    async def presses(self, title: str) -> list[str]:
        before = len(self.service.shown)
        await self.driver.press(title)
        return await self._shown_since(before)

    async def _shown_since(self, before: int) -> list[str]:
        await self.service.wait_for(before + 1, timeout_s=TIMEOUT_S)
        await eventually(lambda: not self.branch.bank.messenger_chats.list_unsent())
        return [one.text for one in self.service.shown[before:]]

    def runs(self, offer: str) -> None:
        """Let a campaign of the messenger begin."""
        bank = self.branch.bank
        wish = CampaignWish(
            name=f"messenger {offer}", message_class=MessageClass.MARKETING,
            purpose=Purpose.OFFERS, channels=("messenger",), starts_at_utc=bank.clock(),
            variants=({"code": "a", "share_bp": 10_000, "texts": {"messenger": offer}},),
            ends_at_utc=bank.clock() + timedelta(days=60), budget_minor=1_000, audience={},
        )  # fmt: skip
        bank.campaigns.approve(CHIEF, bank.campaigns.make(MAKER, wish).id)
        bank.campaign_sends.run_due()

    def sends(self) -> list[Send]:
        return self.branch.bank.store.read(
            lambda uow: uow.campaign_sends.list(customer_id=self.customer_id)
        )

    def offers(self) -> list[OfferAnswer]:
        return self.branch.bank.store.read(
            lambda uow: uow.offer_answers.list(customer_id=self.customer_id)
        )

    def turn_to(self, moment: datetime) -> None:
        self.branch.clock.shift = moment - datetime.now(UTC)


@pytest.fixture
async def chat(branch: Branch, tmp_path: Path, monkeypatch) -> AsyncIterator[Chat]:
    monkeypatch.setattr(doors, "Calls", functools.partial(Calls, wait_first_s=0.01))
    monkeypatch.setattr(
        doors, "Deliveries", functools.partial(doors.Deliveries, look_every_s=0.05)
    )
    bank = branch.bank
    for one in bank.campaigns.list(SYSTEM):  # those of stories
        if one.state is CampaignState.RUNNING:
            bank.campaigns.stop(SYSTEM, one.id)
    service = telegram.FakeTelegram()
    await service.server.start_server()
    settings = Settings(
        _env_file=None, home_dir=tmp_path, turn_key=SecretStr(branch.rasa.turn_key),
        delivery=Delivery.DEMO_PHONE, models_dir=tmp_path / "models", public_url=PUBLIC_URL,
        telegram_token=SecretStr(telegram.TOKEN), telegram_api_url=service.url,
        telegram_secret=SecretStr(TELEGRAM_SECRET), telegram_bot_name="florin_bot",
    )  # fmt: skip
    assistant = RasaAssistant(branch.rasa.base_url)
    app = make_app(bank, settings, assistant=assistant, rules=ROOMY)
    async with TestClient(TestServer(app)) as client:
        driver = TelegramDriver(client, service)
        customer_id = make_persona(branch, {}).customer.id
        code = bank.links.make_code(a_customer(customer_id))
        bank.links.redeem("telegram", driver.external_id, code)
        bank.consents.give(
            SYSTEM, customer_id, purpose=Purpose.OFFERS, channel=Channel.MESSENGER,
            source=ConsentSource.STAFF,
        )  # fmt: skip
        yield Chat(branch, customer_id, driver, service)
    branch.clock.shift = timedelta()
    await assistant.close()
    await service.server.close()
    assert service.complaints == []


def next_night() -> datetime:
    """Return a coming moment at which nothing is to be offered, half an hour into it."""
    moment = datetime.now(UTC).replace(minute=30)
    while contacting.next_loud_utc(moment, country="") == moment:
        moment += timedelta(hours=1)
    return moment


@pytest.mark.rasa
async def test_given_a_campaign_of_the_messenger_then_it_waits_for_the_day_is_made_once_and_ends(
    chat: Chat,
) -> None:
    night = next_night()
    chat.turn_to(night)
    chat.runs("savings")
    at_night = await chat.says("what's my balance")
    assert not any(OFFER in one for one in at_night)
    assert [(one.state, one.reasons) for one in chat.sends()] == [
        (SendState.PLANNED, ("quiet_hours",))
    ]

    chat.turn_to(contacting.next_loud_utc(night, country="") + timedelta(minutes=1))
    by_day = await chat.says("what's my balance")
    assert by_day[-1].startswith(OFFER)
    assert [one.state for one in chat.sends()] == [SendState.SENT]

    left = await chat.presses("Not interested")
    assert left == ["All right. I will not offer you that again."]
    assert [(one.offer, one.answer) for one in chat.offers()] == [
        ("savings", OfferReply.NOT_INTERESTED)
    ]
    again = await chat.says("what's my balance")
    assert not any(OFFER in one for one in again)

    [ended] = await chat.says("no more offers")
    assert ended.startswith("Done. From now on you get no more offers")
    consents = chat.branch.bank.consents.list(SYSTEM, chat.customer_id)
    assert [one.is_given for one in consents] == [False]
    chat.turn_to(contacting.next_loud_utc(datetime.now(UTC) + timedelta(days=45), country=""))
    chat.runs("investing")
    later = await chat.says("what's my balance")
    assert not any(OFFER in one for one in later)
    assert len(chat.offers()) == 1
