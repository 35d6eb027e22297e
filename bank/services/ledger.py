"""Posting: the only code that changes a posted balance.

    post_in      one transaction, inside the unit of work of the act that causes it
    book_in      the same for the common case: one customer account against the bank's own
    post_batch   many transactions at once (seeding, end-of-day files)
    check        recomputes everything and names what does not agree

An account's posted balance, its postings and their transaction are stored together or not
at all.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bank.domain.accounts import (
    Account,
    AccountKind,
    AccountStatus,
    InternalRole,
    internal_account_id,
)
from bank.domain.errors import CurrencyMismatch
from bank.domain.ibans import make_own_iban
from bank.domain.ids import AccountId, TransactionId, make_id
from bank.domain.ledger import (
    Category,
    MerchantSeen,
    Posting,
    Transaction,
    TransactionKind,
    check_balanced,
    make_postings,
    merchant_seen,
    two_legs,
)
from bank.domain.money import Money
from bank.ports import Store, UnitOfWork
from bank.services.ledger_check import check

__all__ = ["book_in", "check", "internal_account_in", "post_batch", "post_in"]

#: Ids asked for at once; SQLite takes up to 32,766 parameters a statement.
_IDS_CHUNK = 500
#: The bank's own accounts are numbered above every customer's.
_INTERNAL_NO_MIN = 9_000_000_000


def post_in(
    uow: UnitOfWork,
    transaction: Transaction,
    postings: Sequence[Posting],
    *,
    accounts: Mapping[AccountId, Account] | None = None,
) -> list[Posting]:
    """Store a transaction with its postings and move the posted balances; return the postings.

    `accounts` are those the caller has already locked and perhaps changed; they are saved here.
    Nothing about funds or limits is asked: that is the act's business.
    Raises Unbalanced, CurrencyMismatch, NotFound.
    """
    check_balanced(postings)
    touched: dict[AccountId, Account] = dict(accounts or {})
    booked = []
    for posting in postings:
        account = touched.get(posting.account_id)
        if account is None:
            account = uow.accounts.get(posting.account_id, lock=True)
        touched[account.id] = account = _moved(account, posting)
        booked.append(replace(posting, balance_after_minor=account.posted_minor))
    uow.transactions.add(transaction)
    for posting in booked:
        uow.postings.add(posting)
        _note_merchant(uow, posting, touched[posting.account_id])
    for account in touched.values():
        uow.accounts.save(account)
    return booked


def book_in(
    uow: UnitOfWork,
    *,
    account_id: AccountId | str,
    amount: Money,
    against: InternalRole,
    kind: TransactionKind,
    category: Category,
    booked_at_utc: datetime,
    merchant: str | None = None,
    description: str = "",
    reference: str | None = None,
    idempotency_key: str | None = None,
) -> Posting:
    """Book one line on a customer's account against the bank's own; below zero takes money out.

    Returns the customer's posting. Raises CurrencyMismatch, NotFound.
    """
    transaction = Transaction(
        id=TransactionId(make_id("tx")),
        booked_at_utc=booked_at_utc,
        kind=kind,
        merchant=merchant,
        category=category,
        description=description or merchant or "",
        reference=reference,
        idempotency_key=idempotency_key,
    )
    ours = internal_account_in(uow, against, amount.currency, now_utc=booked_at_utc)
    size = Money(abs(amount.amount_minor), amount.currency)
    debit, credit = (account_id, ours.id) if amount.amount_minor < 0 else (ours.id, account_id)
    legs = two_legs(debit_id=AccountId(debit), credit_id=AccountId(credit), amount=size)
    postings = post_in(uow, transaction, make_postings(transaction, legs))
    return next(posting for posting in postings if posting.account_id == account_id)


def internal_account_in(
    uow: UnitOfWork, role: InternalRole, currency: str, *, now_utc: datetime, lock: bool = False
) -> Account:
    """Return the bank's own account for a role and currency; made when it is first needed."""
    account_id = internal_account_id(role, currency)
    found: Account | None = uow.accounts.find(account_id)
    if found is None:
        found = make_internal_account(role, currency, now_utc=now_utc)
        uow.accounts.add(found)
    elif lock:
        found = uow.accounts.get(account_id, lock=True)
    return found


def make_internal_account(role: InternalRole, currency: str, *, now_utc: datetime) -> Account:
    """Return a new, empty account of the bank; its number follows from role and currency."""
    account_id = internal_account_id(role, currency)
    number = _INTERNAL_NO_MIN + zlib.crc32(account_id.encode()) % 1_000_000_000
    return Account(
        id=account_id,
        customer_id=None,
        kind=AccountKind.INTERNAL,
        name=role,
        iban=make_own_iban(number),
        currency=currency,
        status=AccountStatus.ACTIVE,
        opened_at_utc=now_utc,
    )


def post_batch(store: Store, entries: Sequence[tuple[Transaction, Sequence[Posting]]]) -> int:
    """Post many transactions in one unit of work, in the order given; return the postings' number.

    Every account must exist. For seeding and files: a few store calls however many there are.
    Raises Unbalanced, CurrencyMismatch, NotFound.
    """

    def work(uow: UnitOfWork) -> int:
        wanted = {posting.account_id for _, postings in entries for posting in postings}
        accounts = _load_accounts(uow, sorted(wanted))
        booked: list[Posting] = []
        for _, postings in entries:
            check_balanced(postings)
            for posting in postings:
                account = accounts[posting.account_id] = _moved(
                    accounts[posting.account_id], posting
                )
                booked.append(replace(posting, balance_after_minor=account.posted_minor))
        uow.transactions.add_many([transaction for transaction, _ in entries])
        uow.postings.add_many(booked)
        for account in accounts.values():
            uow.accounts.save(account)
        _note_merchants(uow, booked, accounts)
        return len(booked)

    return store.write(work)


def _moved(account: Account, posting: Posting) -> Account:
    if account.currency != posting.currency:
        raise CurrencyMismatch(expected=account.currency, got=posting.currency)
    return replace(account, posted_minor=account.posted_minor + posting.amount_minor)


def _load_accounts(uow: UnitOfWork, ids: Sequence[AccountId]) -> dict[AccountId, Account]:
    found: dict[AccountId, Account] = {}
    for start in range(0, len(ids), _IDS_CHUNK):
        for account in uow.accounts.list(id=tuple(ids[start : start + _IDS_CHUNK])):
            found[account.id] = account
    for missing in set(ids) - set(found):
        uow.accounts.get(missing)  # raises NotFound with its details
    return found


def _note_merchant(uow: UnitOfWork, posting: Posting, account: Account) -> None:
    if posting.merchant is None or account.is_internal:
        return
    seen = merchant_seen(posting.account_id, posting.merchant)
    if uow.merchants_seen.find(seen.id) is None:
        uow.merchants_seen.add(seen)


def _note_merchants(
    uow: UnitOfWork, postings: Iterable[Posting], accounts: Mapping[AccountId, Account]
) -> None:
    wanted: dict[str, MerchantSeen] = {}
    for posting in postings:
        if posting.merchant is not None and not accounts[posting.account_id].is_internal:
            seen = merchant_seen(posting.account_id, posting.merchant)
            wanted[seen.id] = seen
    ids = list(wanted)
    for start in range(0, len(ids), _IDS_CHUNK):
        for known in uow.merchants_seen.list(id=tuple(ids[start : start + _IDS_CHUNK])):
            del wanted[known.id]
    uow.merchants_seen.add_many(list(wanted.values()))
