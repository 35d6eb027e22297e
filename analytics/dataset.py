"""The bank as tables, as of a moment.

    store ──read_books──▶ Books ──until──▶ customer_features ──▶ customers_table
          ──payments────▶ payments and what became known of them, in order of time
          ──left_within─▶ who closed their last account within the days that followed

A table made for a moment holds what could be known then: whatever happens later, even an account
that closes or a case that opens, changes nothing in it. Reading goes through the port of the
bank's store, some hundred customers at a time, so memory follows the chunk and not the bank.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.features import books as columns
from analytics.features.books import NEVER_US, Accounts, Books, Moments, Postings, us_of
from analytics.features.customers import WINDOW_DAYS, customer_features
from bank.domain.accounts import Account, AccountKind
from bank.domain.cases import Case, CaseKind
from bank.domain.ledger import Posting, TransactionKind
from bank.domain.periods import start_of
from bank.ports import Store, UnitOfWork

_CHUNK = 400
_DAY = timedelta(days=1)
_FIXED = (TransactionKind.DIRECT_DEBIT, TransactionKind.STANDING_ORDER)


def customers_table(
    store: Store, as_of_utc: datetime, *, customers: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return one row a customer with an open account at the moment; columns of customers.SCHEMA.

    customers: these only (one costs a few milliseconds); None: everybody.
    """
    since = as_of_utc - timedelta(days=WINDOW_DAYS)
    books = read_books(store, customers=customers, from_utc=since, to_utc=as_of_utc)
    us = us_of(as_of_utc)
    return customer_features(books.until(us), as_of_us=us)


def read_books(
    store: Store,
    *,
    customers: Sequence[str] | None = None,
    from_utc: datetime | None = None,
    to_utc: datetime,
) -> Books:
    """Return what is written down until `to_utc`; postings from `from_utc` on, or all of them.

    Each account's last posting before `from_utc` is there too: it tells the balance.
    """
    ids = list(customers) if customers is not None else customer_ids(store)
    parts = [
        store.read(lambda uow, some=some: _read(uow, some, from_utc, to_utc))  # type: ignore[misc]
        for some in _chunks(ids)
    ]
    return columns.join(parts or [books_of([], [], [], [], [], [])])


def customer_ids(store: Store) -> list[str]:
    """Return the ids of all customers, in order."""
    found: list[str] = []
    while True:
        after = found[-1] if found else ""
        page = store.read(
            lambda uow, after=after: uow.customers.list(id__gt=after, limit=2_000)  # type: ignore[misc]
        )
        found += [one.id for one in page]
        if not page:
            return found


def left_within(
    books: Books, customers: Sequence[str], *, as_of_utc: datetime, days: int
) -> NDArray[np.int8]:
    """Return 1 for each customer who closed their last account in the days after the moment.

    books: read until those days were over; a customer who opens another account in them stays.
    """
    begin, end = us_of(as_of_utc), us_of(as_of_utc + days * _DAY)
    accounts = books.accounts
    place = {who: number for number, who in enumerate(books.customers)}
    stays = np.zeros(len(books.customers), np.bool_)
    is_open_then = (accounts.opened_us <= end) & (accounts.closed_us > end)
    stays[accounts.customer[is_open_then]] = True
    was_here = np.zeros(len(books.customers), np.bool_)
    was_open = (accounts.opened_us <= begin) & (accounts.closed_us > begin)
    was_here[accounts.customer[was_open]] = True
    asked = np.array([place[who] for who in customers], np.intp)
    return (was_here[asked] & ~stays[asked]).astype(np.int8)


def first_and_last_utc(store: Store) -> tuple[datetime, datetime] | None:
    """Return when the first and the last posting were booked; None for a bank without any."""

    def work(uow: UnitOfWork) -> tuple[datetime, datetime] | None:
        ends = [
            uow.postings.list(order_by="booked_at_utc", descending=last, limit=1)
            for last in (False, True)
        ]
        return (ends[0][0].booked_at_utc, ends[1][0].booked_at_utc) if ends[0] else None

    return store.read(work)


def _chunks(ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(ids), _CHUNK):
        yield tuple(ids[start : start + _CHUNK])


def _read(
    uow: UnitOfWork, customers: tuple[str, ...], from_utc: datetime | None, to_utc: datetime
) -> Books:
    accounts: list[Account] = uow.accounts.list(customer_id=customers)
    ids = tuple(account.id for account in accounts)
    since: dict[str, Any] = {"booked_at_utc__gte": from_utc} if from_utc else {}
    days: dict[str, Any] = {"day__gte": from_utc.date()} if from_utc else {}
    postings: list[Posting] = []
    if from_utc is not None:
        for account_id in ids:
            postings += uow.postings.list(
                account_id=account_id, booked_at_utc__lt=from_utc, order_by="booked_at_utc",
                descending=True, limit=1,
            )  # fmt: skip
    if ids:
        postings += uow.postings.list(
            account_id=ids, booked_at_utc__lte=to_utc, order_by="booked_at_utc", **since
        )
    return books_of(
        list(customers),
        accounts,
        postings,
        uow.cards.list(customer_id=customers, issued_at_utc__lte=to_utc),
        uow.cases.list(customer_id=customers, opened_at_utc__lte=to_utc),
        uow.login_days.list(customer_id=customers, day__lte=to_utc.date(), **days),
    )


def books_of(
    customers: list[str],
    accounts: list[Account],
    postings: list[Posting],
    cards: list[Any],
    cases: list[Case],
    login_days: list[Any],
) -> Books:
    """Return records of the bank as books; every account and event belongs to the customers."""
    place = {who: number for number, who in enumerate(customers)}
    at_day = {day: us_of(start_of(day) + _DAY) for day in {one.day for one in login_days}}

    def when(of: list[tuple[str, int]]) -> Moments:
        return columns.moments([(place[who], us, 1) for who, us in of])

    return Books(
        customers=tuple(customers),
        accounts=Accounts(
            customer=_ints(place[str(one.customer_id)] for one in accounts),
            opened_us=_ints(us_of(one.opened_at_utc) for one in accounts),
            closed_us=_ints(
                us_of(one.closed_at_utc) if one.closed_at_utc else NEVER_US for one in accounts
            ),
            is_euro=np.array([one.currency == "EUR" for one in accounts], np.bool_),
            is_savings=np.array([one.kind is AccountKind.SAVINGS for one in accounts], np.bool_),
        ),
        postings=_postings(accounts, postings),
        cards=when([(str(one.customer_id), us_of(one.issued_at_utc)) for one in cards]),
        complaints=when([
            (str(one.customer_id), us_of(one.opened_at_utc))
            for one in cases if one.kind is CaseKind.COMPLAINT
        ]),
        cases=when([(str(one.customer_id), us_of(one.opened_at_utc)) for one in cases]),
        login_days=when([(str(one.customer_id), at_day[one.day]) for one in login_days]),
    )  # fmt: skip


def _postings(accounts: list[Account], postings: list[Posting]) -> Postings:
    number = {account.id: place for place, account in enumerate(accounts)}
    owner = {account.id: account.customer_id for account in accounts}
    seen: dict[tuple[str, str | None], int] = {}
    for one in postings:
        if one.kind is TransactionKind.TRANSFER:
            pair = (one.transaction_id, owner[one.account_id])
            seen[pair] = seen.get(pair, 0) + 1

    def flags(*kinds: TransactionKind) -> NDArray[np.bool_]:
        return np.array([one.kind in kinds for one in postings], np.bool_)

    read = Postings(
        account=_ints(number[one.account_id] for one in postings),
        at_us=_ints(us_of(one.booked_at_utc) for one in postings),
        amount_minor=_ints(one.amount_minor for one in postings),
        balance_after_minor=_ints(one.balance_after_minor for one in postings),
        is_salary=flags(TransactionKind.SALARY),
        is_fixed=flags(*_FIXED),
        is_fee=flags(TransactionKind.FEE),
        is_transfer=flags(TransactionKind.TRANSFER),
        is_refund=flags(TransactionKind.REFUND),
        is_own=np.array(
            [seen.get((one.transaction_id, owner[one.account_id]), 0) > 1 for one in postings],
            np.bool_,
        ),
    )
    order = np.lexsort((read.at_us, read.account))
    sorted_postings: Postings = columns.cut(read, order)
    return sorted_postings


def _ints(values: Iterator[int]) -> columns.Ints:
    return np.fromiter(values, np.int64)
