"""A bank with willing people, staff and campaigns, over any store, with a clock one can turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bank.bootstrap import Bank, make_bank
from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.campaigns import Campaign, CampaignWish, MessageClass, Send
from bank.domain.consents import Channel, ConsentSource, Purpose
from bank.domain.customers import Customer
from bank.policies import contacting
from bank.ports import Store
from bank.security.keys import Keyring
from bank.storage.memory import MemoryStore
from tests.bank.builders import TurnedClock

#: A Monday, one o'clock in Berlin.
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEYRING = Keyring(b"k" * 32)
MAKER = Actor(ActorKind.STAFF, "st_maker", LoginLevel.STRONG, frozenset({"agent"}))
CHIEF = Actor(ActorKind.STAFF, "st_chief", LoginLevel.STRONG, frozenset({"supervisor"}))
SAVINGS = ({"code": "a", "share_bp": 10_000, "texts": {"mail": "campaign_savings"}},)


def a_wish(**changes: Any) -> CampaignWish:
    values: dict[str, Any] = {
        "name": "Spring", "message_class": MessageClass.MARKETING, "purpose": Purpose.OFFERS,
        "channels": ("mail",), "variants": SAVINGS, "starts_at_utc": NOON,
        "ends_at_utc": NOON + timedelta(days=30), "budget_minor": 1_000_000, "audience": {},
    }  # fmt: skip
    return CampaignWish(**(values | changes))


@dataclass
class Town:
    store: Store = field(default_factory=MemoryStore)
    clock: TurnedClock = field(default_factory=lambda: TurnedClock(NOON))

    def __post_init__(self) -> None:
        self.bank: Bank = make_bank(self.store, clock=self.clock, keyring=KEYRING)
        self._count = 0

    def person(self, *, agrees: tuple[str, ...] = ("mail",), **facts: Any) -> Customer:
        """Return a customer outside the hold-out, whatever chance their id had."""
        self._count += 1
        number, try_no = self._count, 0
        while True:
            customer_id = f"cu_{number:04d}{try_no}"
            digest = KEYRING.digest("contacting/hold_out", customer_id)
            if contacting.is_held_out(digest) is facts.get("held_out", False):
                break
            try_no += 1
        facts.pop("held_out", None)
        customer = self.bank.customers.create(
            SYSTEM,
            **(
                {
                    "customer_id": customer_id,
                    "login_name": f"p{number}",
                    "full_name": f"Ana {chr(64 + number % 26)}",
                    "email": f"p{number}@example.org",
                    "phone": f"+49 151 {number:07d}",
                }
                | facts
            ),
        )
        for channel in agrees:
            self.give(customer, channel)
        return customer

    def give(self, customer: Customer, channel: str = "mail") -> None:
        self.bank.consents.give(
            SYSTEM, customer.id, purpose=Purpose.OFFERS, channel=Channel(channel),
            source=ConsentSource.STAFF,
        )  # fmt: skip

    def withdraw(self, customer: Customer, channel: str = "mail") -> None:
        self.bank.consents.withdraw(
            SYSTEM, customer.id, purpose=Purpose.OFFERS, channel=Channel(channel),
            source=ConsentSource.STAFF,
        )  # fmt: skip

    def approved(self, **changes: Any) -> Campaign:
        campaign = self.bank.campaigns.make(MAKER, a_wish(**changes))
        return self.bank.campaigns.approve(CHIEF, campaign.id)

    def sends(self, **asked: Any) -> list[Send]:
        return self.store.read(lambda uow: uow.campaign_sends.list(**asked))

    def letters(self) -> list[str]:
        return [one.to for one in self.store.read(lambda uow: uow.outbox.list())]

    def state_of(self, campaign: Campaign) -> str:
        return str(self.bank.campaigns.get(SYSTEM, campaign.id).state)
