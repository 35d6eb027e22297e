"""A customer with a past: accounts, logins that fade, a complaint, a chat, a card."""

from __future__ import annotations

from datetime import datetime, timedelta

from bank.bootstrap import Bank
from bank.domain.accounts import InternalRole
from bank.domain.actors import SYSTEM, LoginLevel
from bank.domain.conversations import Sender
from bank.domain.customers import Customer
from bank.domain.habits import login_day
from bank.domain.ledger import Category, TransactionKind
from bank.domain.money import Money
from bank.services.ledger import book_in
from tests.web.house import make_customer


def a_known_customer(bank: Bank, name: str = "amal") -> Customer:
    """Half a year here; came daily, then ever less; asked for a person."""
    customer, now_utc = make_customer(bank, name), bank.clock()
    begun_utc = now_utc - timedelta(days=400)
    for kind, title, amount in (
        ("current", "Everyday", 148_600),
        ("savings", "Rainy days", 900_000),
    ):
        account = bank.accounts.open(
            SYSTEM, customer_id=customer.id, kind=kind, name=title, currency="EUR",
            opened_at_utc=begun_utc,
        )  # fmt: skip
        _pay_in(bank, account.id, Money(amount, "EUR"), begun_utc)
    days = [ago for ago in range(1, 180) if ago > 120 or (ago > 60 and ago % 2) or ago % 12 == 0]
    bank.habits.record(
        SYSTEM,
        [
            login_day(customer.id, (now_utc - timedelta(days=ago)).date(), logins_count=1)
            for ago in days
        ],
    )
    _, session = bank.sessions.start_customer(customer, LoginLevel.PASSWORD)
    chat = str(session.conversation_id)
    bank.conversations.append(session.actor(), chat, text="The fees went up again.")
    bank.conversations.append(SYSTEM, chat, sender=Sender.BOT, text="I am sorry to hear that.")
    bank.conversations.handoff(session.actor(), chat, "complaint", "The fees went up again.")
    return customer


def _pay_in(bank: Bank, account_id: str, amount: Money, at_utc: datetime) -> None:
    bank.store.write(
        lambda uow: book_in(
            uow, account_id=account_id, amount=amount, against=InternalRole.CLEARING,
            kind=TransactionKind.TRANSFER, category=Category.TRANSFERS, booked_at_utc=at_utc,
        )
    )  # fmt: skip
