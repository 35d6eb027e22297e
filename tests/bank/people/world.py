"""A small branch over a memory store, with a clock one can turn."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bank.bootstrap import Bank, make_bank
from bank.domain.actors import SYSTEM, VISITOR, Actor, ActorKind, LoginLevel
from bank.domain.cases import Case
from bank.domain.challenges import Challenge
from bank.domain.customers import Customer
from bank.domain.ids import ConversationId, CustomerId
from bank.domain.outbox import OutboxItem
from bank.ports import Store
from bank.security.keys import Keyring
from bank.security.passwords import Argon2Passwords
from bank.storage.memory import MemoryStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
KEYRING = Keyring(b"k" * 32)

#: argon2 at its cheapest: these tests are not about its cost.
_CHEAP = Argon2Passwords(time=1, memory_kib=8, lanes=1)
_HASH = _CHEAP.hash(PASSWORD)

BINDING = {
    "transfer_id": "tr_1",
    "amount_minor": 4_000,
    "currency": "EUR",
    "payee_iban": "DE89370400440532013000",
}


@dataclass
class Clock:
    now_utc: datetime = NOON

    def __call__(self) -> datetime:
        return self.now_utc

    def pass_s(self, seconds: float) -> None:
        self.now_utc += timedelta(seconds=seconds)


@dataclass
class World:
    clock: Clock = field(default_factory=Clock)
    store: Store = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        self.bank: Bank = make_bank(self.store, clock=self.clock, keyring=KEYRING)

    def customer(self, name: str = "amal") -> Customer:
        return self.bank.customers.create(
            SYSTEM,
            login_name=name,
            full_name=f"{name.title()} Haddad",
            email=f"{name}@example.org",
            phone="+49 30 5550123",
            password_hash=_HASH,
        )

    def staff(self, name: str = "bea", roles: tuple[str, ...] = ("agent",)) -> Actor:
        member = self.bank.staff.create(
            SYSTEM,
            login_name=name,
            full_name=f"{name.title()} Blum",
            roles=roles,
            password_hash=_HASH,
        )
        return Actor(ActorKind.STAFF, member.id, LoginLevel.STRONG, frozenset(roles))

    def chat(self, customer: Customer | None = None) -> Actor:
        """Return the actor of somebody in a new conversation."""
        if customer is None:
            chat = self.bank.conversations.start(VISITOR, "web")
            return Actor(ActorKind.VISITOR, "visitor", conversation_id=chat.id)
        who = acting(customer)
        chat = self.bank.conversations.start(who, "web")
        return acting(customer, conversation_id=chat.id)

    def handoff(self, who: Actor) -> Case:
        assert who.conversation_id is not None
        return self.bank.conversations.handoff(
            who, who.conversation_id, "customer_asked", "asked for a person"
        )

    def challenge(
        self, who: Actor, *, purpose: str = "transfer", binding: dict | None = None
    ) -> Challenge:
        self.clock.pass_s(0.001)  # so that the newest SMS is the newest by its time
        return self.store.write(
            lambda uow: self.bank.step_up.challenge_in(
                uow, who, purpose=purpose, binding=binding or BINDING
            )
        )

    def consume(
        self, who: Actor, proof, *, purpose: str = "transfer", binding: dict | None = None
    ) -> None:
        """What a money service does: verify in its own write, then act and consume in one."""
        about = {"purpose": purpose, "binding": binding or BINDING, "proof": proof}
        self.bank.step_up.verify(who, **about)
        self.store.write(lambda uow: self.bank.step_up.consume_in(uow, who, **about))

    def sent(self) -> list[tuple[OutboxItem, str]]:
        """Return what waits in the outbox, in clear."""
        items = self.store.read(lambda uow: uow.outbox.list(order_by="created_at_utc"))
        return [
            (item, self.bank.vault.open(item.body_enc, place=f"outbox|{item.id}|body").decode())
            for item in items
            if item.body_enc is not None
        ]

    def code(self) -> str:
        """Return the code of the newest SMS."""
        found = re.search(r"\b\d{6}\b", self.sent()[-1][1])
        assert found is not None
        return found.group()


def acting(customer: Customer, *, conversation_id: ConversationId | None = None) -> Actor:
    return Actor(
        ActorKind.CUSTOMER,
        CustomerId(customer.id),
        LoginLevel.PASSWORD,
        conversation_id=conversation_id,
    )
