"""What a customer's own programs may read: accounts, payees, transactions."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from http import HTTPStatus

from aiohttp import web

from bank.domain.accounts import Account
from bank.domain.ledger import Posting
from bank.domain.money import Money
from bank.domain.payees import Payee
from bank.domain.transactions import TransactionQuery
from web.api.errors import RequestRefused
from web.guard import Answer, Caller, Door, Knock, query_int

LIST_MOST = 200
SEARCH_LIMIT_CHARS = 100


class MoneyView(Answer):
    """An amount: whole minor units for programs, text for people."""

    amount_minor: int
    currency: str
    text: str


class AccountView(Answer):
    id: str
    kind: str
    name: str
    iban: str
    currency: str
    status: str
    posted: MoneyView
    available: MoneyView


class AccountList(Answer):
    accounts: list[AccountView]


class PayeeView(Answer):
    id: str
    name: str
    iban_masked: str
    added_at: datetime


class PayeeList(Answer):
    payees: list[PayeeView]


class TransactionView(Answer):
    id: str
    transaction_id: str
    account_id: str
    booked_at: datetime
    merchant: str | None
    category: str
    description: str
    amount: MoneyView


class TransactionList(Answer):
    transactions: list[TransactionView]
    total_count: int
    spent: list[MoneyView]
    received: list[MoneyView]


def show_money(money: Money) -> MoneyView:
    return MoneyView(
        amount_minor=money.amount_minor, currency=money.currency, text=str(money)
    )


async def accounts(knock: Knock) -> AccountList:
    found = await asyncio.to_thread(knock.bank.accounts.list, knock.actor)
    return AccountList(accounts=[_show_account(account) for account in found])


async def payees(knock: Knock) -> PayeeList:
    found = await asyncio.to_thread(knock.bank.payees.list, knock.actor)
    return PayeeList(payees=[_show_payee(payee) for payee in found])


async def transactions(knock: Knock) -> TransactionList:
    """Search one's own postings; sums are over all that match, not only the page."""
    query = TransactionQuery(
        account_id=knock.request.query.get("account") or None,
        from_utc=_moment(knock.request, "from"),
        to_utc=_moment(knock.request, "to"),
        text=knock.request.query.get("q", "")[:SEARCH_LIMIT_CHARS] or None,
        limit=max(1, query_int(knock.request, "limit", default=50, most=LIST_MOST)),
    )
    page = await asyncio.to_thread(lambda: knock.bank.transactions.search(knock.actor, query))
    return TransactionList(
        transactions=[_show_posting(line) for line in page.lines],
        total_count=page.total_count,
        spent=[show_money(money) for money in page.spent],
        received=[show_money(money) for money in page.received],
    )


def _moment(request: web.Request, name: str) -> datetime | None:
    """Return an ISO date or date and time of the query as UTC. Raises RequestRefused."""
    text = request.query.get(name, "")
    if not text:
        return None
    try:
        if len(text) == len("2026-03-01"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RequestRefused(
            "invalid_input", HTTPStatus.BAD_REQUEST, **{name: "iso_8601"}
        ) from None


def _show_account(account: Account) -> AccountView:
    return AccountView(
        id=account.id,
        kind=account.kind.value,
        name=account.name,
        iban=account.iban,
        currency=account.currency,
        status=account.status.value,
        posted=show_money(account.posted),
        available=show_money(account.available),
    )


def _show_payee(payee: Payee) -> PayeeView:
    return PayeeView(
        id=payee.id, name=payee.name, iban_masked=payee.iban_masked, added_at=payee.added_at_utc
    )


def _show_posting(line: Posting) -> TransactionView:
    return TransactionView(
        id=line.id,
        transaction_id=line.transaction_id,
        account_id=line.account_id,
        booked_at=line.booked_at_utc,
        merchant=line.merchant,
        category=str(line.category),
        description=line.description,
        amount=show_money(Money(line.amount_minor, line.currency)),
    )


_CUSTOMER = Caller.CUSTOMER
DOORS = [
    Door("GET", "/api/accounts", _CUSTOMER, accounts, "One's own accounts", answer=AccountList),
    Door("GET", "/api/payees", _CUSTOMER, payees, "One's own payees", answer=PayeeList),
    Door(
        "GET", "/api/transactions", _CUSTOMER, transactions, "Search one's own postings",
        answer=TransactionList, query=("account", "from", "to", "q", "limit"),
    ),
]  # fmt: skip
