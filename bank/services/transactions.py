"""Transactions: find a line, read a statement.

The store filters, sorts and sums; only names are matched here, and only against the merchants
the account has seen, so a misspelt name costs no scan of postings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from bank.domain.accounts import Account
from bank.domain.actors import Actor
from bank.domain.ids import AccountId, PostingId
from bank.domain.ledger import Category, Posting
from bank.domain.money import Money
from bank.domain.periods import Period
from bank.domain.transactions import Direction, Statement, TransactionPage, TransactionQuery
from bank.policies import access
from bank.ports import Clock, Store, UnitOfWork
from bank.services.names import best_names

STATEMENT_LINES_MAX = 5_000


class Transactions:
    """What happened on a customer's accounts."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def search(self, actor: Actor, query: TransactionQuery) -> TransactionPage:
        """Return the newest (or largest) lines that match, and sums over all that match.

        A merchant nobody knows is looked for in the descriptions. Over all accounts, what only
        moved between the customer's own is in no sum. Raises NotFound (the account).
        """
        access.require(actor, "transactions.search")

        def work(uow: UnitOfWork) -> TransactionPage:
            accounts = _accounts_in(uow, actor, query.account_id, "transactions.search")
            names = _merchants_in(uow, accounts, query.merchant) if query.merchant else ()
            filters = _filters(query, names)
            lines: list[Posting] = []
            count = 0
            sums: dict[Direction, list[Money]] = {Direction.OUT: [], Direction.IN: []}
            for currency, ids in _by_currency(accounts).items():
                for direction in _directions(query):
                    bounds = {**filters, **_bounds(query, direction), "account_id": ids}
                    found = uow.postings.count(**bounds)
                    if not found:
                        continue
                    own = _own_moves_in(uow, accounts, bounds) if len(accounts) > 1 else []
                    total = uow.postings.total("amount_minor", **bounds)
                    total -= sum(line.amount_minor for line in own)
                    sums[direction].append(Money(abs(total), currency))
                    left_out = set() if query.has_own_moves else {line.id for line in own}
                    count += found - len(left_out)
                    newest = uow.postings.list(
                        order_by="amount_minor" if query.is_largest_first else "booked_at_utc",
                        descending=not query.is_largest_first or direction is Direction.IN,
                        limit=query.limit + len(left_out), **bounds,
                    )  # fmt: skip
                    lines += [line for line in newest if line.id not in left_out]
            if query.is_largest_first:
                lines.sort(key=lambda line: (abs(line.amount_minor), line.id), reverse=True)
            else:
                lines.sort(key=lambda line: (line.booked_at_utc, line.id), reverse=True)
            return TransactionPage(
                lines=lines[: query.limit],
                total_count=count,
                spent=sums[Direction.OUT],
                received=sums[Direction.IN],
                merchants=names,
            )

        return self._store.read(work)

    def get(self, actor: Actor, posting_id: PostingId | str) -> Posting:
        """Return one line. Raises NotFound, also for somebody else's."""
        access.require(actor, "transactions.search")

        def work(uow: UnitOfWork) -> Posting:
            posting: Posting = uow.postings.get(posting_id)
            _accounts_in(uow, actor, posting.account_id, "transactions.search")
            return posting

        return self._store.read(work)

    def statement(self, actor: Actor, account_id: AccountId | str, period: Period) -> Statement:
        """Return one account over one period, oldest line first. Raises NotFound."""
        access.require(actor, "transactions.statement")

        def work(uow: UnitOfWork) -> Statement:
            account = _accounts_in(uow, actor, account_id, "transactions.statement")[0]
            since: dict[str, Any] = {
                "account_id": account.id,
                "booked_at_utc__gte": period.from_utc,
            }
            within = {**since, "booked_at_utc__lt": period.to_utc}
            opening = account.posted_minor - uow.postings.total("amount_minor", **since)
            received = uow.postings.total("amount_minor", amount_minor__gt=0, **within)
            spent = -uow.postings.total("amount_minor", amount_minor__lt=0, **within)
            lines: list[Posting] = uow.postings.list(
                order_by="booked_at_utc", limit=STATEMENT_LINES_MAX, **within
            )
            currency = account.currency
            return Statement(
                account=account,
                period=period,
                opening=Money(opening, currency),
                received=Money(received, currency),
                spent=Money(spent, currency),
                closing=Money(opening + received - spent, currency),
                lines=lines,
            )

        return self._store.read(work)


def _accounts_in(
    uow: UnitOfWork, actor: Actor, account_id: AccountId | str | None, action: str
) -> list[Account]:
    """Return the account asked for, or all of the customer's. Raises NotFound."""
    if account_id is None:
        accounts: list[Account] = uow.accounts.list(customer_id=actor.require_customer())
        return accounts
    account: Account = uow.accounts.get(account_id)
    access.require(actor, action, owner_id=account.customer_id or "")
    return [account]


def _merchants_in(uow: UnitOfWork, accounts: Sequence[Account], asked: str) -> tuple[str, ...]:
    ids = tuple(account.id for account in accounts)
    seen = {one.merchant for one in uow.merchants_seen.list(account_id=ids)}
    return tuple(name for name, _ in best_names(asked, seen))


def _filters(query: TransactionQuery, names: tuple[str, ...]) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    if query.from_utc is not None:
        filters["booked_at_utc__gte"] = query.from_utc
    if query.to_utc is not None:
        filters["booked_at_utc__lt"] = query.to_utc
    if query.category is not None:
        filters["category"] = query.category
    if names:
        filters["merchant"] = names
    text = query.text or (query.merchant if not names else None)
    if text:
        filters["description__contains"] = text
    return filters


def _own_moves_in(
    uow: UnitOfWork, accounts: Sequence[Account], bounds: dict[str, Any]
) -> list[Posting]:
    """Return the matching lines whose other leg is on one of these accounts too."""
    if bounds.get("category", Category.TRANSFERS) != Category.TRANSFERS:
        return []
    moved = uow.postings.list(**{**bounds, "category": Category.TRANSFERS})
    suspects = tuple({line.transaction_id for line in moved if line.merchant is None})
    if not suspects:
        return []
    own_ids = tuple(account.id for account in accounts)
    legs = Counter(
        line.transaction_id
        for line in uow.postings.list(transaction_id=suspects, account_id=own_ids)
    )
    return [line for line in moved if legs[line.transaction_id] > 1]


def _directions(query: TransactionQuery) -> tuple[Direction, ...]:
    return (Direction.OUT, Direction.IN) if query.direction is None else (query.direction,)


def _bounds(query: TransactionQuery, direction: Direction) -> dict[str, int]:
    """Return the size of a line as bounds of its signed amount."""
    low, high = max(query.min_minor or 1, 1), query.max_minor
    if direction is Direction.IN:
        bounds = {"amount_minor__gte": low}
        return bounds if high is None else bounds | {"amount_minor__lte": high}
    bounds = {"amount_minor__lte": -low}
    return bounds if high is None else bounds | {"amount_minor__gte": -high}


def _by_currency(accounts: Sequence[Account]) -> dict[str, tuple[str, ...]]:
    ids: dict[str, list[str]] = defaultdict(list)
    for account in accounts:
        ids[account.currency].append(account.id)
    return {currency: tuple(held) for currency, held in ids.items()}
