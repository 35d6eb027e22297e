"""A running branch with a turnable clock, and a customer with money, payees and purchases."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from bank.bootstrap import Bank, make_bank
from bank.domain.accounts import Account, InternalRole
from bank.domain.actors import SYSTEM, a_customer
from bank.domain.ibans import make_iban
from bank.domain.ledger import Category, TransactionKind
from bank.domain.money import Money
from bank.domain.payees import Payee
from bank.services.ledger import book_in
from bank.services.outbox import place_of
from bank.storage.memory import MemoryStore
from tests.web.conftest import ROOMY
from tests.web.house import (
    PASSWORD,
    ScriptedAssistant,
    bearer,
    make_customer,
    make_settings,
    start_chat,
)
from tests.web.test_notices import Clock
from web.app import make_app

FUNDS_MINOR = 150_000
ELSEWHERE = make_iban("DE", "370400440532013000")


@dataclass
class Amal:
    """A customer at the API: what they own, and how they knock."""

    client: TestClient
    bank: Bank
    clock: Clock
    assistant: ScriptedAssistant
    id: str
    current: Account
    payee: Payee
    token: str = ""

    async def log_in(self) -> None:
        self.token, _ = await start_chat(self.client, customer="amal", password=PASSWORD)

    async def get(self, path: str, **query: str) -> ClientResponse:
        return await self.client.get(path, params=query, headers=bearer(self.token))

    async def post(self, path: str, body: Any = None, **headers: str) -> ClientResponse:
        return await self.client.post(path, json=body or {}, headers=bearer(self.token) | headers)

    async def propose(self, amount_minor: int = 4_000, *, key: str = "key-00001", **to: Any):
        to = to or {"payee_id": self.payee.id}
        body = {"amount_minor": amount_minor, "currency": "EUR", **to}
        return await self.post("/api/transfers", body, **{"Idempotency-Key": key})

    async def confirm(self, transfer_id: str, code: str | None = None) -> ClientResponse:
        body = {} if code is None else {"code": code}
        return await self.post(f"/api/transfers/{transfer_id}/confirm", body)

    def balances(self) -> tuple[int, int]:
        """Return posted and available of the current account."""
        account = self.bank.accounts.get(a_customer(self.id), self.current.id)
        return account.posted.amount_minor, account.available.amount_minor

    def code(self) -> str:
        """Return the one-time code of the newest SMS."""
        items = self.bank.store.read(lambda uow: uow.outbox.list(order_by="created_at_utc"))
        body = self.bank.vault.open(items[-1].body_enc, place=place_of(items[-1].id)).decode()
        found = re.search(r"\b\d{6}\b", body)
        assert found is not None, body
        return found.group()

    def book(self, amount_minor: int, *, merchant: str, days_ago: float, kind: str = "card") -> None:
        self.bank.store.write(
            lambda uow: book_in(
                uow, account_id=self.current.id, amount=Money(amount_minor, "EUR"),
                against=InternalRole.CLEARING, kind=TransactionKind(kind),
                category=Category.SHOPPING, merchant=merchant,
                booked_at_utc=self.clock() - timedelta(days=days_ago),
            )
        )  # fmt: skip


@asynccontextmanager
async def a_branch(home_dir: Path) -> AsyncIterator[Amal]:
    """Run the application; the customer is logged in and past every cooling-off."""
    settings, clock, assistant = make_settings(home_dir), Clock(), ScriptedAssistant()
    bank = make_bank(MemoryStore(), clock=clock, settings=settings)
    customer = make_customer(bank)
    current = bank.accounts.open(
        SYSTEM, customer_id=customer.id, kind="current", name="Everyday", currency="EUR"
    )
    payee = bank.payees.add(
        a_customer(customer.id), name="Ana Silva", iban=ELSEWHERE, idempotency_key="payee-0001"
    )
    clock.pass_s(2 * 86_400)
    app = make_app(bank, settings, assistant=assistant, rules=ROOMY)
    async with TestClient(TestServer(app)) as client:
        amal = Amal(client, bank, clock, assistant, customer.id, current, payee)
        amal.book(FUNDS_MINOR, merchant="Employer", days_ago=0, kind="salary")
        await amal.log_in()
        yield amal
